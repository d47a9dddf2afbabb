/** Beginning and end of tasks: exit and clone (execve and wait4 have files of their own). */
import type { Task } from '../tasks/task.ts';
import { endGroup, exitTask, exitedStatus } from '../tasks/exit.ts';
import type { SyscallFamily } from './handler.ts';

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

export const tasks: SyscallFamily = {
  exit,
  exit_group: exitGroup,
  set_tid_address: setTidAddress,
};
