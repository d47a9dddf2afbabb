/** prctl(2): small settings of a task and its process. */
import { EINVAL } from '../../linux/errno.ts';
import { CAPABILITIES } from '../../linux/capabilities.ts';
import type { Task } from '../tasks/task.ts';
import { type SyscallRow, partial } from './handler.ts';

/** With its NUL (PR_SET_NAME). */
const NAME_LENGTH = 16;

type Operation = (task: Task, argument: number, args: Float64Array) => number;

function setName(task: Task, address: number): number {
  let name = '';
  for (let at = 0; at < NAME_LENGTH - 1; at++) {
    const byte = task.memory.readU8(address + at);
    if (byte === 0) break;
    name += String.fromCharCode(byte);
  }
  task.name = name;
  return 0;
}

function getName(task: Task, address: number): number {
  const bytes = Buffer.alloc(NAME_LENGTH);
  bytes.write(task.name, 0, NAME_LENGTH - 1, 'latin1');
  task.memory.writeBytes(address, bytes);
  return 0;
}

function setDumpable(task: Task, value: number): number {
  if (value !== 0 && value !== 1) return -EINVAL;
  task.group.dumpable = value;
  return 0;
}

function setDeathSignal(task: Task, signal: number): number {
  if (signal < 0 || signal > 64) return -EINVAL;
  task.deathSignal = signal;
  return 0;
}

function setNoNewPrivileges(task: Task, value: number, args: Float64Array): number {
  if (value !== 1 || args[2] !== 0 || args[3] !== 0 || args[4] !== 0) return -EINVAL;
  task.noNewPrivileges = true;
  return 0;
}

function keepCapabilities(task: Task, value: number): number {
  if (value !== 0 && value !== 1) return -EINVAL;
  task.credentials = { ...task.credentials, keepCapabilities: value === 1 };
  return 0;
}

function subreaper(task: Task, value: number): number {
  task.group.subreaper = value !== 0;
  return 0;
}

function store(task: Task, address: number, value: number): number {
  task.memory.writeU32(address, value);
  return 0;
}

/** By option. What is missing answers EINVAL, as older kernels do, and programs go on without it. */
const OPERATIONS = new Map<number, Operation>([
  [1, setDeathSignal],
  [2, (task, address) => store(task, address, task.deathSignal)],
  [3, (task) => task.group.dumpable],
  [4, setDumpable],
  [7, (task) => (task.credentials.keepCapabilities ? 1 : 0)],
  [8, keepCapabilities],
  [13, () => 0], // PR_GET_TIMING: statistical
  [14, (_task, value) => (value === 0 ? 0 : -EINVAL)],
  [15, setName],
  [16, getName],
  [21, () => 0], // PR_GET_SECCOMP: no filter
  [23, (_task, number) => (number >= 0 && number < CAPABILITIES.length ? 1 : -EINVAL)], // PR_CAPBSET_READ
  [27, () => 0], // PR_GET_SECUREBITS
  [29, (_task, ns) => (ns < 0 ? -EINVAL : 0)], // PR_SET_TIMERSLACK: timers are as exact as we can
  [30, () => 50_000],
  [36, subreaper],
  [37, (task, address) => store(task, address, task.group.subreaper ? 1 : 0)],
  [38, setNoNewPrivileges],
  [39, (task) => (task.noNewPrivileges ? 1 : 0)],
  [41, () => 0], // PR_SET_THP_DISABLE
  [42, () => 0],
]);

export const prctl: SyscallRow = partial(
  'names, death signal, dumpable, no_new_privs, keepcaps, subreaper; the rest is EINVAL',
  (task, args) => OPERATIONS.get(args[0]! | 0)?.(task, args[1]!, args) ?? -EINVAL,
);
