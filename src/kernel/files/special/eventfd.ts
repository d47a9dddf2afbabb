/** A counter to wait for (eventfd(2)). */
import { EAGAIN, EINVAL } from '../../../linux/errno.ts';
import { O_RDWR } from '../../../linux/open-flags.ts';
import { READABLE, WRITABLE } from '../../../linux/poll.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';
import { ANONYMOUS_DEVICE, anonymousStat } from './anonymous.ts';

export const EFD_SEMAPHORE = 1;

/** A value of 64 bits in halves: counters may be larger than a double holds exactly. */
const word = Buffer.alloc(8);
const HALF = 2 ** 32;

export class EventFd extends FileDescription {
  readonly name = 'anon_inode:[eventfd]';
  readonly #semaphore: boolean;
  readonly #stat: Stat;
  #low: number;
  #high = 0;

  /** @param flags O_NONBLOCK */
  constructor(task: Task, initial: number, semaphore: boolean, flags: number) {
    super(O_RDWR | flags);
    this.#low = initial;
    this.#semaphore = semaphore;
    this.#stat = anonymousStat(task, ANONYMOUS_DEVICE, 0o600);
  }

  stat(): Stat {
    return this.#stat;
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    if (io.remaining < 8) return -EINVAL;
    const result = this.#take(io);
    if (result !== -EAGAIN || this.nonblocking) return result;
    return task.waitFor(this.waiters, () => this.#take(io));
  }

  override write(io: IoVector, task: Task): number | Promise<number> {
    if (io.remaining < 8) return -EINVAL;
    io.take(word, 0, 8);
    const low = word.readUInt32LE(0);
    const high = word.readUInt32LE(4);
    if (low === HALF - 1 && high === HALF - 1) return -EINVAL;
    const result = this.#add(low, high);
    if (result !== -EAGAIN || this.nonblocking) return result;
    return task.waitFor(this.waiters, () => this.#add(low, high));
  }

  /** For the kernel's own use: adds one, and stays at the maximum. */
  signal(): void {
    this.#add(1, 0);
  }

  #take(io: IoVector): number {
    if (this.#low === 0 && this.#high === 0) return -EAGAIN;
    word.writeUInt32LE(this.#semaphore ? 1 : this.#low, 0);
    word.writeUInt32LE(this.#semaphore ? 0 : this.#high, 4);
    io.put(word);
    if (!this.#semaphore) this.#low = this.#high = 0;
    else if (this.#low-- === 0) {
      this.#low = HALF - 1;
      this.#high--;
    }
    this.waiters.wake(WRITABLE);
    return 8;
  }

  /** The counter goes up to 2^64 - 2. */
  #add(low: number, high: number): number {
    const sum = this.#low + low;
    const newLow = sum >= HALF ? sum - HALF : sum;
    const newHigh = this.#high + high + (sum >= HALF ? 1 : 0);
    if (newHigh >= HALF || (newHigh === HALF - 1 && newLow === HALF - 1)) return -EAGAIN;
    this.#low = newLow;
    this.#high = newHigh;
    if (low !== 0 || high !== 0) this.waiters.wake(READABLE);
    return 8;
  }

  override poll(): number {
    const full = this.#high === HALF - 1 && this.#low >= HALF - 2;
    return (this.#low !== 0 || this.#high !== 0 ? READABLE : 0) | (full ? 0 : WRITABLE);
  }
}
