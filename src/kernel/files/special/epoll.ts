/**
 * A set of descriptions, and which of them are ready (epoll(7); Linux: fs/eventpoll.c).
 *
 * A watched description puts its item on the ready list whenever something happens to it. Harvesting asks each item on the
 * list what is the case now, and puts those that are level-triggered back: so an edge-triggered item is told of once a
 * change, and a level-triggered one for as long as it is ready.
 */
import { EEXIST, EINVAL, ELOOP, ENOENT, EPERM } from '../../../linux/errno.ts';
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, EPOLLWAKEUP } from '../../../linux/epoll.ts';
import { O_RDWR } from '../../../linux/open-flags.ts';
import { POLLERR, POLLHUP, POLLRDBAND, POLLWRBAND, READABLE, WRITABLE } from '../../../linux/poll.ts';
import type { Task } from '../../tasks/task.ts';
import type { Waiter } from '../../wait-queue.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';
import { ANONYMOUS_DEVICE, anonymousStat } from './anonymous.ts';

const ALWAYS = POLLERR | POLLHUP;
const OPTIONS = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
/** What may be asked for together with EPOLLEXCLUSIVE. */
const WITH_EXCLUSIVE =
  READABLE | WRITABLE | POLLRDBAND | POLLWRBAND | ALWAYS | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
/** How deep epolls may watch each other, and how many one may watch or be watched by: polling them must end soon. */
const DEEPEST = 4;
const MOST_NESTED = 16;

/** What epoll_ctl(2) is given: events and options, and 64 bits that come back with them. */
export interface EpollEvent {
  events: number;
  low: number;
  high: number;
}

class EpollItem implements Waiter {
  readonly epoll: Epoll;
  readonly file: FileDescription;
  readonly fd: number;
  wanted: EpollEvent;

  constructor(epoll: Epoll, file: FileDescription, fd: number, wanted: EpollEvent) {
    this.epoll = epoll;
    this.file = file;
    this.fd = fd;
    this.wanted = wanted;
  }

  get exclusive(): boolean {
    return (this.wanted.events & EPOLLEXCLUSIVE) !== 0;
  }

  /** What is the case of what was asked for; after an event of a one-shot item nothing is. */
  get ready(): number {
    const { events } = this.wanted;
    return (events & ~OPTIONS) === 0 ? 0 : this.file.poll() & (events | ALWAYS) & ~OPTIONS;
  }

  notify(events: number): boolean {
    if (this.file.references === 0) {
      this.epoll.forget(this);
      return false;
    }
    const wanted = this.wanted.events & ~OPTIONS;
    if (wanted === 0 || (events & (wanted | ALWAYS)) === 0) return false;
    const awaited = !this.epoll.waiters.empty;
    this.epoll.markReady(this);
    return awaited;
  }
}

export class Epoll extends FileDescription {
  readonly name = 'anon_inode:[eventpoll]';
  readonly #stat: Stat;
  readonly #items = new Map<FileDescription, Map<number, EpollItem>>();
  readonly #ready = new Set<EpollItem>();
  /** The epolls among what it watches, and those that watch it. */
  readonly #below = new Set<EpollItem>();
  readonly #above = new Set<EpollItem>();

  constructor(task: Task) {
    super(O_RDWR);
    this.#stat = anonymousStat(task, ANONYMOUS_DEVICE, 0o600);
  }

  stat(): Stat {
    return this.#stat;
  }

  /** EPOLL_CTL_ADD. @returns 0 or -errno */
  add(file: FileDescription, fd: number, wanted: EpollEvent): number {
    if (!canPoll(file)) return -EPERM;
    if (file === this) return -EINVAL;
    if ((wanted.events & EPOLLEXCLUSIVE) !== 0) {
      if ((wanted.events & ~WITH_EXCLUSIVE) !== 0 || file instanceof Epoll) return -EINVAL;
    }
    let items = this.#items.get(file);
    if (items?.has(fd)) return -EEXIST;
    const nested = file instanceof Epoll ? this.#checkNesting(file) : 0;
    if (nested < 0) return nested;
    if (!items) this.#items.set(file, (items = new Map()));
    const item = new EpollItem(this, file, fd, wanted);
    items.set(fd, item);
    if (file instanceof Epoll) {
      this.#below.add(item);
      file.#above.add(item);
    }
    file.waiters.add(item);
    if (item.ready !== 0) this.markReady(item);
    return 0;
  }

  /** EPOLL_CTL_MOD: also arms a one-shot item again. */
  modify(file: FileDescription, fd: number, wanted: EpollEvent): number {
    const item = this.#items.get(file)?.get(fd);
    if (!item) return -ENOENT;
    if (((wanted.events | item.wanted.events) & EPOLLEXCLUSIVE) !== 0) return -EINVAL;
    item.wanted = wanted;
    if (item.ready !== 0) this.markReady(item);
    return 0;
  }

  /** EPOLL_CTL_DEL. */
  delete(file: FileDescription, fd: number): number {
    const item = this.#items.get(file)?.get(fd);
    if (!item) return -ENOENT;
    this.forget(item);
    return 0;
  }

  forget(item: EpollItem): void {
    const { file } = item;
    file.waiters.remove(item);
    this.#ready.delete(item);
    const items = this.#items.get(file);
    items?.delete(item.fd);
    if (items?.size === 0) this.#items.delete(file);
    if (file instanceof Epoll) {
      this.#below.delete(item);
      file.#above.delete(item);
    }
  }

  markReady(item: EpollItem): void {
    this.#ready.add(item);
    this.waiters.wake(READABLE);
  }

  /**
   * Takes up to `limit` events off the ready list. @param emit may throw: the event is then not lost
   * @returns how many there were
   */
  harvest(limit: number, emit: (events: number, wanted: EpollEvent, index: number) => void): number {
    let found = 0;
    let left = this.#ready.size;
    for (const item of this.#ready) {
      if (left-- === 0 || found === limit) break;
      const events = item.ready;
      if (events !== 0) emit(events, item.wanted, found++);
      this.#ready.delete(item);
      if (events === 0) continue;
      const { wanted } = item;
      if ((wanted.events & EPOLLONESHOT) !== 0) item.wanted = { ...wanted, events: wanted.events & OPTIONS };
      else if ((wanted.events & EPOLLET) === 0) this.#ready.add(item);
    }
    return found;
  }

  override poll(): number {
    for (const item of this.#ready) {
      if (item.ready !== 0) return READABLE;
      this.#ready.delete(item);
    }
    return 0;
  }

  override release(): void {
    for (const items of this.#items.values()) for (const item of items.values()) this.forget(item);
    super.release();
  }

  /** May this watch `other`? ELOOP when it would watch itself or the chain became too long. */
  #checkNesting(other: Epoll): number {
    if (other.#reaches(this)) return -ELOOP;
    if (this.#levelsAbove() + 1 + other.#levelsBelow() > DEEPEST) return -ELOOP;
    return this.#below.size >= MOST_NESTED || other.#above.size >= MOST_NESTED ? -EINVAL : 0;
  }

  #reaches(other: Epoll): boolean {
    for (const { file } of this.#below) if (file === other || (file as Epoll).#reaches(other)) return true;
    return false;
  }

  #levelsBelow(): number {
    let levels = 0;
    for (const { file } of this.#below) levels = Math.max(levels, 1 + (file as Epoll).#levelsBelow());
    return levels;
  }

  #levelsAbove(): number {
    let levels = 0;
    for (const { epoll } of this.#above) levels = Math.max(levels, 1 + epoll.#levelsAbove());
    return levels;
  }
}

/** Regular files and directories are always ready, and cannot be watched (epoll_ctl(2), EPERM). */
function canPoll(file: FileDescription): boolean {
  return file.poll !== FileDescription.prototype.poll;
}
