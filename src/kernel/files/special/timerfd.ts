/** A timer to read from (timerfd_create(2)). */
import { EAGAIN, EINVAL } from '../../../linux/errno.ts';
import { O_RDWR } from '../../../linux/open-flags.ts';
import { READABLE } from '../../../linux/poll.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import { IntervalTimer } from '../../time/interval-timer.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';
import { ANONYMOUS_DEVICE, anonymousStat } from './anonymous.ts';

export class TimerFd extends FileDescription {
  readonly name = 'anon_inode:[timerfd]';
  /** CLOCK_MONOTONIC, CLOCK_REALTIME, … */
  readonly clock: number;
  readonly timer: IntervalTimer;
  readonly #stat: Stat;
  #expirations = 0;

  /** @param flags O_NONBLOCK */
  constructor(task: Task, clock: number, flags: number) {
    super(O_RDWR | flags);
    this.clock = clock;
    this.timer = new IntervalTimer(task.kernel, (count) => {
      this.#expirations += count;
      this.waiters.wake(READABLE);
    });
    this.#stat = anonymousStat(task, ANONYMOUS_DEVICE, 0o600);
  }

  stat(): Stat {
    return this.#stat;
  }

  /** Setting it forgets what has not been read. */
  reset(): void {
    this.#expirations = 0;
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    if (io.remaining < 8) return -EINVAL;
    const result = this.#take(io);
    if (result !== -EAGAIN || this.nonblocking) return result;
    return task.waitFor(this.waiters, () => this.#take(io));
  }

  #take(io: IoVector): number {
    if (this.#expirations === 0) return -EAGAIN;
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(this.#expirations >>> 0, 0);
    bytes.writeUInt32LE(Math.floor(this.#expirations / 2 ** 32), 4);
    io.put(bytes);
    this.#expirations = 0;
    return 8;
  }

  override poll(): number {
    return this.#expirations > 0 ? READABLE : 0;
  }

  override release(): void {
    this.timer.stop();
    super.release();
  }
}
