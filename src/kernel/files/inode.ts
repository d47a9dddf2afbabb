/**
 * A file as such (inode(7)): what a name refers to. Every kind of file system derives its own, and overrides what it can
 * do; the rest answers as Linux does. Methods return a negative errno for what can be expected to fail.
 *
 * Names are kept by dentries; an inode is only told about them, and may refuse (Linux: struct inode_operations).
 */
import { EINVAL, ENODATA, ENOENT, ENOTDIR, EOPNOTSUPP, EPERM, EROFS } from '../../linux/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../linux/stat.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import type { FileLocks } from './locks.ts';
import type { Stat, Time } from './stat.ts';
import type { Superblock } from './superblock.ts';

/** What a new file begins with. */
export interface NewFile {
  /** Type and permissions, the umask taken off. */
  mode: number;
  uid: number;
  gid: number;
  /** For devices. */
  rdev?: number;
}

/** What chmod, chown and utimensat change. */
export interface Attributes {
  /** Permissions only. */
  mode?: number;
  uid?: number;
  gid?: number;
  atime?: Time;
  mtime?: Time;
}

export interface ListedName {
  name: string;
  ino: number;
  /** S_IFREG >> 12 and so on; 0 where the host does not say. */
  type: number;
}

/** What rename(2) asks of a directory: both are of one file system, and have been checked. */
export interface Rename {
  name: string;
  inode: Inode;
  toDirectory: Inode;
  toName: string;
  replaced: Inode | undefined;
  exchange: boolean;
}

export abstract class Inode {
  readonly superblock: Superblock;
  readonly status: Stat;
  /** Descriptions that are open on it. */
  users = 0;
  /** Locks of fcntl(2), and of flock(2); made when the first is taken. */
  recordLocks: FileLocks | undefined;
  wholeLocks: FileLocks | undefined;

  constructor(superblock: Superblock, status: Stat) {
    this.superblock = superblock;
    this.status = status;
  }

  get type(): number {
    return this.status.mode & S_IFMT;
  }

  get isDirectory(): boolean {
    return (this.status.mode & S_IFMT) === S_IFDIR;
  }

  get isSymlink(): boolean {
    return (this.status.mode & S_IFMT) === S_IFLNK;
  }

  get isRegular(): boolean {
    return (this.status.mode & S_IFMT) === S_IFREG;
  }

  /** One object an inode, overwritten by later calls. */
  stat(): Stat {
    return this.status;
  }

  /** Makes a description of the file; permissions have been checked. A promise where opening waits (fifo(7)). */
  abstract open(
    dentry: Dentry,
    flags: number,
    task: Task,
  ): FileDescription | number | Promise<FileDescription | number>;

  /** A directory's file of that name; -ENOENT when there is none. Asked only for names that no dentry is known for. */
  lookup(_name: string, _task?: Task): Inode | number {
    return this.isDirectory ? -ENOENT : -ENOTDIR;
  }

  /** All names of a directory but `.` and `..`. */
  list(_directory: Dentry, _task?: Task): ListedName[] | number {
    return -ENOTDIR;
  }

  /** Is it worth remembering that a name is not there? Not where asking costs nothing, or the answer may change. */
  get remembersAbsence(): boolean {
    return false;
  }

  /** Makes a file of any type but directory and symbolic link. There is no file of that name. */
  create(_name: string, _file: NewFile): Inode | number {
    return -EPERM;
  }

  mkdir(_name: string, _file: NewFile): Inode | number {
    return -EPERM;
  }

  symlink(_name: string, _target: string, _file: NewFile): Inode | number {
    return -EPERM;
  }

  /** Gives a file of the same file system one more name. */
  link(_name: string, _inode: Inode): number {
    return -EPERM;
  }

  /** Takes the name away from a file, or from an empty directory. */
  remove(_name: string, _inode: Inode): number {
    return -EPERM;
  }

  /** A child moves; what has the new name goes, or gets the old name. */
  rename(_move: Rename): number {
    return -EPERM;
  }

  /** The target of a symbolic link. */
  readlink(_task?: Task): string | number {
    return -EINVAL;
  }

  /** Where a link of /proc leads whatever its text says (proc(5), "magic" links); undefined: follow the text. */
  follow(_task: Task): Dentry | number | undefined {
    return undefined;
  }

  truncate(_length: number): number {
    return -EINVAL;
  }

  setAttributes(_attributes: Attributes): number {
    return this.superblock.readOnly ? -EROFS : -EPERM;
  }

  getXattr(_name: string): Buffer | number {
    return -EOPNOTSUPP;
  }

  setXattr(_name: string, _value: Buffer, _flags: number): number {
    return -EOPNOTSUPP;
  }

  listXattrs(): string[] {
    return [];
  }

  removeXattr(_name: string): number {
    return -ENODATA;
  }

  /** The last name and the last description are gone: whatever it holds can be freed. */
  protected free(): void {}

  /** Memory of names grows large: can this be had from the host again, as it is now? Then it lets go of what it holds. */
  discard(): boolean {
    return false;
  }

  /** A name or a description has gone; were they the last? */
  forgetIfUnused(): void {
    if (this.status.nlink <= 0 && this.users === 0) this.free();
  }
}
