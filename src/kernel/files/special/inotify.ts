/** A queue of what has happened to watched files (inotify(7)). */
import { EAGAIN, EEXIST, EINVAL, ENOSPC } from '../../../linux/errno.ts';
import {
  INOTIFY_EVENT,
  IN_ALL_EVENTS,
  IN_DELETE_SELF,
  IN_EXCL_UNLINK,
  IN_IGNORED,
  IN_ISDIR,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_ONESHOT,
  IN_Q_OVERFLOW,
} from '../../../linux/inotify.ts';
import { FIONREAD } from '../../../linux/ioctls.ts';
import { O_RDONLY } from '../../../linux/open-flags.ts';
import { READABLE } from '../../../linux/poll.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';
import { ANONYMOUS_DEVICE, anonymousStat } from './anonymous.ts';
import { addWatcher, type FileWatcher, removeWatcher, type Watchable } from './fs-notify.ts';

/** /proc/sys/fs/inotify: max_queued_events and max_user_watches. */
const MOST_EVENTS = 16_384;
const MOST_WATCHES = 65_536;

class Watch implements FileWatcher {
  readonly inotify: Inotify;
  readonly wd: number;
  readonly file: Watchable;
  mask: number;

  constructor(inotify: Inotify, wd: number, file: Watchable, mask: number) {
    this.inotify = inotify;
    this.wd = wd;
    this.file = file;
    this.mask = mask;
  }

  happened(events: number, name: string, cookie: number): void {
    const wanted = events & this.mask & IN_ALL_EVENTS;
    if (wanted !== 0) {
      this.inotify.queue(this.wd, wanted | (events & IN_ISDIR), cookie, name);
      if ((this.mask & IN_ONESHOT) !== 0) return this.inotify.drop(this);
    }
    if ((events & IN_DELETE_SELF) !== 0) this.inotify.drop(this);
  }
}

export class Inotify extends FileDescription {
  readonly name = 'anon_inode:inotify';
  readonly #stat: Stat;
  readonly #watches = new Map<number, Watch>();
  readonly #byFile = new Map<Watchable, Watch>();
  /** Encoded events, oldest first. */
  #events: Buffer[] = [];
  #bytes = 0;
  #lastWatch = 0;

  constructor(task: Task, flags: number) {
    super(O_RDONLY | flags);
    this.#stat = anonymousStat(task, ANONYMOUS_DEVICE, 0o600);
  }

  stat(): Stat {
    return this.#stat;
  }

  /** inotify_add_watch(2). @returns a watch descriptor or -errno */
  watch(file: Watchable, mask: number): number {
    if ((mask & IN_ALL_EVENTS) === 0) return -EINVAL;
    if ((mask & IN_MASK_ADD) !== 0 && (mask & IN_MASK_CREATE) !== 0) return -EINVAL;
    const kept = mask & (IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK);
    const old = this.#byFile.get(file);
    if (old) {
      if ((mask & IN_MASK_CREATE) !== 0) return -EEXIST;
      old.mask = (mask & IN_MASK_ADD) !== 0 ? old.mask | kept : kept;
      return old.wd;
    }
    if (this.#watches.size >= MOST_WATCHES) return -ENOSPC;
    const watch = new Watch(this, ++this.#lastWatch, file, kept);
    this.#watches.set(watch.wd, watch);
    this.#byFile.set(file, watch);
    addWatcher(file, watch);
    return watch.wd;
  }

  /** inotify_rm_watch(2). */
  unwatch(wd: number): number {
    const watch = this.#watches.get(wd);
    if (!watch) return -EINVAL;
    this.drop(watch);
    return 0;
  }

  /** The watch is over: its reader is told so. */
  drop(watch: Watch): void {
    this.#forget(watch);
    this.queue(watch.wd, IN_IGNORED, 0, '');
  }

  #forget(watch: Watch): void {
    removeWatcher(watch.file, watch);
    this.#watches.delete(watch.wd);
    this.#byFile.delete(watch.file);
  }

  /** What is the same as the event before it is not told twice. */
  queue(wd: number, mask: number, cookie: number, name: string): void {
    if (this.#events.length > MOST_EVENTS) return;
    const overflow = this.#events.length === MOST_EVENTS;
    const event = overflow ? encode(-1, IN_Q_OVERFLOW, 0, '') : encode(wd, mask, cookie, name);
    if (this.#events.at(-1)?.equals(event)) return;
    this.#events.push(event);
    this.#bytes += event.length;
    this.waiters.wake(READABLE);
  }

  #take(io: IoVector): number {
    let count = 0;
    let room = io.remaining;
    for (const event of this.#events) {
      if (event.length > room) break;
      room -= event.length;
      count++;
    }
    if (this.#events.length === 0) return -EAGAIN;
    if (count === 0) return -EINVAL;
    const bytes = Buffer.concat(this.#events.slice(0, count));
    io.put(bytes);
    this.#events = this.#events.slice(count);
    this.#bytes -= bytes.length;
    return bytes.length;
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    const result = this.#take(io);
    if (result !== -EAGAIN || this.nonblocking) return result;
    return task.waitFor(this.waiters, () => this.#take(io));
  }

  override poll(): number {
    return this.#events.length > 0 ? READABLE : 0;
  }

  override ioctl(task: Task, request: number, argument: number): number | Promise<number> {
    if (request !== FIONREAD) return super.ioctl(task, request, argument);
    task.memory.writeU32(argument, this.#bytes);
    return 0;
  }

  override release(): void {
    for (const watch of this.#watches.values()) this.#forget(watch);
    super.release();
  }
}

/** struct inotify_event, and the name padded with NULs, at least one. */
function encode(wd: number, mask: number, cookie: number, name: string): Buffer {
  const { size } = INOTIFY_EVENT;
  const length = name === '' ? 0 : Math.ceil((name.length + 1) / size) * size;
  const bytes = Buffer.alloc(size + length);
  bytes.writeInt32LE(wd, INOTIFY_EVENT.wd);
  bytes.writeInt32LE(mask | 0, INOTIFY_EVENT.mask);
  bytes.writeUInt32LE(cookie, INOTIFY_EVENT.cookie);
  bytes.writeUInt32LE(length, INOTIFY_EVENT.length);
  bytes.write(name, size, 'latin1');
  return bytes;
}
