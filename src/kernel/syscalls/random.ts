/** getrandom(2). */
import { randomFillSync } from 'node:crypto';
import { EINVAL } from '../../linux/errno.ts';
import { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';

const GRND_RANDOM = 2;
const GRND_INSECURE = 4;
const GRND_ALL = 7;
/** As much as one call gives (random(4)). */
const MOST = 32 * 2 ** 20 - 1;

/** The host's randomness, straight into the guest's pages. */
export function getrandom(task: Task, args: Float64Array): number {
  const flags = args[2]! | 0;
  if ((flags & ~GRND_ALL) !== 0) return -EINVAL;
  if ((flags & GRND_RANDOM) !== 0 && (flags & GRND_INSECURE) !== 0) return -EINVAL;
  const length = args[1]! < 0 ? MOST : Math.min(args[1]!, MOST);
  const io = IoVector.user(task.memory, args[0]!, length, true);
  while (io.remaining > 0) {
    const { buffer, start, length: room } = io.stretch();
    randomFillSync(buffer, start, room);
    io.advance(room);
  }
  return length;
}
