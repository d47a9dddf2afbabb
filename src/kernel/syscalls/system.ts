/** What a guest asks about the machine and its kernel, and sets about itself (uname(2), sysinfo(2), arch_prctl(2), …). */
import { EFAULT, EINVAL, ENOSYS, EPERM } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import { hasCapability } from '../tasks/credentials.ts';
import type { Task } from '../tasks/task.ts';
import { type SyscallFamily, partial, refused } from './handler.ts';
import { prctl } from './prctl.ts';
import { getrandom } from './random.ts';

/** Length of each string of struct utsname, with its NUL. */
const UTS_LENGTH = 65;
/** The kernel that we answer as: recent enough for everything that C libraries ask. */
export const RELEASE = '6.1.0';
export const VERSION = '#1 SMP ring3';

function uname(task: Task, args: Float64Array): number {
  const { kernel } = task;
  const machine = kernel.table.architecture === 'arm64' ? 'aarch64' : 'x86_64';
  const fields = ['Linux', kernel.hostname, RELEASE, VERSION, machine, kernel.domainname];
  const bytes = Buffer.alloc(UTS_LENGTH * fields.length);
  fields.forEach((field, index) => bytes.write(field, index * UTS_LENGTH, UTS_LENGTH - 1, 'latin1'));
  task.memory.writeBytes(args[0]!, bytes);
  return 0;
}

/** sethostname(2) and setdomainname(2). @returns the new name, or -errno */
function newName(task: Task, args: Float64Array): string | number {
  const length = args[1]! | 0;
  if (!hasCapability(task.credentials, 'CAP_SYS_ADMIN')) return -EPERM;
  if (length < 0 || length >= UTS_LENGTH) return -EINVAL;
  return task.memory.readBytes(args[0]!, length).toString('latin1');
}

function sethostname(task: Task, args: Float64Array): number {
  const name = newName(task, args);
  if (typeof name === 'number') return name;
  task.kernel.hostname = name;
  return 0;
}

function setdomainname(task: Task, args: Float64Array): number {
  const name = newName(task, args);
  if (typeof name === 'number') return name;
  task.kernel.domainname = name;
  return 0;
}

const ARCH_SET_FS = 0x1002;
const ARCH_GET_FS = 0x1003;

function archPrctl(task: Task, args: Float64Array): number {
  const code = args[0]! | 0;
  const address = args[1]!;
  if (code === ARCH_SET_FS) {
    if (address < 0 || address >= task.mm.space.highest) return -EPERM;
    task.threadPointer = address;
    task.thread.setThreadPointer(address);
    return 0;
  }
  if (code === ARCH_GET_FS) {
    task.memory.writeI64(address, task.threadPointer);
    return 0;
  }
  return -EINVAL;
}

/** struct sysinfo of 64-bit architectures. */
function sysinfo(task: Task, args: Float64Array): number {
  const { kernel } = task;
  const { total, free } = kernel.memoryUse();
  const bytes = Buffer.alloc(112);
  const put = (value: number, at: number) => {
    bytes.writeUInt32LE(value % 2 ** 32, at);
    bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
  };
  put(Math.floor((kernel.clock.monotonic() - kernel.startTime) / 1000), 0);
  put(total, 32);
  put(free, 40);
  bytes.writeUInt16LE(Math.min(kernel.pids.taskCount, 0xffff), 80);
  bytes.writeUInt32LE(1, 104);
  task.memory.writeBytes(args[0]!, bytes);
  return 0;
}

function getcpu(task: Task, args: Float64Array): number {
  if (args[0]! !== 0) task.memory.writeU32(args[0]!, 0);
  if (args[1]! !== 0) task.memory.writeU32(args[1]!, 0);
  return 0;
}

/** READ_IMPLIES_EXEC and the rest are kept and have no effect. */
function personality(task: Task, args: Float64Array): number {
  const old = task.group.personality;
  const wanted = args[0]! >>> 0;
  if (wanted !== 0xffff_ffff) task.group.personality = wanted;
  return old;
}

const SYSLOG_READ_ALL = 3;
const SYSLOG_SIZE_BUFFER = 10;

/** The kernel's log is empty. */
function syslog(task: Task, args: Float64Array): number {
  const type = args[0]! | 0;
  if (type < 0 || type > SYSLOG_SIZE_BUFFER) return -EINVAL;
  if (type === SYSLOG_SIZE_BUFFER) return 65_536;
  if (type === SYSLOG_READ_ALL && args[1] === 0) fail(EFAULT);
  return hasCapability(task.credentials, 'CAP_SYSLOG') || type === SYSLOG_READ_ALL ? 0 : -EPERM;
}

export const system: SyscallFamily = {
  uname,
  sethostname,
  setdomainname,
  arch_prctl: partial('only the FS base; GS is the platform’s, and there are no shadow stacks', archPrctl),
  sysinfo,
  getcpu: partial('all tasks are on processor 0', getcpu),
  personality: partial('kept, without effect', personality),
  syslog: partial('the log is empty', syslog),
  prctl,
  getrandom,
  rseq: refused('the host runs guests’ threads, and knows nothing of it', ENOSYS),
  seccomp: refused('the sandbox is the filter', EINVAL),
  ptrace: refused('a guest cannot trace another', EPERM),
};
