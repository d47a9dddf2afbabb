/** Task join: where the child was, and what limited it, at its first instruction. */
import { wrong, type Examination } from 'ring3/grade';
import type { Host } from '../exercise.ts';
import { carryOut, drawLimits, drawV1, drawV2, kernelOf, opsSchema } from '../model/hosts.ts';
import type { CgroupKernel } from '../model/kernel.ts';

const READ = 'README.md#joining-without-a-race';

export async function joins(exam: Examination): Promise<void> {
  const { random } = exam;
  const { name, pids } = drawLimits(random);
  for (const host of random.shuffle<Host>([drawV1(random), drawV2(random)])) {
    const ops = await exam.student.call('limit', [host, { name, pids }], { returns: opsSchema });
    const kernel = kernelOf(host);
    const start = ops.findIndex(({ op }) => op === 'start');
    carryOut(kernel, ops.slice(0, Math.max(start, 0)), READ);
    const before = pidsLimit(kernel, host, name);
    carryOut(kernel, ops.slice(Math.max(start, 0)), READ, Math.max(start, 0));
    if (before !== String(pids)) {
      wrong({
        expected: `pids.max ${pids} before the op start`,
        seen: `${before} when the child executed its first instruction`,
        read: READ,
      });
    }
    checkFamily(kernel, host, name);
  }
}

function pidsLimit(kernel: CgroupKernel, host: Host, name: string): string {
  const base = host.version === 1 ? host.bases.pids : host.base;
  return kernel.groups.get(`${base}/${name}`)?.values.get('pids.max') ?? 'no limit';
}

function checkFamily(kernel: CgroupKernel, host: Host, name: string): void {
  const bases = host.version === 1 ? Object.values(host.bases) : [host.base];
  for (const { pid, groups } of kernel.family) {
    for (const base of bases) {
      if (groups.get(base) === `${base}/${name}`) continue;
      wrong({
        expected: `every process of the child in ${base}/${name}`,
        seen: `process ${pid}, which the child forked with its first instruction, is ${groups.get(base) ?? 'outside'}`,
        show: 'cat /proc/PID/cgroup',
        read: READ,
      });
    }
  }
}
