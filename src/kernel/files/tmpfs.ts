/** Files in memory (tmpfs(5)). The names of a directory are its dentry's children: there is no other list of them. */
import { EEXIST, ENODATA, ENOSPC, EPERM } from '../../linux/errno.ts';
import { directoryEntryType, S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../linux/stat.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import { DirectoryFile } from './directory-file.ts';
import { Inode, type Attributes, type ListedName, type NewFile, type Rename } from './inode.ts';
import { FilePages } from './pages.ts';
import { RegularInode } from './regular-inode.ts';
import { openSpecial } from './special-files.ts';
import { newStat, setNow, type Stat } from './stat.ts';
import type { Superblock } from './superblock.ts';

const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
/** xattr(7), tmpfs: what one file may hold of the user's own attributes. */
const MOST_XATTR_BYTES = 65_536;

/** chmod, chown and utimensat on a file whose status is ours. */
export function applyAttributes(status: Stat, attributes: Attributes): number {
  if (attributes.mode !== undefined) status.mode = (status.mode & S_IFMT) | attributes.mode;
  if (attributes.uid !== undefined) status.uid = attributes.uid;
  if (attributes.gid !== undefined) status.gid = attributes.gid;
  if (attributes.atime) status.atime = attributes.atime;
  if (attributes.mtime) status.mtime = attributes.mtime;
  setNow(status.ctime);
  return 0;
}

/** Attributes named by the user (xattr(7)), of a file in memory. */
export class Xattrs {
  readonly #values = new Map<string, Buffer>();
  #bytes = 0;

  get(name: string): Buffer | number {
    return this.#values.get(name) ?? -ENODATA;
  }

  set(name: string, value: Buffer, flags: number): number {
    const old = this.#values.get(name);
    if (old && flags & XATTR_CREATE) return -EEXIST;
    if (!old && flags & XATTR_REPLACE) return -ENODATA;
    const bytes = this.#bytes + value.length - (old?.length ?? -name.length);
    if (bytes > MOST_XATTR_BYTES) return -ENOSPC;
    this.#bytes = bytes;
    this.#values.set(name, value);
    return 0;
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  remove(name: string): number {
    const old = this.#values.get(name);
    if (!old) return -ENODATA;
    this.#bytes -= old.length + name.length;
    this.#values.delete(name);
    return 0;
  }
}

export class TmpfsRegular extends RegularInode {
  readonly pages: FilePages;
  #xattrs: Xattrs | undefined;

  constructor(superblock: Superblock, status: Stat, pages = new FilePages(superblock.memory)) {
    super(superblock, status);
    this.pages = pages;
  }

  override stat(): Stat {
    this.status.blocks = this.pages.held / 512;
    return super.stat();
  }

  override setAttributes(attributes: Attributes): number {
    return applyAttributes(this.status, attributes);
  }

  override getXattr(name: string): Buffer | number {
    return this.#xattrs?.get(name) ?? -ENODATA;
  }

  override setXattr(name: string, value: Buffer, flags: number): number {
    return (this.#xattrs ??= new Xattrs()).set(name, value, flags);
  }

  override listXattrs(): string[] {
    return this.#xattrs?.names() ?? [];
  }

  override removeXattr(name: string): number {
    return this.#xattrs?.remove(name) ?? -ENODATA;
  }
}

export class TmpfsSymlink extends Inode {
  readonly #target: string;

  constructor(superblock: Superblock, status: Stat, target: string) {
    super(superblock, status);
    this.#target = target;
  }

  override open(): number {
    return -EPERM;
  }

  override readlink(): string {
    return this.#target;
  }

  override setAttributes(attributes: Attributes): number {
    return applyAttributes(this.status, attributes);
  }
}

/** The name of a pipe, a socket or a device. */
export class SpecialInode extends Inode {
  /** What the room that knows this kind of file keeps with it: a pipe's buffer, a bound socket. */
  endpoint: unknown;

  override open(
    dentry: Dentry,
    flags: number,
    task: Task,
  ): FileDescription | number | Promise<FileDescription | number> {
    return openSpecial(this, dentry, flags, task);
  }

  override setAttributes(attributes: Attributes): number {
    return applyAttributes(this.status, attributes);
  }
}

export class TmpfsDirectory extends Inode {
  override open(dentry: Dentry, flags: number): FileDescription | number {
    return new DirectoryFile(dentry, this, flags);
  }

  override list(directory: Dentry): ListedName[] | number {
    const names: ListedName[] = [];
    for (const { name, inode } of directory.children?.values() ?? []) {
      if (inode) names.push({ name, ino: inode.status.ino, type: directoryEntryType(inode.status.mode) });
    }
    return names;
  }

  #status(file: NewFile, size: number): Stat {
    setNow(this.status.mtime);
    setNow(this.status.ctime);
    const { superblock } = this;
    superblock.files++;
    return newStat({ ...file, dev: superblock.device, ino: superblock.newInodeNumber(), size });
  }

  override create(_name: string, file: NewFile): Inode | number {
    if (this.superblock.full) return -ENOSPC;
    const status = this.#status(file, 0);
    const type = file.mode & S_IFMT;
    if (type === S_IFREG) return new TmpfsRegular(this.superblock, status);
    if (type === S_IFCHR || type === S_IFBLK) return -EPERM;
    return new SpecialInode(this.superblock, status);
  }

  override mkdir(_name: string, file: NewFile): Inode | number {
    if (this.superblock.full) return -ENOSPC;
    const status = this.#status({ ...file, mode: (file.mode & ~S_IFMT) | S_IFDIR }, 40);
    status.nlink = 2;
    this.status.nlink++;
    return new TmpfsDirectory(this.superblock, status);
  }

  override symlink(_name: string, target: string, file: NewFile): Inode | number {
    if (this.superblock.full) return -ENOSPC;
    const status = this.#status({ ...file, mode: S_IFLNK | 0o777 }, target.length);
    return new TmpfsSymlink(this.superblock, status, target);
  }

  override link(_name: string, inode: Inode): number {
    inode.status.nlink++;
    setNow(inode.status.ctime);
    this.#touched();
    return 0;
  }

  override remove(_name: string, inode: Inode): number {
    if (inode.isDirectory) {
      this.status.nlink--;
      inode.status.nlink = 0;
    } else {
      inode.status.nlink--;
    }
    if (inode.status.nlink === 0 && this.superblock.files > 0) this.superblock.files--;
    setNow(inode.status.ctime);
    this.#touched();
    inode.forgetIfUnused();
    return 0;
  }

  override rename(move: Rename): number {
    const { inode, toDirectory, replaced, exchange } = move;
    if (replaced && !exchange) toDirectory.remove(move.toName, replaced);
    if (inode.isDirectory) {
      this.status.nlink--;
      toDirectory.status.nlink++;
    }
    if (exchange && replaced?.isDirectory) {
      toDirectory.status.nlink--;
      this.status.nlink++;
    }
    setNow(inode.status.ctime);
    this.#touched();
    setNow(toDirectory.status.mtime);
    return 0;
  }

  #touched(): void {
    setNow(this.status.mtime);
    setNow(this.status.ctime);
  }

  override setAttributes(attributes: Attributes): number {
    return applyAttributes(this.status, attributes);
  }
}
