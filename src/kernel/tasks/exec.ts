/**
 * execve(2), the task's side. The new image is complete before anything of the old one goes: until then a failure leaves
 * the caller as it was. Afterwards there is no way back, and nothing that could fail.
 */
import { randomBytes } from 'node:crypto';
import { EAGAIN } from '../../linux/errno.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';
import { ENOMEM } from '../../linux/errno.ts';
import { SIGNALS } from '../../linux/signals.ts';
import type { ImageSource } from '../loader/image-source.ts';
import { loadImage, type LoadedImage } from '../loader/load.ts';
import { AlternateStack } from '../signals/alternate-stack.ts';
import { afterExec, ownerOf } from './credentials.ts';
import { exitTask, releaseMemory, releaseThreadState } from './exit.ts';
import { Program } from './program.ts';
import type { Task } from './task.ts';

export interface ExecRequest {
  source: ImageSource;
  path: string;
  argv: readonly string[];
  environment: readonly string[];
}

/** Longest name of a task, without NUL. */
const NAME_LENGTH = 15;

/** @returns -errno; a promise when other threads must end first. When it succeeds, all registers are set. */
export function exec(task: Task, request: ExecRequest): number | Promise<number> {
  const image = load(task, request);
  if (typeof image === 'number') return image;
  const { group } = task;
  if (group.tasks.size === 1 && group.leader === task) return become(task, image, request.source);
  return takeOver(task, image, request.source);
}

function load(task: Task, request: ExecRequest): LoadedImage | number {
  const { kernel, credentials, group } = task;
  try {
    return loadImage({
      ...request,
      memory: kernel.memory,
      newSpace: () => kernel.platform.newAddressSpace(ownerOf(credentials)),
      architecture: kernel.table.architecture,
      credentials,
      random: randomBytes(16),
      stackLimit: group.limits.soft('stack'),
      sizeLimit: group.limits.soft('as'),
      ...kernel.surroundings,
    });
  } catch (error) {
    if (error instanceof OutOfMemory) return -ENOMEM;
    throw error;
  }
}

/** Ends all other threads, and becomes the leader. */
async function takeOver(task: Task, image: LoadedImage, source: ImageSource): Promise<number> {
  const { group } = task;
  for (const other of group.tasks) {
    if (other === task) continue;
    other.doomed = true;
    if (other.waiting || other.held) exitTask(other, 0);
    else other.alert();
  }
  await task.waitUnlessKilled(group.taskEnded, () => (group.tasks.size > 1 ? -EAGAIN : 0));
  if (task.dead || group.ending) {
    discard(image, source);
    return -EAGAIN;
  }
  if (group.leader !== task) becomeLeader(task);
  return become(task, image, source);
}

function discard(image: LoadedImage, source: ImageSource): void {
  if (image.mm.release()) image.mm.space.release();
  source.close(image.executable);
}

/** The old leader has ended, and its number, which is the process's, is free. */
function becomeLeader(task: Task): void {
  const { pids } = task.kernel;
  pids.removeTask(task);
  pids.removeTask(task.group.leader);
  task.tid = task.group.pid;
  task.group.leader = task;
  pids.addTask(task);
}

function become(task: Task, image: LoadedImage, source: ImageSource): number {
  const { kernel, group } = task;
  releaseThreadState(task);
  kernel.sharing.join(image.mm);
  releaseMemory(task);
  task.mm = image.mm;
  task.thread = image.mm.space.newThread();
  task.thread.owner = task;
  task.threadPointer = 0;
  task.thread.registers.pc = image.entry;
  task.thread.registers.sp = image.stackPointer;
  task.registersComplete = true;
  task.attention = true;

  unshareFiles(task);
  group.actions = group.actions.afterExec();
  task.altStack = new AlternateStack();
  task.credentials = afterExec(task.credentials);
  task.name = image.path.slice(image.path.lastIndexOf('/') + 1).slice(0, NAME_LENGTH);
  group.hasExecuted = true;
  group.dumpable = 1;
  group.exitSignal = SIGNALS.SIGCHLD;
  group.program?.release();
  group.program = new Program(image, source);
  for (const hook of group.atExec) hook();
  return 0;
}

/** A table that others use too stays theirs. */
function unshareFiles(task: Task): void {
  const { sharing } = task.kernel;
  if (sharing.users(task.files) > 1) {
    const own = task.files.fork();
    sharing.leave(task.files);
    sharing.join(own);
    task.files = own;
  }
  task.files.closeOnExec();
}
