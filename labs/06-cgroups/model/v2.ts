/** cgroup v2 (kernel: Documentation/admin-guide/cgroup-v2.rst): one tree; a group has the files that its parent grants. */
import { posix } from 'node:path';
import type { HostV2 } from '../exercise.ts';
import { bytes, whole } from './values.ts';
import { CgroupKernel, Refused, type Group, type Process } from './kernel.ts';

const CORE = [
  'cgroup.procs',
  'cgroup.controllers',
  'cgroup.subtree_control',
  'cgroup.events',
  'cgroup.freeze',
];
const FILES: Record<string, string[]> = {
  memory: ['memory.max', 'memory.high', 'memory.low', 'memory.oom.group', 'memory.events'],
  pids: ['pids.max', 'pids.events'],
  cpu: ['cpu.max', 'cpu.weight'],
};
/** Controllers that can also divide the threads of one process among groups. */
const THREADED = ['pids', 'cpu'];
const READ_ONLY = ['cgroup.controllers', 'cgroup.events', 'memory.events', 'pids.events'];

export class KernelV2 extends CgroupKernel {
  private host: HostV2;

  constructor(host: HostV2) {
    super([host.base], host.members);
    this.host = host;
    this.groups.get(host.base)?.values.set('cgroup.subtree_control', host.enabled.join(' '));
  }

  /** What the group's parent passes down. */
  private granted(group: Group): string[] {
    if (group.path === group.root) return this.host.available;
    return this.enabled(this.group(posix.dirname(group.path)));
  }

  private enabled(group: Group): string[] {
    return (group.values.get('cgroup.subtree_control') ?? '').split(' ').filter(Boolean);
  }

  protected files(group: Group): ReadonlySet<string> {
    const granted = this.granted(group);
    const files = [...CORE, ...granted.flatMap((controller) => FILES[controller] ?? [])];
    if (granted.includes('memory') && this.host.swap) files.push('memory.swap.max');
    if (this.host.killFile) files.push('cgroup.kill');
    return new Set(files);
  }

  protected accept(group: Group, file: string, value: string): boolean {
    if (READ_ONLY.includes(file)) throw new Refused('EINVAL', `${file} can only be read`);
    if (file === 'cgroup.subtree_control') this.control(group, value);
    else if (file === 'cgroup.freeze') this.setFreeze(group, value);
    else if (file === 'cgroup.kill') this.killAll(group, value);
    else if (file === 'memory.oom.group') whole(value, 0, 1);
    else if (file === 'pids.max') whole(value, 0, 4_194_304, 'max');
    else if (file === 'cpu.weight') whole(value, 1, 10_000);
    else if (file === 'cpu.max') cpuMax(value);
    else bytes(value, 'max');
    return !file.startsWith('cgroup.');
  }

  /** "+memory -pids": all or nothing. A group that has processes of its own cannot also pass controllers down. */
  private control(group: Group, value: string): void {
    const enabled = new Set(this.enabled(group));
    for (const word of value.split(/\s+/)) {
      const controller = word.slice(1);
      if (!/^[+-](memory|pids|cpu)$/.test(word)) {
        throw new Refused('EINVAL', `cgroup.subtree_control takes words such as +memory, not "${word}"`);
      }
      if (!this.granted(group).includes(controller)) {
        throw new Refused('ENOENT', `${group.path} has no controller ${controller} to pass down`);
      }
      if (word.startsWith('+')) enabled.add(controller);
      else enabled.delete(controller);
    }
    if (enabled.size > this.enabled(group).length) this.vetEnable(group, enabled);
    group.values.set('cgroup.subtree_control', [...enabled].join(' '));
  }

  /** pids and cpu can tell threads apart, so that a group with processes may pass them down: to groups of threads. */
  private vetEnable(group: Group, enabled: ReadonlySet<string>): void {
    const own = this.in(group.path).map(({ pid }) => pid);
    const domain = [...enabled].some((controller) => !THREADED.includes(controller));
    if (domain && this.isThreadRoot(group)) {
      throw new Refused('EOPNOTSUPP', `${group.path} has groups of threads below it by now`);
    }
    if (!domain && this.canBeThreadRoot(group)) return;
    if (own.length > 0) {
      throw new Refused('EBUSY', `${group.path} has processes of its own (${own.join(', ')})`);
    }
  }

  private canBeThreadRoot(group: Group): boolean {
    const populated = this.processes.some(({ groups }) =>
      [...groups.values()].some((path) => path.startsWith(`${group.path}/`)),
    );
    return !populated && this.enabled(group).every((controller) => THREADED.includes(controller));
  }

  /** Once it is, the groups below it are for its threads, and take no processes. */
  private isThreadRoot(group: Group): boolean {
    return this.in(group.path).length > 0 && this.enabled(group).length > 0;
  }

  private setFreeze(group: Group, value: string): void {
    const freeze = flag(value) === 1;
    if (!freeze) group.freezing = 'no';
    else if (group.freezing === 'no') group.freezing = 'asked';
  }

  /** The kernel marks the group, so that a fork that is under way is killed as well (kernel/cgroup/cgroup.c). */
  private killAll(group: Group, value: string): void {
    if (flag(value) !== 1) throw new Refused('ERANGE', `cgroup.kill takes 1, not "${value}"`);
    for (const process of this.in(group.path)) process.killed = true;
  }

  protected read(group: Group, file: string): string {
    if (file === 'cgroup.procs') {
      return this.in(group.path)
        .map(({ pid }) => pid)
        .join('\n');
    }
    if (file === 'cgroup.events') {
      const populated = this.processes.some(({ groups }) =>
        [...groups.values()].some((path) => path === group.path || path.startsWith(`${group.path}/`)),
      );
      return `populated ${populated ? 1 : 0}\nfrozen ${group.freezing === 'frozen' ? 1 : 0}\n`;
    }
    if (file === 'cgroup.freeze') return group.freezing === 'no' ? '0' : '1';
    if (file === 'cgroup.controllers') return this.granted(group).join(' ');
    return group.values.get(file) ?? '';
  }

  protected admit(group: Group): void {
    for (let at = group; at.path !== at.root;) {
      at = this.group(posix.dirname(at.path));
      if (this.isThreadRoot(at)) {
        throw new Refused(
          'EOPNOTSUPP',
          `${at.path} has processes of its own, so ${group.path} is for threads only`,
        );
      }
    }
    if (this.canBeThreadRoot(group)) return;
    if (this.enabled(group).length > 0) {
      throw new Refused('EBUSY', `${group.path} passes controllers down and so can hold no processes`);
    }
  }

  /** The v2 freezer lets a frozen process die. */
  protected canDie(_process: Process): boolean {
    return true;
  }

  value(path: string, file: string, otherwise: string): string {
    return this.groups.get(path)?.values.get(file) ?? otherwise;
  }
}

/** For a number that is none EINVAL, for one that is too large ERANGE. */
function flag(value: string): number {
  const number = whole(value, 0, 2 ** 31);
  if (number > 1) throw new Refused('ERANGE', `"${value}" is neither 0 nor 1`);
  return number;
}

/** `QUOTA PERIOD` or `QUOTA`, in microseconds; the period is 100,000 when not given. */
export function cpuMax(value: string): { quota: number; period: number } {
  const [quota = '', period = '100000'] = value.split(/\s+/);
  return { quota: whole(quota, 1000, 1e12, 'max'), period: whole(period, 1000, 1_000_000) };
}
