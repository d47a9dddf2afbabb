/** The kinds of files that /proc is made of: directories whose names come and go, texts made when they are opened, links. */
import { EACCES, EINVAL, ENOENT, EPERM } from '../../../linux/errno.ts';
import { O_ACCMODE } from '../../../linux/open-flags.ts';
import { directoryEntryType, S_IFDIR, S_IFLNK, S_IFREG } from '../../../linux/stat.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import type { Dentry } from '../dentry.ts';
import { FileDescription } from '../description.ts';
import { DirectoryFile } from '../directory-file.ts';
import { Inode, type ListedName } from '../inode.ts';
import { newStat, type Stat } from '../stat.ts';
import type { Superblock } from '../superblock.ts';

export interface Owner {
  uid: number;
  gid: number;
}

const ROOT: Owner = { uid: 0, gid: 0 };

function status(superblock: Superblock, mode: number, { uid, gid }: Owner, nlink = 1): Stat {
  const [dev, ino] = [superblock.device, superblock.newInodeNumber()];
  return newStat({ dev, ino, mode, uid, gid, nlink });
}

/** Makes what a text file holds, for whoever opens it. -errno where it cannot be had. */
export type Text = (task: Task) => string | Buffer | number;
/** Takes what is written. @returns 0 or -errno */
export type Setter = (value: string, task: Task) => number;

/** What is written at once at most. */
const LONGEST_VALUE = 4096;

class TextFile extends FileDescription {
  override readonly dentry: Dentry;
  readonly #content: Buffer;
  readonly #set: Setter | undefined;

  constructor(dentry: Dentry, flags: number, content: Buffer, set: Setter | undefined) {
    super(flags);
    this.dentry = dentry;
    this.#content = content;
    this.#set = set;
  }

  get name(): string {
    return this.dentry.path;
  }

  stat(): Stat {
    return this.dentry.inode!.stat();
  }

  override read(io: IoVector): number {
    const count = this.readAt(io, this.position);
    this.position += count;
    return count;
  }

  override readAt(io: IoVector, offset: number): number {
    return offset >= this.#content.length ? 0 : io.put(this.#content, offset);
  }

  override write(io: IoVector, task: Task): number {
    if (!this.#set || io.remaining > LONGEST_VALUE) return -EINVAL;
    const bytes = Buffer.alloc(io.remaining);
    const count = io.take(bytes);
    const error = this.#set(bytes.toString('latin1'), task);
    return error < 0 ? error : count;
  }

  override writeAt(io: IoVector, _offset: number, task: Task): number {
    return this.write(io, task);
  }

  override seek(offset: number, whence: number): number {
    const base = whence === 0 ? 0 : whence === 1 ? this.position : -1;
    if (base < 0 || base + offset < 0) return -EINVAL;
    return (this.position = base + offset);
  }
}

export class ProcText extends Inode {
  readonly #text: Text;
  readonly #set: Setter | undefined;

  constructor(superblock: Superblock, mode: number, owner: Owner, text: Text, set?: Setter) {
    super(superblock, status(superblock, S_IFREG | mode, owner));
    this.#text = text;
    this.#set = set;
  }

  override open(dentry: Dentry, flags: number, task: Task): FileDescription | number {
    if ((flags & O_ACCMODE) !== 0 && !this.#set) return -EACCES;
    const text = this.#text(task);
    if (typeof text === 'number') return text;
    const content = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    return new TextFile(dentry, flags, content, this.#set);
  }

  /** Shells write with O_TRUNC, which means nothing here. */
  override truncate(): number {
    return this.#set ? 0 : -EPERM;
  }
}

export interface LinkTarget {
  text: string;
  /** Where it leads whatever the text says. */
  dentry?: Dentry | undefined;
}

export class ProcLink extends Inode {
  readonly #target: (task: Task) => LinkTarget | number;

  constructor(superblock: Superblock, owner: Owner, target: (task: Task) => LinkTarget | number) {
    super(superblock, status(superblock, S_IFLNK | 0o777, owner));
    this.#target = target;
  }

  override open(): number {
    return -EPERM;
  }

  override readlink(task: Task): string | number {
    const target = this.#target(task);
    return typeof target === 'number' ? target : target.text;
  }

  override follow(task: Task): Dentry | number | undefined {
    const target = this.#target(task);
    return typeof target === 'number' ? target : target.dentry;
  }
}

/** Where a directory's names come from. */
export interface Names {
  names(task: Task): string[];
  /** The file of that name, the same at each call as long as it is the same; undefined: there is none. */
  find(name: string, task: Task): Inode | undefined;
}

export class ProcDirectory extends Inode {
  readonly #names: Names;

  constructor(superblock: Superblock, mode: number, owner: Owner, names: Names) {
    super(superblock, status(superblock, S_IFDIR | mode, owner, 2));
    this.#names = names;
  }

  override open(dentry: Dentry, flags: number): FileDescription {
    return new DirectoryFile(dentry, this, flags);
  }

  override lookup(name: string, task?: Task): Inode | number {
    return (task && this.#names.find(name, task)) ?? -ENOENT;
  }

  override list(_directory: Dentry, task?: Task): ListedName[] {
    if (!task) return [];
    const listed: ListedName[] = [];
    for (const name of this.#names.names(task)) {
      const inode = this.#names.find(name, task);
      if (!inode) continue;
      listed.push({ name, ino: inode.status.ino, type: directoryEntryType(inode.status.mode) });
    }
    return listed;
  }
}

/** Names that never change. */
export class FixedNames implements Names {
  readonly #files: ReadonlyMap<string, Inode>;

  constructor(files: Readonly<Record<string, Inode>>) {
    this.#files = new Map(Object.entries(files));
  }

  names(): string[] {
    return [...this.#files.keys()];
  }

  find(name: string): Inode | undefined {
    return this.#files.get(name);
  }
}

/** Makes files of one owner, so that tables of them read well. */
export class NodeMaker {
  readonly superblock: Superblock;
  readonly owner: Owner;

  constructor(superblock: Superblock, owner: Owner = ROOT) {
    this.superblock = superblock;
    this.owner = owner;
  }

  text(text: Text, set?: Setter, mode = set ? 0o644 : 0o444): Inode {
    return new ProcText(this.superblock, mode, this.owner, text, set);
  }

  link(target: (task: Task) => LinkTarget | number): Inode {
    return new ProcLink(this.superblock, this.owner, target);
  }

  folder(files: Readonly<Record<string, Inode>>, mode = 0o555): Inode {
    return new ProcDirectory(this.superblock, mode, this.owner, new FixedNames(files));
  }

  changing(names: Names, mode = 0o555): Inode {
    return new ProcDirectory(this.superblock, mode, this.owner, names);
  }
}
