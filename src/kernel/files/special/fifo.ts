/** Opening a FIFO (fifo(7)): waits until the other end is opened too, unless it is opened for both. */
import { EAGAIN, ENXIO } from '../../../linux/errno.ts';
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from '../../../linux/open-flags.ts';
import type { Task } from '../../tasks/task.ts';
import type { Stat } from '../stat.ts';
import { Pipe, PipeEnd } from './pipe.ts';

export class Fifo {
  readonly #pipe = new Pipe();

  /**
   * @param flags of open(2)
   * @param path what /proc/PID/fd shows
   * @param stat of the FIFO's inode
   * @returns the end, or -errno
   */
  open(
    flags: number,
    path: string,
    stat: () => Stat,
    task: Task,
  ): PipeEnd | number | Promise<PipeEnd | number> {
    const mode = flags & O_ACCMODE;
    const pipe = this.#pipe;
    const nonblocking = (flags & O_NONBLOCK) !== 0;
    if (mode === O_WRONLY && nonblocking && pipe.readers === 0) return -ENXIO;
    const end = new PipeEnd(pipe, flags, path, stat);
    if (mode === O_RDWR) return end;
    if (mode === O_RDONLY) {
      if (pipe.writers > 0 || nonblocking) return end;
      const before = pipe.writersEver;
      return waitForOther(end, task, () => pipe.writers > 0 || pipe.writersEver !== before);
    }
    if (pipe.readers > 0) return end;
    const before = pipe.readersEver;
    return waitForOther(end, task, () => pipe.readers > 0 || pipe.readersEver !== before);
  }
}

/** A partner that has come and gone again counts (Linux: wait_for_partner, fs/pipe.c). */
async function waitForOther(end: PipeEnd, task: Task, came: () => boolean): Promise<PipeEnd | number> {
  const result = await task.waitFor(end.waiters, () => (came() ? 0 : -EAGAIN));
  if (result >= 0) return end;
  end.release();
  return result;
}
