/** Sending signals: kill(2), tgkill(2), sigqueue(3), pidfd_send_signal(2). */
import { EBADF, EINVAL, EPERM, ESRCH } from '../../linux/errno.ts';
import { decodeSignalInfo, SI_TKILL, SI_USER, SIGINFO_SIZE, type SignalInfo } from '../../linux/siginfo.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { hasCapability } from '../tasks/credentials.ts';
import { PidFile } from '../tasks/pid-file.ts';
import type { Task } from '../tasks/task.ts';
import type { ThreadGroup } from '../tasks/thread-group.ts';
import type { SyscallFamily } from './handler.ts';

const O_NONBLOCK = 0o4000;

/** Who may signal whom (kill(2)). */
function maySignal(sender: Task, target: ThreadGroup, signal: number): boolean {
  if (target === sender.group) return true;
  const from = sender.credentials;
  const to = target.leader.credentials;
  if ([from.euid, from.uid].some((uid) => uid === to.uid || uid === to.suid)) return true;
  if (signal === SIGNALS.SIGCONT && target.session === sender.group.session) return true;
  return hasCapability(from, 'CAP_KILL');
}

/** Signal 0 only asks. @returns 0 or -errno */
function sendTo(sender: Task, target: ThreadGroup, info: SignalInfo): number {
  if (!maySignal(sender, target, info.signal)) return -EPERM;
  if (info.signal !== 0) target.send(info);
  return 0;
}

function fromUser(task: Task, signal: number, code: number): SignalInfo {
  return { signal, code, pid: task.group.pid, uid: task.credentials.uid };
}

function valid(signal: number): boolean {
  return signal >= 0 && signal <= 64;
}

/** A process by the number of any of its tasks; zombies count. */
function processOf(task: Task, pid: number): ThreadGroup | undefined {
  return task.kernel.pids.task(pid)?.group;
}

function kill(task: Task, args: Float64Array): number {
  const [pid, signal] = [args[0]! | 0, args[1]! | 0];
  if (!valid(signal)) return -EINVAL;
  const info = fromUser(task, signal, SI_USER);
  if (pid > 0) {
    const target = processOf(task, pid);
    return target ? sendTo(task, target, info) : -ESRCH;
  }
  const { pids, init } = task.kernel;
  if (pid === -1) {
    const others = [...pids.processes()].filter((process) => process !== task.group && process !== init);
    return sendToAll(task, others, info);
  }
  const group = pid === 0 ? task.group.processGroup : pids.processGroup(-pid);
  return group ? sendToAll(task, [...group.members], info) : -ESRCH;
}

/** One that may be signalled is enough. */
function sendToAll(task: Task, targets: readonly ThreadGroup[], info: SignalInfo): number {
  let result = -ESRCH;
  for (const target of targets) {
    const sent = sendTo(task, target, info);
    if (sent === 0 || result === -ESRCH) result = sent;
  }
  return result;
}

/** @param tgid 0: whatever process the task is of */
function sendToOne(task: Task, tgid: number, tid: number, info: SignalInfo): number {
  const target = task.kernel.pids.task(tid);
  if (!target || (tgid !== 0 && target.group.pid !== tgid)) return -ESRCH;
  if (!maySignal(task, target.group, info.signal)) return -EPERM;
  if (info.signal !== 0) target.send(info);
  return 0;
}

function tkill(task: Task, args: Float64Array): number {
  const [tid, signal] = [args[0]! | 0, args[1]! | 0];
  if (tid <= 0 || !valid(signal)) return -EINVAL;
  return sendToOne(task, 0, tid, fromUser(task, signal, SI_TKILL));
}

function tgkill(task: Task, args: Float64Array): number {
  const [tgid, tid, signal] = [args[0]! | 0, args[1]! | 0, args[2]! | 0];
  if (tid <= 0 || tgid <= 0 || !valid(signal)) return -EINVAL;
  return sendToOne(task, tgid, tid, fromUser(task, signal, SI_TKILL));
}

/** A siginfo of the sender's own; only to itself may it say that the kernel or tgkill sent it. */
function readInfo(task: Task, address: number, signal: number, pid: number): SignalInfo | number {
  const info = decodeSignalInfo(task.memory.readBytes(address, SIGINFO_SIZE));
  info.signal = signal;
  if ((info.code >= 0 || info.code === SI_TKILL) && pid !== task.group.pid) return -EPERM;
  return info;
}

function rtSigqueueinfo(task: Task, args: Float64Array): number {
  const [pid, signal] = [args[0]! | 0, args[1]! | 0];
  if (!valid(signal)) return -EINVAL;
  const info = readInfo(task, args[2]!, signal, pid);
  if (typeof info === 'number') return info;
  const target = processOf(task, pid);
  return target ? sendTo(task, target, info) : -ESRCH;
}

function rtTgsigqueueinfo(task: Task, args: Float64Array): number {
  const [tgid, tid, signal] = [args[0]! | 0, args[1]! | 0, args[2]! | 0];
  if (tid <= 0 || tgid <= 0 || !valid(signal)) return -EINVAL;
  const info = readInfo(task, args[3]!, signal, tgid);
  return typeof info === 'number' ? info : sendToOne(task, tgid, tid, info);
}

function pidfdOpen(task: Task, args: Float64Array): number {
  const [pid, flags] = [args[0]! | 0, args[1]! | 0];
  if (pid <= 0 || (flags & ~O_NONBLOCK) !== 0) return -EINVAL;
  const process = task.kernel.pids.process(pid);
  if (!process) return task.kernel.pids.task(pid) ? -EINVAL : -ESRCH;
  return task.files.install(new PidFile(task, process, flags), true);
}

function pidfdSendSignal(task: Task, args: Float64Array): number {
  const signal = args[1]! | 0;
  const file = task.files.get(args[0]! | 0);
  if (!valid(signal) || args[3] !== 0) return -EINVAL;
  if (!(file instanceof PidFile)) return -EBADF;
  const { process } = file;
  const info =
    args[2] === 0 ? fromUser(task, signal, SI_USER) : readInfo(task, args[2]!, signal, process.pid);
  if (typeof info === 'number') return info;
  return process.zombie && !process.parent?.children.has(process) ? -ESRCH : sendTo(task, process, info);
}

export const senders: SyscallFamily = {
  kill,
  tkill,
  tgkill,
  rt_sigqueueinfo: rtSigqueueinfo,
  rt_tgsigqueueinfo: rtTgsigqueueinfo,
  pidfd_open: pidfdOpen,
  pidfd_send_signal: pidfdSendSignal,
};
