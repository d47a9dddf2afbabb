/** Beginning and end of tasks (clone(2), exit(2); execve and wait4 have files of their own). */
import * as C from '../../linux/clone.ts';
import { E2BIG, EINVAL, EPERM } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import { clone, type CloneRequest } from '../tasks/clone.ts';
import { endGroup, exitTask, exitedStatus } from '../tasks/exit.ts';
import { SIGNALS } from '../../linux/signals.ts';
import type { Task } from '../tasks/task.ts';
import { partial, type SyscallFamily } from './handler.ts';

/** The last task's code is the process's, unless exit_group or a signal has said otherwise. */
function exit(task: Task, args: Float64Array): number {
  exitTask(task, exitedStatus(args[0]! | 0));
  return 0;
}

function exitGroup(task: Task, args: Float64Array): number {
  endGroup(task.group, exitedStatus(args[0]! | 0));
  return 0;
}

/** The address is remembered, and looked at only when the task ends. */
function setTidAddress(task: Task, args: Float64Array): number {
  task.clearTid = args[0]!;
  return task.tid;
}

const NOTHING_SHARED: CloneRequest = {
  flags: 0,
  highFlags: 0,
  exitSignal: SIGNALS.SIGCHLD,
  stack: 0,
  parentTid: 0,
  childTid: 0,
  pidfd: 0,
  threadPointer: 0,
};

function fork(task: Task): number | Promise<number> {
  return clone(task, NOTHING_SHARED);
}

function vfork(task: Task): number | Promise<number> {
  return clone(task, { ...NOTHING_SHARED, flags: C.CLONE_VM | C.CLONE_VFORK });
}

/** The order of the last two arguments differs between architectures (clone(2), "C library/kernel differences"). */
function cloneByRegisters(task: Task, args: Float64Array): number | Promise<number> {
  const arm = task.kernel.table.architecture === 'arm64';
  const low = args[0]! >>> 0;
  if ((low & C.CLONE_PIDFD) !== 0 && (low & C.CLONE_PARENT_SETTID) !== 0) return -EINVAL;
  return clone(task, {
    flags: low & ~C.CSIGNAL,
    highFlags: 0,
    exitSignal: low & C.CSIGNAL,
    stack: args[1]!,
    parentTid: args[2]!,
    pidfd: args[2]!,
    childTid: arm ? args[4]! : args[3]!,
    threadPointer: arm ? args[3]! : args[4]!,
  });
}

/** struct clone_args; what a newer caller knows more must be zero (clone3(2), E2BIG). */
function clone3(task: Task, args: Float64Array): number | Promise<number> {
  const [address, size] = [args[0]!, args[1]!];
  if (size < C.CLONE_ARGS_SIZE_VER0) return -EINVAL;
  if (size > 4096) return -E2BIG;
  const bytes = Buffer.alloc(Math.max(size, C.CLONE_ARGS_SIZE));
  task.memory.readBytes(address, size).copy(bytes);
  if (bytes.subarray(C.CLONE_ARGS_SIZE).some((byte) => byte !== 0)) return -E2BIG;
  const flags = bytes.readUInt32LE(0);
  const highFlags = bytes.readUInt32LE(4);
  if ((flags & C.CSIGNAL) !== 0 || (highFlags & ~C.CLONE_CLEAR_SIGHAND_HIGH) !== 0) return -EINVAL;
  const [exitSignal, stack, stackSize] = [field(bytes, 4), field(bytes, 5), field(bytes, 6)];
  if (exitSignal > C.CSIGNAL || (stack === 0) !== (stackSize === 0)) return -EINVAL;
  if (field(bytes, 8) !== 0 || field(bytes, 9) !== 0) return -EPERM; // set_tid
  return clone(task, {
    flags,
    highFlags,
    exitSignal,
    stack: stack + stackSize,
    pidfd: field(bytes, 1),
    childTid: field(bytes, 2),
    parentTid: field(bytes, 3),
    threadPointer: field(bytes, 7),
  });
}

/** Fails with EINVAL for values that no address is. */
function field(bytes: Buffer, index: number): number {
  const high = bytes.readUInt32LE(8 * index + 4);
  return high > 0x7fff ? fail(EINVAL) : high * 2 ** 32 + bytes.readUInt32LE(8 * index);
}

const UNSHAREABLE = C.CLONE_FILES | C.CLONE_FS | C.CLONE_SYSVSEM;

/** unshare(2) of descriptors and working directory. */
function unshare(task: Task, args: Float64Array): number {
  const flags = args[0]! >>> 0;
  if ((flags & C.CLONE_NEW_NAMESPACES) !== 0) return -EPERM;
  if ((flags & ~UNSHAREABLE) !== 0) return -EINVAL;
  const { sharing } = task.kernel;
  if ((flags & C.CLONE_FILES) !== 0 && sharing.users(task.files) > 1) {
    sharing.leave(task.files);
    task.files = task.files.fork();
    sharing.join(task.files);
  }
  if ((flags & C.CLONE_FS) !== 0 && sharing.users(task.fs) > 1) {
    sharing.leave(task.fs);
    task.fs = task.fs.fork();
    sharing.join(task.fs);
  }
  return 0;
}

const NO_NAMESPACES = 'no new namespaces; a child begins with fresh vector registers';

export const tasks: SyscallFamily = {
  exit,
  exit_group: exitGroup,
  set_tid_address: setTidAddress,
  fork,
  vfork,
  clone: partial(NO_NAMESPACES, cloneByRegisters),
  clone3: partial(`${NO_NAMESPACES}; no set_tid, no cgroup`, clone3),
  unshare: partial('descriptors and working directory; no new namespaces', unshare),
};
