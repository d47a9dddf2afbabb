/** Tasks v1-tree and v1-limits. */
import { wrong, type Examination } from 'ring3/grade';
import type { HostV1, Limits } from '../exercise.ts';
import { carryOut, drawLimits, drawV1, opsSchema } from '../model/hosts.ts';
import { KernelV1 } from '../model/v1.ts';

const READ = 'README.md#v1-a-tree-for-each-controller';

async function limited(exam: Examination, host: HostV1, limits: Limits): Promise<KernelV1> {
  const ops = await exam.student.call('limit', [host, limits], { returns: opsSchema });
  const kernel = new KernelV1(host);
  carryOut(kernel, ops, READ);
  return kernel;
}

export async function v1Tree(exam: Examination): Promise<void> {
  const host = drawV1(exam.random);
  const { name } = drawLimits(exam.random);
  const kernel = await limited(exam, host, { name });
  if (!kernel.started)
    wrong({ expected: 'one op start', seen: 'none: the child waits for ever', read: READ });
  for (const [controller, base] of Object.entries(host.bases)) {
    const group = `${base}/${name}`;
    if (!kernel.groups.has(group)) {
      wrong({ expected: `a group ${group} (${controller})`, seen: 'none of that name', read: READ });
    }
    const place = kernel.child.groups.get(base);
    if (place !== group) {
      wrong({
        expected: `the child in ${group}, so that ${controller} can hold it`,
        seen: `in the ${controller} tree it is ${place ? `in ${place}` : 'where ring3 itself is'}`,
        show: 'cat /proc/PID/cgroup',
        read: READ,
      });
    }
  }
}

/** What the group's files say, in the words of the handout. */
function facts(kernel: KernelV1, host: HostV1, name: string) {
  const of = (controller: keyof HostV1['bases']) => `${host.bases[controller]}/${name}`;
  const value = (controller: 'pids' | 'cpu', file: string, otherwise: string) =>
    kernel.groups.get(of(controller))?.values.get(file) ?? otherwise;
  const [memory, together] = [kernel.memory(of('memory')), kernel.together(of('memory'))];
  return {
    memory: String(memory),
    swap: together === Infinity || !host.swap ? 'without limit' : String(together - memory),
    pids: value('pids', 'pids.max', 'max'),
    quota: value('cpu', 'cpu.cfs_quota_us', '-1'),
    period: value('cpu', 'cpu.cfs_period_us', '100000'),
  };
}

function wanted(host: HostV1, { memory, swap = 0, pids, cpu }: Limits) {
  return {
    memory: String(memory ?? Infinity),
    swap: memory === undefined || !host.swap ? 'without limit' : String(swap),
    pids: String(pids ?? 'max'),
    quota: String(cpu ? Math.round(cpu.cpus * cpu.period) : -1),
    period: String(cpu?.period ?? 100_000),
  };
}

export async function v1Limits(exam: Examination): Promise<void> {
  const { random } = exam;
  const { name, memory, swap, pids, cpu } = drawLimits(random);
  const scenarios: [swapCounted: boolean, limits: Limits][] = [
    [true, { name, memory, swap, pids, cpu }],
    [true, { name, memory }],
    [false, { name, memory, swap: 0 }],
    [true, { name, pids }],
    [true, { name, cpu }],
  ];
  for (const [swapCounted, limits] of random.shuffle(scenarios)) {
    const host = drawV1(random, swapCounted);
    const kernel = await limited(exam, host, limits);
    const [expected, seen] = [wanted(host, limits), facts(kernel, host, name)];
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      if (key === 'period' && !limits.cpu) continue;
      if (expected[key] === seen[key]) continue;
      wrong({
        expected: `${key} limited to ${expected[key]} for limits ${JSON.stringify(limits)}`,
        seen: `the kernel was told ${seen[key]}`,
        read: 'README.md#the-files-of-v1',
      });
    }
  }
}
