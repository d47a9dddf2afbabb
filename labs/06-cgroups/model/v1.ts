/** cgroup v1 (kernel: Documentation/admin-guide/cgroup-v1): one tree per controller, each with its own files. */
import type { Controller, HostV1 } from '../exercise.ts';
import { bytes, whole } from './values.ts';
import { CgroupKernel, Refused, type Group, type Process } from './kernel.ts';

const COMMON = ['cgroup.procs', 'tasks', 'notify_on_release', 'cgroup.clone_children'];
const FILES: Record<Controller, string[]> = {
  memory: ['memory.limit_in_bytes', 'memory.soft_limit_in_bytes', 'memory.oom_control', 'memory.swappiness'],
  pids: ['pids.max'],
  cpu: ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.shares'],
  freezer: ['freezer.state'],
};

export class KernelV1 extends CgroupKernel {
  private host: HostV1;

  constructor(host: HostV1) {
    super(Object.values(host.bases));
    this.host = host;
  }

  protected files(group: Group): ReadonlySet<string> {
    const controller = this.controllerOf(group);
    const files = [...COMMON, ...FILES[controller]];
    if (controller === 'memory' && this.host.swap) files.push('memory.memsw.limit_in_bytes');
    return new Set(files);
  }

  protected accept(group: Group, file: string, value: string): boolean {
    if (file === 'memory.limit_in_bytes' || file === 'memory.memsw.limit_in_bytes') {
      this.acceptMemory(group, file, value);
    } else if (file === 'memory.soft_limit_in_bytes') bytes(value, '-1');
    else if (file === 'pids.max') whole(value, 0, 4_194_304, 'max');
    else if (file === 'cpu.cfs_quota_us') whole(value, 1000, 1e12, '-1');
    else if (file === 'cpu.cfs_period_us') whole(value, 1000, 1_000_000);
    else if (file === 'freezer.state') this.setFreezer(group, value);
    else whole(value, 0, 1_000_000);
    return file !== 'freezer.state';
  }

  /** memsw counts memory and swap together, so it may at no moment be below memory alone (mm/memcontrol-v1.c). */
  private acceptMemory(group: Group, file: string, value: string): void {
    const wanted = bytes(value, '-1');
    const [memory, together] = [this.memory(group.path), this.together(group.path)];
    if (file === 'memory.limit_in_bytes' ? wanted > together : wanted < memory) {
      const problem = `${file} = ${value} would leave memsw (${together}) below memory (${memory})`;
      throw new Refused('EINVAL', problem.replaceAll('Infinity', 'unlimited'));
    }
  }

  private setFreezer(group: Group, value: string): void {
    if (value === 'FROZEN') group.freezing = group.freezing === 'frozen' ? 'frozen' : 'asked';
    else if (value === 'THAWED') group.freezing = 'no';
    else throw new Refused('EINVAL', `freezer.state takes FROZEN and THAWED, not "${value}"`);
  }

  protected read(group: Group, file: string): string {
    if (file === 'freezer.state')
      return { no: 'THAWED', asked: 'FREEZING', frozen: 'FROZEN' }[group.freezing];
    if (file === 'cgroup.procs' || file === 'tasks') {
      return this.in(group.path)
        .map(({ pid }) => pid)
        .join('\n');
    }
    return group.values.get(file) ?? '';
  }

  protected admit(): void {}

  /** A frozen process does not get as far as looking at its signals. */
  protected canDie(process: Process): boolean {
    return !this.frozen(process);
  }

  memory(path: string): number {
    return bytes(this.groups.get(path)?.values.get('memory.limit_in_bytes') ?? '-1', '-1');
  }
  /** Memory and swap together. */
  together(path: string): number {
    return bytes(this.groups.get(path)?.values.get('memory.memsw.limit_in_bytes') ?? '-1', '-1');
  }

  private controllerOf(group: Group): Controller {
    const entry = Object.entries(this.host.bases).find(([, base]) => base === group.root);
    return entry?.[0] as Controller;
  }
}
