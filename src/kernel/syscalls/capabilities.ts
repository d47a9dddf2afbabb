/** capget(2) and capset(2), version 3: three sets of 64 bits in two structs of 32 each. */
import { EINVAL, EPERM, ESRCH } from '../../linux/errno.ts';
import { type CapabilitySet, hasCapability } from '../tasks/credentials.ts';
import type { Task } from '../tasks/task.ts';

const VERSION_1 = 0x1998_0330;
const VERSION_2 = 0x2007_1026;
const VERSION_3 = 0x2008_0522;

/** How many structs of data follow; an unknown version is answered with the one that is preferred. */
function structs(task: Task, header: number): number {
  const version = task.memory.readU32(header);
  if (version === VERSION_1) return 1;
  if (version === VERSION_2 || version === VERSION_3) return 2;
  task.memory.writeU32(header, VERSION_3);
  return 0;
}

export function capget(task: Task, args: Float64Array): number {
  const [header, data] = [args[0]!, args[1]!];
  const count = structs(task, header);
  if (count === 0) return data === 0 ? 0 : -EINVAL;
  const pid = task.memory.readI32(header + 4);
  if (pid < 0) return -EINVAL;
  const target = pid === 0 ? task : task.kernel.pids.task(pid);
  if (!target) return -ESRCH;
  if (data === 0) return 0;
  const { effective, permitted, inheritable } = target.credentials;
  [effective, permitted, inheritable].forEach((set, index) => {
    task.memory.writeU32(data + 4 * index, set.low);
    if (count === 2) task.memory.writeU32(data + 12 + 4 * index, set.high);
  });
  return 0;
}

export function capset(task: Task, args: Float64Array): number {
  const [header, data] = [args[0]!, args[1]!];
  const count = structs(task, header);
  if (count === 0) return -EINVAL;
  const pid = task.memory.readI32(header + 4);
  if (pid !== 0 && pid !== task.tid) return -EPERM;
  const read = (index: number): CapabilitySet => ({
    low: task.memory.readI32(data + 4 * index),
    high: count === 2 ? task.memory.readI32(data + 12 + 4 * index) : 0,
  });
  const [effective, permitted, inheritable] = [read(0), read(1), read(2)];
  const old = task.credentials;
  if (!within(permitted, old.permitted) || !within(effective, permitted)) return -EPERM;
  const inheritableLimit = union(old.inheritable, old.permitted);
  if (!hasCapability(old, 'CAP_SETPCAP') && !within(inheritable, inheritableLimit)) return -EPERM;
  task.credentials = { ...old, effective, permitted, inheritable };
  return 0;
}

function within(set: CapabilitySet, limit: CapabilitySet): boolean {
  return ((set.low & ~limit.low) | (set.high & ~limit.high)) === 0;
}

function union(a: CapabilitySet, b: CapabilitySet): CapabilitySet {
  return { low: a.low | b.low, high: a.high | b.high };
}
