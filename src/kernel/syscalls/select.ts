/** select and pselect6 (select(2)). */
import { EAGAIN, EBADF, EINVAL, ERESTARTNOHAND, ERESTARTSYS } from '../../linux/errno.ts';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../../linux/poll.ts';
import { fail } from '../failure.ts';
import type { FileDescription } from '../files/description.ts';
import type { Task } from '../tasks/task.ts';
import { readTimeout, timeLeft, writeTimeSpec, writeTimeVal } from './deadline.ts';
import type { SyscallFamily } from './handler.ts';
import { MOST_DESCRIPTORS, readMask, underMask, waitForAny, withTimeLeft } from './waiting.ts';

/** Which events put a descriptor into which set (select(2), "Correspondence between select() and poll()"). */
const SET_IN = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR;
const SET_OUT = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR;
const SET_EXCEPT = POLLPRI;
const SETS = [SET_IN, SET_OUT, SET_EXCEPT] as const;

/** The three sets of a select, and the descriptions that are in any of them. */
class Selection {
  readonly #task: Task;
  readonly #addresses: readonly number[];
  readonly #bytes: number;
  readonly #wanted: (Buffer | undefined)[];
  readonly files: FileDescription[] = [];
  readonly #fds: number[] = [];

  /** Fails with EBADF when a descriptor in a set is not open. */
  constructor(task: Task, count: number, addresses: readonly number[]) {
    this.#task = task;
    this.#addresses = addresses;
    this.#bytes = Math.ceil(count / 64) * 8;
    this.#wanted = addresses.map((address) =>
      address ? task.memory.readBytes(address, this.#bytes) : undefined,
    );
    for (let fd = 0; fd < count; fd++) {
      if (!this.#wanted.some((set) => has(set, fd))) continue;
      this.files.push(task.files.find(fd) ?? fail(EBADF));
      this.#fds.push(fd);
    }
  }

  /** Writes the sets when anything is ready, or when `final`. @returns the number of bits, -EAGAIN for none */
  look(final: boolean): number {
    const found = this.#wanted.map((set) => (set ? Buffer.alloc(this.#bytes) : undefined));
    let count = 0;
    for (let index = 0; index < this.files.length; index++) {
      const events = this.files[index]!.poll();
      const fd = this.#fds[index]!;
      for (let set = 0; set < 3; set++) {
        if ((events & SETS[set]!) === 0 || !has(this.#wanted[set], fd)) continue;
        found[set]![fd >> 3]! |= 1 << (fd & 7);
        count++;
      }
    }
    if (count === 0 && !final) return -EAGAIN;
    found.forEach((set, index) => set && this.#task.memory.writeBytes(this.#addresses[index]!, set));
    return count;
  }
}

function has(set: Buffer | undefined, fd: number): boolean {
  return set !== undefined && (set[fd >> 3]! & (1 << (fd & 7))) !== 0;
}

/** @param deadline as for `poll` */
function selectReady(task: Task, args: Float64Array, deadline: number): number | Promise<number> {
  const count = args[0]! | 0;
  if (count < 0) return -EINVAL;
  const selection = new Selection(task, Math.min(count, MOST_DESCRIPTORS), [args[1]!, args[2]!, args[3]!]);
  const ready = selection.look(deadline === -Infinity);
  if (ready !== -EAGAIN) return ready;
  return waitForSelection(task, selection, deadline);
}

async function waitForSelection(task: Task, selection: Selection, deadline: number): Promise<number> {
  const result = await waitForAny(task, selection.files, () => selection.look(false), deadline);
  if (result === 0) return selection.look(true);
  return result === -ERESTARTSYS ? -ERESTARTNOHAND : result;
}

export const select: SyscallFamily = {
  select(task, args) {
    const [, , , , address] = args;
    const timeout = address === 0 ? Infinity : readSelectTimeout(task, address!);
    const call = (deadline: number) => selectReady(task, args, deadline);
    return withTimeLeft(task, timeout, call, (deadline) =>
      writeTimeVal(task.memory, address!, timeLeft(task, deadline)),
    );
  },

  pselect6(task, args) {
    const [, , , , address, argument] = args;
    const timeout = readTimeout(task.memory, address!);
    const mask =
      argument === 0
        ? undefined
        : readMask(task, task.memory.readI64(argument!), task.memory.readI64(argument! + 8));
    const call = (deadline: number) => selectReady(task, args, deadline);
    return underMask(task, mask, () =>
      withTimeLeft(task, timeout, call, (deadline) =>
        writeTimeSpec(task.memory, address!, timeLeft(task, deadline)),
      ),
    );
  },
};

/** select(2) takes any number of microseconds, and carries them over. */
function readSelectTimeout(task: Task, address: number): number {
  const seconds = task.memory.readI64(address);
  const microseconds = task.memory.readI64(address + 8);
  if (seconds < 0 || microseconds < 0) fail(EINVAL);
  return seconds * 1000 + microseconds / 1000;
}
