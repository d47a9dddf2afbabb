/**
 * An open file description (open(2)): what a descriptor refers to, shared by dup, fork and SCM_RIGHTS. Every kind of file
 * is a subclass in a file of its own, and overrides what it can do; the rest answers as Linux does for files that cannot.
 */
import { EINVAL, ENODEV, ENOTDIR, ENOTTY, ESPIPE } from '../../linux/errno.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import { WaitQueue } from '../wait-queue.ts';
import type { Dentry } from './dentry.ts';
import type { Stat } from './stat.ts';

/** O_ACCMODE, O_APPEND and O_NONBLOCK, the flags that a description keeps (fcntl(2), F_GETFL). */
const O_ACCMODE = 3;
const O_NONBLOCK = 0o4000;

export interface DirectoryEntry {
  name: string;
  ino: number;
  /** DT_REG and so on (readdir(3)). */
  type: number;
  /** Where the next read begins (getdents64(2), d_off). */
  next: number;
}

export abstract class FileDescription {
  /** O_ACCMODE, O_APPEND, O_NONBLOCK, O_PATH, … as fcntl(F_GETFL) shows them. */
  flags: number;
  /** The file offset of read, write and lseek. */
  position = 0;
  /** Descriptors, mappings and messages under way that refer to this. */
  references = 0;
  /** The name it was opened by, where it has one in a file system. */
  readonly dentry: Dentry | undefined;
  /** Woken whenever `poll()` may have changed. */
  readonly waiters = new WaitQueue();

  constructor(flags: number) {
    this.flags = flags;
  }

  get readable(): boolean {
    return (this.flags & O_ACCMODE) !== 1;
  }

  get writable(): boolean {
    return (this.flags & O_ACCMODE) !== 0;
  }

  get nonblocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }

  /** What /proc/PID/fd/N shows: a path, or something like `pipe:[17]`. */
  abstract get name(): string;
  abstract stat(): Stat;

  /** Moves bytes at the position and advances it. @returns bytes moved or -errno; a promise when it must wait. */
  read(_io: IoVector, _task: Task): number | Promise<number> {
    return -EINVAL;
  }

  write(_io: IoVector, _task: Task): number | Promise<number> {
    return -EINVAL;
  }

  /** pread(2): at `offset`, leaving the position alone. */
  readAt(_io: IoVector, _offset: number, _task: Task): number | Promise<number> {
    return -ESPIPE;
  }

  writeAt(_io: IoVector, _offset: number, _task: Task): number | Promise<number> {
    return -ESPIPE;
  }

  seek(_offset: number, _whence: number): number {
    return -ESPIPE;
  }

  truncate(_length: number): number {
    return -EINVAL;
  }

  sync(): number | Promise<number> {
    return -EINVAL;
  }

  ioctl(_task: Task, _request: number, _argument: number): number | Promise<number> {
    return -ENOTTY;
  }

  /** POLLIN, POLLOUT, POLLERR, POLLHUP as they are now (poll(2)). */
  poll(): number {
    return 0x5; // POLLIN | POLLOUT: regular files are always ready
  }

  /** A directory's entries from `position` on, at most `limit` of them; -ENOTDIR for anything else. */
  entries(_position: number, _limit: number, _task?: Task): DirectoryEntry[] | number {
    return -ENOTDIR;
  }

  /** The pages behind the file, for mmap(2). @returns -errno for a file that cannot be mapped. */
  memory(): FileMemory | number {
    return -ENODEV;
  }

  /** A process closes one of its descriptors of it, which ends its record locks on the file (fcntl(2)). */
  closing(table: object): void {
    this.dentry?.inode?.recordLocks?.release(table);
  }

  /** The last reference is gone. Whoever watches without holding a reference (epoll(7)) sees `references` at 0. */
  release(): void {
    this.waiters.wake();
  }
}
