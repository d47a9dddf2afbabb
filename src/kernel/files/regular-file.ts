/** A regular file that is open. */
import { EFBIG, EINVAL, ENXIO } from '../../linux/errno.ts';
import { IN_ACCESS, IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, IN_MODIFY, IN_OPEN } from '../../linux/inotify.ts';
import { O_APPEND } from '../../linux/open-flags.ts';
import { SIGNALS } from '../../linux/signals.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import { FileDescription } from './description.ts';
import { noSpace } from './no-space.ts';
import type { RegularInode } from './regular-inode.ts';
import { dentryEvent } from './special/fs-notify.ts';
import type { Stat } from './stat.ts';

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** Leaves of a write what RLIMIT_FSIZE allows (setrlimit(2)). @returns false, and SIGXFSZ, when that is nothing */
function limited(io: IoVector, at: number, task: Task): boolean {
  const room = task.group.limits.fileSize - at;
  if (room > 0) io.shorten(room);
  else task.sendSignal(SIGNALS.SIGXFSZ);
  return room > 0;
}

export class RegularFile extends FileDescription {
  override readonly dentry: Dentry;
  readonly inode: RegularInode;

  constructor(dentry: Dentry, inode: RegularInode, flags: number) {
    super(flags);
    this.dentry = dentry;
    this.inode = inode;
    inode.users++;
    dentryEvent(dentry, IN_OPEN);
  }

  get name(): string {
    return this.dentry.path;
  }

  stat(): Stat {
    return this.inode.stat();
  }

  override read(io: IoVector): number {
    const count = this.readAt(io, this.position);
    if (count > 0) this.position += count;
    return count;
  }

  override write(io: IoVector, task?: Task): number {
    const at = this.flags & O_APPEND ? this.inode.pages.size : this.position;
    const count = this.writeAt(io, at, task);
    if (count > 0) this.position = at + count;
    return count;
  }

  override readAt(io: IoVector, offset: number): number {
    const before = io.moved;
    try {
      const count = this.inode.read(io, offset);
      dentryEvent(this.dentry, IN_ACCESS);
      return count;
    } catch (failure) {
      // What was moved before an address that cannot be reached counts.
      return io.moved > before ? io.moved - before : noSpace(failure);
    }
  }

  override writeAt(io: IoVector, offset: number, task?: Task): number {
    const before = io.moved;
    // pwrite(2), BUGS: with O_APPEND the offset does not matter.
    const at = this.flags & O_APPEND ? this.inode.pages.size : offset;
    if (task && at + io.remaining > task.group.limits.fileSize && !limited(io, at, task)) return -EFBIG;
    try {
      const count = this.inode.write(io, at);
      dentryEvent(this.dentry, IN_MODIFY);
      return count;
    } catch (failure) {
      return io.moved > before ? io.moved - before : noSpace(failure);
    }
  }

  override seek(offset: number, whence: number): number {
    const { size } = this.inode.pages;
    let target: number;
    if (whence === SEEK_SET) target = offset;
    else if (whence === SEEK_CUR) target = this.position + offset;
    else if (whence === SEEK_END) target = size + offset;
    else if (whence === SEEK_DATA || whence === SEEK_HOLE) {
      // A file without holes but the one at its end, as lseek(2) allows.
      if (offset < 0 || offset >= size) return -ENXIO;
      target = whence === SEEK_DATA ? offset : size;
    } else return -EINVAL;
    if (!(target >= 0 && target <= Number.MAX_SAFE_INTEGER)) return -EINVAL;
    return (this.position = target);
  }

  override truncate(length: number): number {
    const result = this.inode.truncate(length);
    if (result === 0) dentryEvent(this.dentry, IN_MODIFY);
    return result;
  }

  override sync(): number | Promise<number> {
    return this.inode.sync();
  }

  override memory(): FileMemory {
    return this.inode.mapped(this.writable);
  }

  override release(): void {
    dentryEvent(this.dentry, this.writable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
    this.inode.recordLocks?.release(this);
    this.inode.wholeLocks?.release(this);
    this.inode.users--;
    this.inode.forgetIfUnused();
  }
}
