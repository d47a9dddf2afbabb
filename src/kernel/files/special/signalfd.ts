/**
 * Signals to be read (signalfd(2)): always those of the process that reads, whoever has made the descriptor. As on Linux,
 * they have to be blocked, or else they are delivered first.
 */
import { EAGAIN, EINVAL } from '../../../linux/errno.ts';
import { O_RDWR } from '../../../linux/open-flags.ts';
import { READABLE } from '../../../linux/poll.ts';
import type { SignalInfo } from '../../../linux/siginfo.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import { SignalSet } from '../../signals/signal-set.ts';
import type { Task } from '../../tasks/task.ts';
import type { ThreadGroup } from '../../tasks/thread-group.ts';
import type { Waiter } from '../../wait-queue.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';
import { ANONYMOUS_DEVICE, anonymousStat } from './anonymous.ts';

/** struct signalfd_siginfo. */
const SIZE = 128;

export class SignalFd extends FileDescription {
  readonly name = 'anon_inode:[signalfd]';
  readonly #stat: Stat;
  readonly #maker: Task;
  /** What is not read: the complement of the mask. */
  #others: SignalSet;
  /** Processes whose new signals wake our waiters. */
  readonly #sources = new Set<ThreadGroup>();
  readonly #waiter: Waiter = { notify: () => this.waiters.wake(READABLE) };

  /** @param flags O_NONBLOCK */
  constructor(task: Task, mask: SignalSet, flags: number) {
    super(O_RDWR | flags);
    this.#stat = anonymousStat(task, ANONYMOUS_DEVICE, 0o600);
    this.#maker = task;
    this.#others = complement(mask);
    this.#listen(task.group);
  }

  stat(): Stat {
    return this.#stat;
  }

  setMask(mask: SignalSet): void {
    this.#others = complement(mask);
    this.waiters.wake();
  }

  #listen(group: ThreadGroup): void {
    if (this.#sources.has(group)) return;
    this.#sources.add(group);
    group.signalArrived.add(this.#waiter);
    group.atExit.add(() => this.#leave(group));
  }

  #leave(group: ThreadGroup): void {
    this.#sources.delete(group);
    group.signalArrived.remove(this.#waiter);
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    if (io.remaining < SIZE) return -EINVAL;
    const result = this.#take(io, task);
    if (result !== -EAGAIN || this.nonblocking) return result;
    return task.waitFor(task.group.signalArrived, () => this.#take(io, task));
  }

  #take(io: IoVector, task: Task): number {
    const before = io.moved;
    while (io.remaining >= SIZE) {
      const info = this.#next(task);
      if (!info) break;
      io.put(encode(info));
    }
    return io.moved > before ? io.moved - before : -EAGAIN;
  }

  #next(task: Task): SignalInfo | undefined {
    for (const pending of [task.pending, task.group.pending]) {
      const signal = pending.set.firstBeyond(this.#others);
      if (signal !== 0) return pending.take(signal);
    }
    return undefined;
  }

  /** Asked by the process that runs, or, from outside of any call, for the one that has made it. */
  override poll(): number {
    const task = this.#maker.kernel.current ?? this.#maker;
    this.#listen(task.group);
    const { pending, group } = task;
    return pending.set.beyond(this.#others) || group.pending.set.beyond(this.#others) ? READABLE : 0;
  }

  override release(): void {
    for (const group of this.#sources) this.#leave(group);
    super.release();
  }
}

function complement(set: SignalSet): SignalSet {
  return new SignalSet(~set.low, ~set.high);
}

function encode(info: SignalInfo): Buffer {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt32LE(info.signal, 0);
  bytes.writeInt32LE(info.errno ?? 0, 4);
  bytes.writeInt32LE(info.code, 8);
  bytes.writeInt32LE(info.pid ?? 0, 12);
  bytes.writeUInt32LE((info.uid ?? 0) >>> 0, 16);
  bytes.writeInt32LE(info.fd ?? 0, 20);
  if (info.timer) {
    bytes.writeUInt32LE(info.timer.id, 24);
    bytes.writeUInt32LE(info.timer.takeOverrun(), 32);
  }
  bytes.writeUInt32LE((info.band ?? 0) >>> 0, 28);
  bytes.writeInt32LE(info.status ?? 0, 40);
  bytes.writeInt32LE((info.value?.low ?? 0) | 0, 44);
  bytes.writeInt32LE((info.value?.low ?? 0) | 0, 48);
  bytes.writeInt32LE((info.value?.high ?? 0) | 0, 52);
  bytes.writeUInt32LE((info.utime ?? 0) >>> 0, 56);
  bytes.writeUInt32LE((info.stime ?? 0) >>> 0, 64);
  writeAddress(bytes, info.address ?? 0);
  return bytes;
}

function writeAddress(bytes: Buffer, address: number): void {
  bytes.writeUInt32LE(address >>> 0, 72);
  bytes.writeUInt32LE(Math.floor(address / 2 ** 32) >>> 0, 76);
}
