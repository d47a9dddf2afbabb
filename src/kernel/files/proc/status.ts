/** /proc/PID/stat, statm and status: what ps, top and pgrep read (proc(5)). */
import { CAPABILITIES } from '../../../linux/capabilities.ts';
import { PAGE } from '../../../platform/memory-file.ts';
import { usageOf, type Usage } from '../../memory/usage.ts';
import { SIG_IGN } from '../../signals/actions.ts';
import { SignalSet } from '../../signals/signal-set.ts';
import type { CapabilitySet } from '../../tasks/credentials.ts';
import type { Task } from '../../tasks/task.ts';
import type { ThreadGroup } from '../../tasks/thread-group.ts';

/** Ticks of times in /proc are hundredths of a second. */
const TICK = 10;

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  T: 'stopped',
  Z: 'zombie',
};

export function stateOf(task: Task): string {
  if (task.group.zombie || task.dead) return 'Z';
  if (task.group.stopped) return 'T';
  return task.waiting ? 'S' : 'R';
}

function usage(task: Task): Usage {
  return task.dead ? { size: 0, own: 0, file: 0 } : usageOf(task.mm);
}

/** @param whole of the process, not of one thread */
export function statText(task: Task, whole: boolean): string {
  const { group } = task;
  const { size, own, file } = usage(task);
  const time = Math.floor((whole ? group.cpuTime() : task.cpu.used()) / TICK);
  const childTime = Math.floor(group.childrenUsage.user / TICK);
  const threads = group.tasks.size;
  const start = Math.floor(group.startTime / TICK);
  const fields = [
    `${whole ? group.pid : task.tid} (${task.name}) ${stateOf(task)} ${group.parent?.pid ?? 0}`,
    `${group.processGroup.id} ${group.session.id} 0 -1 4194304`,
    `0 0 0 0 ${time} 0 ${childTime} 0 ${20 + group.nice} ${group.nice} ${threads} 0 ${start}`,
    `${size} ${Math.floor((own + file) / PAGE)} 18446744073709551615`,
    // Addresses and old signal masks are not shown; of the rest only exit_signal means something here.
    `${'0 '.repeat(12)}${group.exitSignal}${' 0'.repeat(14)}`,
  ];
  return `${fields.join(' ')}\n`;
}

export function statmText(task: Task): string {
  const { size, own, file } = usage(task);
  // Text is not told apart from other pages of files.
  const pages = [size, own + file, file, file, 0, own, 0].map((bytes) => Math.floor(bytes / PAGE));
  return `${pages.join(' ')}\n`;
}

function hexPair(high: number, low: number): string {
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

const capabilities = ({ low, high }: CapabilitySet) => hexPair(high, low);
const signals = ({ low, high }: Pick<SignalSet, 'low' | 'high'>) => hexPair(high, low);

/** Signals whose handlers are of some kind. */
function handled(group: ThreadGroup, which: (handler: number) => boolean): SignalSet {
  const set = new SignalSet();
  for (let signal = 1; signal <= 64; signal++) if (which(group.actions.get(signal).handler)) set.add(signal);
  return set;
}

function kibibytes(bytes: number): string {
  return `${String(Math.floor(bytes / 1024)).padStart(8)} kB`;
}

function identity(task: Task): string[][] {
  const { credentials: who, group } = task;
  const parent = group.parent?.pid ?? 0;
  return [
    ['Name', task.name.replaceAll('\n', '\\n')],
    ['Umask', `0${task.fs.umask.toString(8).padStart(3, '0')}`],
    ['State', `${stateOf(task)} (${STATES[stateOf(task)]})`],
    ['Tgid', String(group.pid)],
    ['Ngid', '0'],
    ['Pid', String(task.tid)],
    ['PPid', String(parent)],
    ['TracerPid', '0'],
    ['Uid', [who.uid, who.euid, who.suid, who.fsuid].join('\t')],
    ['Gid', [who.gid, who.egid, who.sgid, who.fsgid].join('\t')],
    ['FDSize', '256'],
    ['Groups', who.groups.map((gid) => `${gid} `).join('')],
    ['NStgid', String(group.pid)],
    ['NSpid', String(task.tid)],
    ['NSpgid', String(group.processGroup.id)],
    ['NSsid', String(group.session.id)],
  ];
}

function memory(task: Task): string[][] {
  if (task.group.zombie) return [];
  const { size, own, file } = usage(task);
  return [
    ['VmPeak', kibibytes(size)],
    ['VmSize', kibibytes(size)],
    ['VmHWM', kibibytes(own + file)],
    ['VmRSS', kibibytes(own + file)],
    ['RssAnon', kibibytes(own)],
    ['RssFile', kibibytes(file)],
    ['VmSwap', kibibytes(0)],
  ];
}

function masks(task: Task, group: ThreadGroup): string[][] {
  const { credentials } = task;
  const bounding = { low: -1, high: (1 << (CAPABILITIES.length - 32)) - 1 };
  return [
    ['Threads', String(group.tasks.size)],
    ['SigQ', `0/${group.limits.soft('sigpending')}`],
    ['SigPnd', signals(task.pending.set)],
    ['ShdPnd', signals(group.pending.set)],
    ['SigBlk', signals(task.mask)],
    ['SigIgn', signals(handled(group, (handler) => handler === SIG_IGN))],
    ['SigCgt', signals(handled(group, (handler) => handler > SIG_IGN || handler < 0))],
    ['CapInh', capabilities(credentials.inheritable)],
    ['CapPrm', capabilities(credentials.permitted)],
    ['CapEff', capabilities(credentials.effective)],
    ['CapBnd', capabilities(bounding)],
    ['CapAmb', hexPair(0, 0)],
    ['NoNewPrivs', task.noNewPrivileges ? '1' : '0'],
    ['Seccomp', '0'],
    ['Cpus_allowed', '1'],
    ['Cpus_allowed_list', '0'],
  ];
}

export function statusText(task: Task): string {
  return [...identity(task), ...memory(task), ...masks(task, task.group)]
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('');
}
