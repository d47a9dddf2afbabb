/** Tasks: how they come, go, and wait for each other. */
import * as clone from '../../../linux/clone.ts';
import * as futex from '../../../linux/futex.ts';
import * as wait from '../../../linux/wait.ts';
import type { UserMemory } from '../../memory/user-memory.ts';
import { bitNames, counted, flags, hex, named, nameOf, oneOf } from '../names.ts';
import { quote } from '../quote.ts';
import { late, type Decode, type TraceFamily } from '../row.ts';
import { limit, limitOut, RESOURCE_NAMES, rusageOut, waitStatus } from '../structs/processes.ts';
import { signal, signalText } from '../structs/signals.ts';
import { timespec, timespecOut } from '../structs/time.ts';
import {
  environment,
  filled,
  folder,
  given,
  hexadecimal,
  id,
  integer,
  integerOut,
  path,
  pointer,
  reading,
  size,
  strings,
  unsigned,
} from '../values.ts';

const CLONE = named(
  clone,
  'CLONE_',
  'CLONE_NEW_NAMESPACES',
  'CLONE_CLEAR_SIGHAND_HIGH',
  'CLONE_INTO_CGROUP_HIGH',
  'CLONE_ARGS_SIZE_VER0',
  'CLONE_ARGS_SIZE',
);
const WAIT = flags(
  named(wait, 'W')
    .filter(([, name]) => name !== 'WSTOPPED')
    .map(([bit, name]) => [bit, /^W(ALL|CLONE|NOTHREAD)$/.test(name) ? `__${name}` : name] as const),
);

/** x86-64 and arm64 have the last two in different order; both say what they are. */
const cloneFlags: Decode = (value) => {
  const bits = value - (value % 256);
  const end = value % 256;
  const texts = [...(bits ? [bitNames(CLONE, bits)] : []), ...(end ? [signalText(end)] : [])];
  return `flags=${texts.join('|') || '0'}`;
};
const ifFlag =
  (flag: number, name: string): Decode =>
  (value, { args }) =>
    Math.floor(args[0]! / flag) % 2 === 1 ? `${name}=${hex(value)}` : undefined;

const cloneStack: Decode = (_value, call) => `child_stack=${pointer(call.args[1]!, call)}`;

/** struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls. */
function showCloneArgs(memory: UserMemory, address: number): string {
  const field = (index: number) => memory.readI64(address + index * 8);
  const signalNumber = field(4);
  const fields = [`flags=${bitNames(CLONE, field(0))}`];
  if (field(2) !== 0) fields.push(`child_tid=${hex(field(2))}`);
  if (field(3) !== 0) fields.push(`parent_tid=${hex(field(3))}`);
  fields.push(`exit_signal=${signalNumber === 0 ? '0' : signalText(signalNumber)}`);
  fields.push(`stack=${field(5) === 0 ? 'NULL' : hex(field(5))}`, `stack_size=${hex(field(6))}`);
  if (field(7) !== 0) fields.push(`tls=${hex(field(7))}`);
  return `{${fields.join(', ')}}`;
}

const { FUTEX_CMD_MASK, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME } = futex;
const OPERATIONS = named(futex, 'FUTEX_').filter(([value, name]) => value < 16 && !name.endsWith('MASK'));
const operationOf = (value: number): string => nameOf(OPERATIONS, value & FUTEX_CMD_MASK);

const futexOperation: Decode = (value) => {
  const name = operationOf(value) + (value & FUTEX_PRIVATE_FLAG ? '_PRIVATE' : '');
  return value & FUTEX_CLOCK_REALTIME ? `${name}|FUTEX_CLOCK_REALTIME` : name;
};
const futexOperationOf = (call: Parameters<Decode>[1]): string => operationOf(call.args[1]! | 0);

/** The fourth is a time for those that wait, a count for those that wake others too. */
const futexTime: Decode = (value, call) => {
  const name = futexOperationOf(call);
  if (name === 'FUTEX_WAKE' || name === 'FUTEX_WAKE_BITSET')
    return name === 'FUTEX_WAKE' ? undefined : 'NULL';
  return /REQUEUE|WAKE_OP/.test(name) ? integer(value, call) : timespec(value, call);
};
const ifRequeue: Decode = (value, call) =>
  /REQUEUE|WAKE_OP|BITSET/.test(futexOperationOf(call)) ? pointer(value, call) : undefined;
const lastOfFutex: Decode = (value, call) => {
  const name = futexOperationOf(call);
  if (/BITSET/.test(name)) return (value | 0) === -1 ? 'FUTEX_BITSET_MATCH_ANY' : hex(value >>> 0);
  return /CMP_REQUEUE|WAKE_OP/.test(name) ? hex(value >>> 0) : undefined;
};

const PRCTL = named(
  {
    PR_SET_PDEATHSIG: 1,
    PR_GET_PDEATHSIG: 2,
    PR_GET_DUMPABLE: 3,
    PR_SET_DUMPABLE: 4,
    PR_GET_KEEPCAPS: 7,
    PR_SET_KEEPCAPS: 8,
    PR_SET_NAME: 15,
    PR_GET_NAME: 16,
    PR_GET_SECCOMP: 21,
    PR_SET_SECCOMP: 22,
    PR_CAPBSET_READ: 23,
    PR_CAPBSET_DROP: 24,
    PR_SET_CHILD_SUBREAPER: 36,
    PR_GET_CHILD_SUBREAPER: 37,
    PR_SET_NO_NEW_PRIVS: 38,
    PR_GET_NO_NEW_PRIVS: 39,
    PR_SET_VMA: 0x53564d41,
  },
  '',
);
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;

const prctlArgument = late((value, call) => {
  const option = call.args[0]! | 0;
  if (option !== PR_SET_NAME && option !== PR_GET_NAME) return hexadecimal(value, call);
  return reading(value, call, (memory) => quote(memory.readString(value, 17)));
});

const ARCH = named(
  {
    ARCH_SET_GS: 0x1001,
    ARCH_SET_FS: 0x1002,
    ARCH_GET_FS: 0x1003,
    ARCH_GET_GS: 0x1004,
    ARCH_CET_STATUS: 0x3001,
  },
  '',
);
const POLICY = oneOf(counted('SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH'));
const ID_TYPES = oneOf(counted('P_ALL', 'P_PID', 'P_PGID', 'P_PIDFD'));
const MASK = filled((memory, address, { result }) => {
  const cpus: number[] = [];
  for (let cpu = 0; cpu < Math.min(result!, 128) * 8; cpu++) {
    if ((memory.readU8(address + (cpu >> 3)) >> (cpu & 7)) & 1) cpus.push(cpu);
  }
  return `[${cpus.join(' ')}]`;
});

export const processes: TraceFamily = {
  execve: [path, strings, environment],
  execveat: [folder, path, strings, environment, hexadecimal],
  exit: [integer],
  exit_group: [integer],
  fork: [],
  vfork: [],
  clone: [
    cloneStack,
    (_value, call) => cloneFlags(call.args[0]!, call),
    ifFlag(clone.CLONE_PARENT_SETTID, 'parent_tid'),
    (value, call) =>
      ifFlag(clone.CLONE_CHILD_CLEARTID, 'child_tidptr')(value, call) ??
      ifFlag(clone.CLONE_CHILD_SETTID, 'child_tidptr')(value, call),
    ifFlag(clone.CLONE_SETTLS, 'tls'),
  ],
  clone3: [given(showCloneArgs), size],
  wait4: [integer, waitStatus, WAIT, rusageOut],
  waitid: [ID_TYPES, integer, pointer, WAIT, rusageOut],
  getpid: [],
  getppid: [],
  gettid: [],
  set_tid_address: [pointer],
  set_robust_list: [pointer, size],
  rseq: [pointer, hexadecimal, hexadecimal, hexadecimal],
  futex: [pointer, futexOperation, unsigned, futexTime, ifRequeue, lastOfFutex],
  get_robust_list: [integer, pointer, pointer],
  unshare: [flags(CLONE)],
  sched_yield: [],
  sched_getscheduler: [integer],
  sched_setscheduler: [integer, POLICY, pointer],
  sched_getparam: [integer, pointer],
  sched_setparam: [integer, pointer],
  sched_get_priority_max: [POLICY],
  sched_get_priority_min: [POLICY],
  sched_rr_get_interval: [integer, timespecOut],
  sched_getaffinity: [integer, size, MASK],
  sched_setaffinity: [integer, size, pointer],
  arch_prctl: [oneOf(ARCH), pointer],
  prctl: [oneOf(PRCTL), prctlArgument],
  prlimit64: [integer, oneOf(RESOURCE_NAMES), limit, limitOut],
  getrlimit: [oneOf(RESOURCE_NAMES), limitOut],
  setrlimit: [oneOf(RESOURCE_NAMES), limit],
  getrusage: [
    oneOf([
      [0, 'RUSAGE_SELF'],
      [1, 'RUSAGE_THREAD'],
      [-1, 'RUSAGE_CHILDREN'],
    ]),
    rusageOut,
  ],
  getpriority: [oneOf(counted('PRIO_PROCESS', 'PRIO_PGRP', 'PRIO_USER')), integer],
  setpriority: [oneOf(counted('PRIO_PROCESS', 'PRIO_PGRP', 'PRIO_USER')), integer, integer],
  getpgid: [integer],
  setpgid: [integer, integer],
  getpgrp: [],
  getsid: [integer],
  setsid: [],
  pidfd_open: [integer, hexadecimal],
  pidfd_send_signal: [integer, signal, pointer, hexadecimal],
  getuid: [],
  geteuid: [],
  getgid: [],
  getegid: [],
  setfsuid: [id],
  setfsgid: [id],
  setuid: [id],
  setgid: [id],
  setreuid: [id, id],
  setregid: [id, id],
  setresuid: [id, id, id],
  setresgid: [id, id, id],
  getresuid: [integerOut, integerOut, integerOut],
  getresgid: [integerOut, integerOut, integerOut],
  setgroups: [integer, pointer],
  getgroups: [integer, pointer],
  capget: [pointer, pointer],
  capset: [pointer, pointer],
  personality: [hexadecimal],
};
