/**
 * New tasks (fork(2), clone(2); Linux: kernel/fork.c, copy_process). A child begins with its parent's registers where the
 * parent's call ends, and its result is 0.
 */
import { EAGAIN, EINVAL, ENOMEM, EPERM, ERESTARTNOINTR } from '../../linux/errno.ts';
import * as C from '../../linux/clone.ts';
import { REGISTER_COUNT_X86_64 } from '../../linux/registers-x86-64.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';
import type { Thread } from '../../platform/platform.ts';
import { Failure } from '../failure.ts';
import { fork } from '../memory/fork.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';
import { SignalActions } from '../signals/actions.ts';
import { AlternateStack } from '../signals/alternate-stack.ts';
import { WaitQueue } from '../wait-queue.ts';
import { hasCapability, ownerOf } from './credentials.ts';
import { exitTask, reap } from './exit.ts';
import { Limits } from './limits.ts';
import { PidFile } from './pid-file.ts';
import { Task } from './task.ts';
import { ThreadGroup } from './thread-group.ts';

export interface CloneRequest {
  /** Without the signal in their lowest byte. */
  flags: number;
  /** Bits 32 and up (clone3(2)). */
  highFlags: number;
  exitSignal: number;
  /** The child's stack pointer; 0: the parent's. */
  stack: number;
  /** Where to write the child's tid: in the parent's memory, and in the child's. */
  parentTid: number;
  childTid: number;
  /** Where CLONE_PIDFD writes. */
  pidfd: number;
  threadPointer: number;
}

/** Refuses combinations that make no sense (clone(2), EINVAL), and what we do not have. @returns 0 or -errno */
function validate(task: Task, { flags, highFlags, exitSignal }: CloneRequest): number {
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(C.CLONE_NEW_NAMESPACES)) return -EPERM;
  if (has(C.CLONE_THREAD) && !has(C.CLONE_SIGHAND)) return -EINVAL;
  if (has(C.CLONE_SIGHAND) && !has(C.CLONE_VM)) return -EINVAL;
  if (has(C.CLONE_SIGHAND) && (highFlags & C.CLONE_CLEAR_SIGHAND_HIGH) !== 0) return -EINVAL;
  if (has(C.CLONE_PIDFD) && has(C.CLONE_THREAD)) return -EINVAL;
  if (has(C.CLONE_PARENT) && task.group === task.kernel.init) return -EINVAL;
  if (exitSignal > 64) return -EINVAL;
  return task.interrupted ? -ERESTARTNOINTR : mayHaveMore(task);
}

function mayHaveMore(task: Task): number {
  const { kernel, credentials, group } = task;
  if (credentials.uid === 0 || hasCapability(credentials, 'CAP_SYS_RESOURCE')) return 0;
  return kernel.pids.taskCount < group.limits.soft('nproc') ? 0 : -EAGAIN;
}

/** @returns the child's tid, for CLONE_VFORK when the child has let go of the memory; or -errno */
export function clone(task: Task, request: CloneRequest): number | Promise<number> {
  const refused = validate(task, request);
  if (refused < 0) return refused;
  const tid = task.kernel.pids.allocate((request.flags & C.CLONE_THREAD) === 0);
  if (tid < 0) return tid;
  const mm = memoryFor(task, request.flags);
  if (typeof mm === 'number') return mm;
  const child = makeTask(task, request, tid, mm);
  inherit(task, child, request);
  const told = tellTids(task, child, request);
  if (told < 0) return undo(child, told);
  task.kernel.platform.resume(child.thread);
  return (request.flags & C.CLONE_VFORK) === 0 ? tid : waitForChild(task, child);
}

/** There was no descriptor for its pidfd: nobody will ever know of it. */
function undo(child: Task, error: number): number {
  child.group.exitSignal = 0;
  exitTask(child, 0);
  reap(child.group);
  return error;
}

function memoryFor(task: Task, flags: number): GuestMemory | number {
  if ((flags & C.CLONE_VM) !== 0) {
    task.mm.acquire();
    return task.mm;
  }
  const space = task.kernel.platform.newAddressSpace(ownerOf(task.credentials));
  try {
    const copy = fork(task.mm, space);
    if (typeof copy === 'number') space.release();
    return copy;
  } catch (error) {
    space.release();
    if (error instanceof OutOfMemory) return -ENOMEM;
    throw error;
  }
}

function makeTask(task: Task, request: CloneRequest, tid: number, mm: GuestMemory): Task {
  const { flags } = request;
  const { kernel, credentials, name } = task;
  const child = new Task(kernel, {
    tid,
    group: (flags & C.CLONE_THREAD) !== 0 ? task.group : makeProcess(task, request, tid),
    mm,
    files: (flags & C.CLONE_FILES) !== 0 ? task.files : task.files.fork(),
    fs: (flags & C.CLONE_FS) !== 0 ? task.fs : task.fs.fork(),
    credentials,
    name,
    thread: startingThread(task, request, mm),
  });
  kernel.admit(child);
  return child;
}

function startingThread(task: Task, request: CloneRequest, mm: GuestMemory): Thread {
  const thread = mm.space.newThread();
  const { registers } = task.thread;
  for (let index = 0; index < REGISTER_COUNT_X86_64; index++) {
    thread.registers.setHalves(index, registers.low(index), registers.high(index));
  }
  thread.setResult(0);
  if (request.stack !== 0) thread.registers.sp = request.stack;
  return thread;
}

function makeProcess(task: Task, { flags, highFlags, exitSignal }: CloneRequest, pid: number): ThreadGroup {
  const { group, kernel } = task;
  const sibling = (flags & C.CLONE_PARENT) !== 0;
  const actions = (flags & C.CLONE_SIGHAND) !== 0 ? group.actions : new SignalActions(group.actions);
  if ((highFlags & C.CLONE_CLEAR_SIGHAND_HIGH) !== 0) actions.resetCaught();
  const process = new ThreadGroup(kernel, {
    pid,
    parent: sibling ? group.parent : group,
    processGroup: group.processGroup,
    actions,
    limits: new Limits(group.limits),
  });
  process.exitSignal = sibling ? group.exitSignal : exitSignal;
  process.dumpable = group.dumpable;
  process.nice = group.nice;
  process.oomScoreAdjust = group.oomScoreAdjust;
  process.personality = group.personality;
  process.program = group.program?.share();
  return process;
}

function inherit(task: Task, child: Task, { flags, threadPointer }: CloneRequest): void {
  const setsTls = (flags & C.CLONE_SETTLS) !== 0;
  child.threadPointer = setsTls ? threadPointer : task.threadPointer;
  child.thread.setThreadPointer(child.threadPointer);
  child.mask.set(task.mask);
  child.noNewPrivileges = task.noNewPrivileges;
  const sharesStack = (flags & C.CLONE_VM) !== 0 && (flags & C.CLONE_VFORK) === 0;
  child.altStack = sharesStack ? new AlternateStack() : task.altStack;
  if ((flags & C.CLONE_VFORK) !== 0) child.vforkDone = new WaitQueue();
}

/** Addresses that cannot be written are the caller's loss, as in Linux; only a pidfd must be installed. @returns 0 or -errno */
function tellTids(task: Task, child: Task, request: CloneRequest): number {
  const { flags, parentTid, childTid } = request;
  if ((flags & C.CLONE_CHILD_CLEARTID) !== 0) child.clearTid = childTid;
  if ((flags & C.CLONE_PARENT_SETTID) !== 0) writeQuietly(task, parentTid, child.tid);
  if ((flags & C.CLONE_CHILD_SETTID) !== 0) writeQuietly(child, childTid, child.tid);
  if ((flags & C.CLONE_PIDFD) === 0) return 0;
  const fd = task.files.install(new PidFile(task, child.group, 0), true);
  if (fd < 0) return fd;
  writeQuietly(task, request.pidfd, fd);
  return 0;
}

function writeQuietly(task: Task, address: number, value: number): void {
  try {
    task.memory.writeU32(address, value);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

/** vfork(2): the parent goes on when the child has called execve or ended; nothing but its own death ends the wait. */
function waitForChild(task: Task, child: Task): Promise<number> {
  const { tid } = child;
  const done = child.vforkDone!;
  return task.waitUnlessKilled(done, () => (child.vforkDone === done ? -EAGAIN : tid));
}
