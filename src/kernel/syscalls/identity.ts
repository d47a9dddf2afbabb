/** Who a task is: pids, user and group ids, process groups, sessions, capabilities (credentials(7), capabilities(7)). */
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import { afterIdChange, type Credentials, hasCapability } from '../tasks/credentials.ts';
import { ProcessGroup } from '../tasks/process-group.ts';
import type { Task } from '../tasks/task.ts';
import type { SyscallFamily } from './handler.ts';
import { capget, capset } from './capabilities.ts';

/** An id argument of -1 leaves that id as it is. */
const UNCHANGED = 0xffff_ffff;
/** NGROUPS_MAX. */
const MOST_GROUPS = 65_536;

type Ids = Partial<Credentials>;

function become(task: Task, ids: Ids): number {
  task.credentials = afterIdChange(task.credentials, { ...task.credentials, ...ids });
  return 0;
}

function setuid(task: Task, args: Float64Array): number {
  const uid = args[0]! >>> 0;
  const { credentials } = task;
  if (uid === UNCHANGED) return -EINVAL;
  if (hasCapability(credentials, 'CAP_SETUID')) {
    return become(task, { uid, euid: uid, suid: uid, fsuid: uid });
  }
  if (uid !== credentials.uid && uid !== credentials.suid) return -EPERM;
  return become(task, { euid: uid, fsuid: uid });
}

function setgid(task: Task, args: Float64Array): number {
  const gid = args[0]! >>> 0;
  const { credentials } = task;
  if (gid === UNCHANGED) return -EINVAL;
  if (hasCapability(credentials, 'CAP_SETGID')) {
    return become(task, { gid, egid: gid, sgid: gid, fsgid: gid });
  }
  if (gid !== credentials.gid && gid !== credentials.sgid) return -EPERM;
  return become(task, { egid: gid, fsgid: gid });
}

function setreuid(task: Task, args: Float64Array): number {
  const [ruid, euid] = [args[0]! >>> 0, args[1]! >>> 0];
  const old = task.credentials;
  const free = hasCapability(old, 'CAP_SETUID');
  if (!free && ruid !== UNCHANGED && ruid !== old.uid && ruid !== old.euid) return -EPERM;
  if (!free && euid !== UNCHANGED && ![old.uid, old.euid, old.suid].includes(euid)) return -EPERM;
  const uid = ruid === UNCHANGED ? old.uid : ruid;
  const effective = euid === UNCHANGED ? old.euid : euid;
  const saves = ruid !== UNCHANGED || (euid !== UNCHANGED && euid !== old.uid);
  return become(task, { uid, euid: effective, fsuid: effective, suid: saves ? effective : old.suid });
}

function setregid(task: Task, args: Float64Array): number {
  const [rgid, egid] = [args[0]! >>> 0, args[1]! >>> 0];
  const old = task.credentials;
  const free = hasCapability(old, 'CAP_SETGID');
  if (!free && rgid !== UNCHANGED && rgid !== old.gid && rgid !== old.egid) return -EPERM;
  if (!free && egid !== UNCHANGED && ![old.gid, old.egid, old.sgid].includes(egid)) return -EPERM;
  const gid = rgid === UNCHANGED ? old.gid : rgid;
  const effective = egid === UNCHANGED ? old.egid : egid;
  const saves = rgid !== UNCHANGED || (egid !== UNCHANGED && egid !== old.gid);
  return become(task, { gid, egid: effective, fsgid: effective, sgid: saves ? effective : old.sgid });
}

function setresuid(task: Task, args: Float64Array): number {
  const old = task.credentials;
  const [uid, euid, suid] = chosen(args, [old.uid, old.euid, old.suid]);
  const known = [old.uid, old.euid, old.suid];
  const allowed = hasCapability(old, 'CAP_SETUID') || [uid, euid, suid].every((id) => known.includes(id));
  return allowed ? become(task, { uid, euid, suid, fsuid: euid }) : -EPERM;
}

function setresgid(task: Task, args: Float64Array): number {
  const old = task.credentials;
  const [gid, egid, sgid] = chosen(args, [old.gid, old.egid, old.sgid]);
  const known = [old.gid, old.egid, old.sgid];
  const allowed = hasCapability(old, 'CAP_SETGID') || [gid, egid, sgid].every((id) => known.includes(id));
  return allowed ? become(task, { gid, egid, sgid, fsgid: egid }) : -EPERM;
}

function chosen(args: Float64Array, old: readonly [number, number, number]): [number, number, number] {
  const pick = (index: 0 | 1 | 2) => {
    const id = args[index]! >>> 0;
    return id === UNCHANGED ? old[index] : id;
  };
  return [pick(0), pick(1), pick(2)];
}

/** Answers the old id whether or not it has changed. */
function setfsuid(task: Task, args: Float64Array): number {
  const id = args[0]! >>> 0;
  const old = task.credentials;
  const allowed = [old.uid, old.euid, old.suid, old.fsuid].includes(id) || hasCapability(old, 'CAP_SETUID');
  if (allowed && id !== UNCHANGED) task.credentials = { ...old, fsuid: id };
  return old.fsuid;
}

function setfsgid(task: Task, args: Float64Array): number {
  const id = args[0]! >>> 0;
  const old = task.credentials;
  const allowed = [old.gid, old.egid, old.sgid, old.fsgid].includes(id) || hasCapability(old, 'CAP_SETGID');
  if (allowed && id !== UNCHANGED) task.credentials = { ...old, fsgid: id };
  return old.fsgid;
}

function getresuid(task: Task, args: Float64Array): number {
  const { uid, euid, suid } = task.credentials;
  [uid, euid, suid].forEach((id, index) => task.memory.writeU32(args[index]!, id));
  return 0;
}

function getresgid(task: Task, args: Float64Array): number {
  const { gid, egid, sgid } = task.credentials;
  [gid, egid, sgid].forEach((id, index) => task.memory.writeU32(args[index]!, id));
  return 0;
}

function getgroups(task: Task, args: Float64Array): number {
  const size = args[0]! | 0;
  const { groups } = task.credentials;
  if (size < 0) return -EINVAL;
  if (size === 0) return groups.length;
  if (size < groups.length) return -EINVAL;
  groups.forEach((id, index) => task.memory.writeU32(args[1]! + 4 * index, id));
  return groups.length;
}

function setgroups(task: Task, args: Float64Array): number {
  const size = args[0]! | 0;
  if (!hasCapability(task.credentials, 'CAP_SETGID')) return -EPERM;
  if (size < 0 || size > MOST_GROUPS) return -EINVAL;
  if (size > 0 && args[1] === 0) fail(EFAULT);
  const bytes = size === 0 ? Buffer.alloc(0) : task.memory.readBytes(args[1]!, 4 * size);
  const groups = Array.from({ length: size }, (_, index) => bytes.readUInt32LE(4 * index));
  task.credentials = { ...task.credentials, groups: groups.sort((a, b) => a - b) };
  return 0;
}

function setpgid(task: Task, args: Float64Array): number {
  const { pids } = task.kernel;
  const caller = task.group;
  const pgid = args[1]! | 0 || args[0]! | 0 || caller.pid;
  if (pgid < 0) return -EINVAL;
  const target = (args[0]! | 0) === 0 ? caller : pids.process(args[0]! | 0);
  if (!target || (target !== caller && target.parent !== caller)) return -ESRCH;
  if (target !== caller && target.session !== caller.session) return -EPERM;
  if (target !== caller && target.hasExecuted) return -EACCES;
  if (target.isSessionLeader) return -EPERM;
  const existing = pids.processGroup(pgid);
  if (pgid !== target.pid && existing?.session !== caller.session) return -EPERM;
  pids.enterGroup(target, existing ?? new ProcessGroup(pgid, caller.session));
  return 0;
}

function setsid(task: Task): number {
  const { pids } = task.kernel;
  const { group } = task;
  if (pids.processGroup(group.pid)) return -EPERM;
  pids.enterGroup(group, new ProcessGroup(group.pid, pids.newSession(group.pid)));
  return group.pid;
}

function getpgid(task: Task, args: Float64Array): number {
  const pid = args[0]! | 0;
  const target = pid === 0 ? task.group : task.kernel.pids.task(pid)?.group;
  return target ? target.processGroup.id : -ESRCH;
}

function getsid(task: Task, args: Float64Array): number {
  const pid = args[0]! | 0;
  const target = pid === 0 ? task.group : task.kernel.pids.task(pid)?.group;
  return target ? target.session.id : -ESRCH;
}

export const identity: SyscallFamily = {
  getpid: (task) => task.group.pid,
  gettid: (task) => task.tid,
  getppid: (task) => task.group.parent?.pid ?? 0,
  getuid: (task) => task.credentials.uid,
  geteuid: (task) => task.credentials.euid,
  getgid: (task) => task.credentials.gid,
  getegid: (task) => task.credentials.egid,
  getpgrp: (task) => task.group.processGroup.id,
  getpgid,
  getsid,
  setpgid,
  setsid,
  setuid,
  setgid,
  setreuid,
  setregid,
  setresuid,
  setresgid,
  setfsuid,
  setfsgid,
  getresuid,
  getresgid,
  getgroups,
  setgroups,
  capget,
  capset,
};
