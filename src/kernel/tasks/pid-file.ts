/** A process as a descriptor (pidfd_open(2)): readable when it has ended. */
import { O_RDWR } from '../../linux/open-flags.ts';
import { READABLE } from '../../linux/poll.ts';
import { ANONYMOUS_DEVICE, anonymousStat } from '../files/special/anonymous.ts';
import { FileDescription } from '../files/description.ts';
import type { Stat } from '../files/stat.ts';
import type { Waiter } from '../wait-queue.ts';
import type { Task } from './task.ts';
import type { ThreadGroup } from './thread-group.ts';

export class PidFile extends FileDescription {
  readonly name = 'anon_inode:[pidfd]';
  readonly process: ThreadGroup;
  readonly #stat: Stat;
  readonly #ended: Waiter = { notify: () => this.waiters.wake() };

  /** @param flags O_NONBLOCK */
  constructor(task: Task, process: ThreadGroup, flags: number) {
    super(O_RDWR | flags);
    this.process = process;
    this.#stat = anonymousStat(task, ANONYMOUS_DEVICE, 0o600);
    process.ended.add(this.#ended);
  }

  stat(): Stat {
    return this.#stat;
  }

  override poll(): number {
    return this.process.zombie ? READABLE : 0;
  }

  override release(): void {
    this.process.ended.remove(this.#ended);
  }
}
