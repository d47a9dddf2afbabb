/**
 * A folder of the host that the guest shares with it: what either writes, the other sees.
 *
 * Others may change the folder at any moment, even to lead us astray: so every name is looked up again at each use, and
 * no path of more than one part is ever given to the host. A directory is held by a descriptor (O_PATH), and its files are
 * reached through it, `/proc/self/fd/N/name`, without following links.
 */
import { constants } from 'node:fs';
import { EPERM, EXDEV } from '../../linux/errno.ts';
import { O_PATH } from '../../linux/open-flags.ts';
import { S_IFDIR, S_IFMT, S_IFREG } from '../../linux/stat.ts';
import type { MemoryFile } from '../../platform/memory-file.ts';
import { changeOnHost, Place, type Placed } from './bind-place.ts';
import { BindRegular } from './bind-regular.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import { DirectoryFile } from './directory-file.ts';
import * as host from './host.ts';
import { HostHandle } from './host-handle.ts';
import { Inode, type Attributes, type ListedName, type NewFile, type Rename } from './inode.ts';
import type { PageBudget } from './page-budget.ts';
import type { Stat } from './stat.ts';
import { Superblock } from './superblock.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDWR } = constants;

/** f_type of a file system of which we know nothing: that of ext4, as on most machines. */
const MAGIC = 0xef53;

export class BindSuperblock extends Superblock {
  readonly budget: PageBudget;
  /** By device and number on the host: a file with several names is one inode. */
  readonly #inodes = new Map<string, WeakRef<Inode>>();

  constructor(memory: MemoryFile, source: string, readOnly: boolean, budget: PageBudget) {
    super(memory, { type: 'bind', source, magic: MAGIC, readOnly, revalidates: true });
    this.budget = budget;
  }

  /** The root, from a folder's path that the user of the sandbox has given. */
  root(path: string): Inode | number {
    const status = host.lstat(path);
    if (typeof status === 'number') return status;
    if ((status.mode & S_IFMT) !== S_IFDIR) return -EPERM;
    return new BindDirectory(this, status, () => host.open(path, O_PATH | O_DIRECTORY));
  }

  /** The inode for what was found in a directory, with its status brought up to date. */
  inodeFor(status: Stat, place: Place): Inode {
    const key = `${status.dev}:${status.ino}:${status.mode & S_IFMT}`;
    status.dev = this.device;
    const known = this.#inodes.get(key)?.deref();
    if (known) {
      (known as Inode & Placed).refresh(status, place);
      return known;
    }
    const made = this.#make(status, place);
    this.#inodes.set(key, new WeakRef(made));
    return made;
  }

  #make(status: Stat, place: Place): Inode {
    const type = status.mode & S_IFMT;
    if (type === S_IFDIR) return new BindDirectory(this, status, place);
    return type === S_IFREG
      ? new BindRegular(this, status, place, this.budget)
      : new BindOther(this, status, place);
  }
}

/** Links, and what can be seen and not opened: sockets, devices and pipes of the host. */
class BindOther extends Inode implements Placed {
  #place: Place;

  constructor(superblock: BindSuperblock, status: Stat, place: Place) {
    super(superblock, status);
    this.#place = place;
  }

  refresh(status: Stat, place: Place): void {
    Object.assign(this.status, status);
    this.#place = place;
  }

  override open(): number {
    return -EPERM;
  }

  override readlink(): string | number {
    return this.isSymlink ? host.readlink(this.#place.path()) : super.readlink();
  }

  override setAttributes(attributes: Attributes): number {
    return changeOnHost(this.#place.path(), this.status, attributes);
  }
}

export class BindDirectory extends Inode implements Placed {
  readonly #handle: HostHandle;
  #place: Place | (() => number);

  /** @param place where it is; for the root, what opens it */
  constructor(superblock: BindSuperblock, status: Stat, place: Place | (() => number)) {
    super(superblock, status);
    this.#place = place;
    this.#handle = new HostHandle(() => {
      return this.#place instanceof Place
        ? host.open(this.#place.path(), O_PATH | O_DIRECTORY)
        : this.#place();
    });
  }

  refresh(status: Stat, place: Place): void {
    Object.assign(this.status, status);
    this.#place = place;
  }

  /** Names a file of this directory for one call of the host's. Of a directory that is gone, one that nobody has. */
  pathOf(name: string): string {
    const fd = this.#handle.descriptor();
    return fd < 0 ? '/proc/self/fd/-1/gone' : `/proc/self/fd/${fd}/${name}`;
  }

  #self(): string {
    return this.pathOf('.');
  }

  override open(dentry: Dentry, flags: number): FileDescription | number {
    return new DirectoryFile(dentry, this, flags);
  }

  override stat(): Stat {
    const status = host.lstat(this.#self());
    if (typeof status !== 'number') Object.assign(this.status, status, { dev: this.superblock.device });
    return this.status;
  }

  override lookup(name: string): Inode | number {
    const status = host.lstat(this.pathOf(name));
    if (typeof status === 'number') return status;
    return (this.superblock as BindSuperblock).inodeFor(status, new Place(this, name));
  }

  override list(): ListedName[] | number {
    return host.list(this.#self());
  }

  /** What the host has just made, with the ids that our own process has there, and less of the mode if we have a umask. */
  #made(error: number, name: string, mode?: number): Inode | number {
    if (error < 0) return error;
    const made = this.lookup(name);
    if (typeof made === 'number' || mode === undefined) return made;
    const wanted = mode & 0o7777;
    if ((made.status.mode & 0o7777) !== wanted) made.setAttributes({ mode: wanted });
    return made;
  }

  override create(name: string, file: NewFile): Inode | number {
    if ((file.mode & S_IFMT) !== S_IFREG) return -EPERM;
    const fd = host.open(this.pathOf(name), O_CREAT | O_EXCL | O_RDWR, file.mode & 0o7777);
    if (fd >= 0) host.close(fd);
    return this.#made(Math.min(0, fd), name, file.mode);
  }

  override mkdir(name: string, file: NewFile): Inode | number {
    return this.#made(host.mkdir(this.pathOf(name), file.mode & 0o7777), name, file.mode);
  }

  override symlink(name: string, target: string): Inode | number {
    return this.#made(host.symlink(target, this.pathOf(name)), name);
  }

  override link(name: string, inode: Inode): number {
    if (!(inode instanceof BindRegular)) return -EPERM;
    const error = host.link(inode.path(), this.pathOf(name));
    if (error === 0) inode.status.nlink++;
    return error;
  }

  override remove(name: string, inode: Inode): number {
    if (inode instanceof BindRegular) inode.keep();
    const path = this.pathOf(name);
    const error = inode.isDirectory ? host.rmdir(path) : host.unlink(path);
    if (error === 0) inode.status.nlink = inode.isDirectory ? 0 : inode.status.nlink - 1;
    if (error === 0) inode.forgetIfUnused();
    return error;
  }

  override rename({ name, inode, toDirectory, toName, replaced, exchange }: Rename): number {
    // Node has no renameat2: two names cannot change places at once.
    if (exchange) return -EPERM;
    if (!(toDirectory instanceof BindDirectory)) return -EXDEV;
    if (replaced instanceof BindRegular) replaced.keep();
    const error = host.rename(this.pathOf(name), toDirectory.pathOf(toName));
    if (error === 0) (inode as Inode & Placed).refresh(inode.status, new Place(toDirectory, toName));
    return error;
  }

  override setAttributes(attributes: Attributes): number {
    return changeOnHost(this.#self(), this.status, attributes);
  }
}
