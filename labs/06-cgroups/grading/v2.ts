/** Tasks v2-tree and v2-limits. */
import { wrong, type Examination } from 'ring3/grade';
import type { HostV2, Limits } from '../exercise.ts';
import { carryOut, drawLimits, drawV2, opsSchema } from '../model/hosts.ts';
import { bytes } from '../model/values.ts';
import { cpuMax, KernelV2 } from '../model/v2.ts';

const READ = 'README.md#v2-one-tree-two-rules';

async function limited(exam: Examination, host: HostV2, limits: Limits): Promise<KernelV2> {
  const ops = await exam.student.call('limit', [host, limits], { returns: opsSchema });
  const kernel = new KernelV2(host);
  carryOut(kernel, ops, READ);
  return kernel;
}

export async function v2Tree(exam: Examination): Promise<void> {
  const { random } = exam;
  const { name, pids } = drawLimits(random);
  const first = random.int(300, 900);
  const members = Array.from({ length: random.int(2, 4) }, (_, at) => first + at * 37);
  const hosts = [
    drawV2(random, { enabled: ['memory', 'pids', 'cpu'] }),
    drawV2(random),
    // A controller that nobody asked for may be missing.
    drawV2(random, { available: ['memory', 'pids'] }),
    drawV2(random, { members }),
  ];
  for (const host of random.shuffle(hosts)) {
    const kernel = await limited(exam, host, { name, pids });
    if (!kernel.started)
      wrong({ expected: 'one op start', seen: 'none: the child waits for ever', read: READ });
    checkPlaces(kernel, host, name);
  }
}

function checkPlaces(kernel: KernelV2, host: HostV2, name: string): void {
  const group = `${host.base}/${name}`;
  const place = kernel.child.groups.get(host.base);
  if (place !== group) {
    wrong({
      expected: `the child in ${group}`,
      seen: place ? `it is in ${place}` : 'it is where ring3 itself is',
      show: 'cat /proc/PID/cgroup',
      read: READ,
    });
  }
  const caught = kernel.in(group).filter(({ pid }) => host.members.includes(pid));
  if (caught.length > 0) {
    wrong({
      expected: `the supervisor's processes ${host.members.join(', ')} outside of the limited group`,
      seen: `${caught.map(({ pid }) => pid).join(', ')} sit in ${group} and will be killed with it`,
      read: READ,
    });
  }
}

function facts(kernel: KernelV2, host: HostV2, name: string) {
  const group = `${host.base}/${name}`;
  const amount = (file: string) => String(bytes(kernel.value(group, file, 'max'), 'max'));
  const { quota, period } = cpuMax(kernel.value(group, 'cpu.max', 'max 100000'));
  return {
    'memory at which the kernel kills (memory.max)': amount('memory.max'),
    'memory at which it slows down (memory.high)': amount('memory.high'),
    'swap beside it (memory.swap.max)': amount('memory.swap.max'),
    'what dies when memory is out (memory.oom.group)':
      kernel.value(group, 'memory.oom.group', '0') === '1' ? 'the whole group' : 'one process of it',
    'processes (pids.max)': kernel.value(group, 'pids.max', 'max'),
    'CPU quota (cpu.max)': String(quota),
    'CPU period (cpu.max)': String(period),
  };
}

function wanted(host: HostV2, { memory, swap = 0, pids, cpu }: Limits): ReturnType<typeof facts> {
  return {
    'memory at which the kernel kills (memory.max)': String(memory ?? Infinity),
    'memory at which it slows down (memory.high)': 'Infinity',
    'swap beside it (memory.swap.max)': String(memory === undefined || !host.swap ? Infinity : swap),
    'what dies when memory is out (memory.oom.group)':
      memory === undefined ? 'one process of it' : 'the whole group',
    'processes (pids.max)': String(pids ?? 'max'),
    'CPU quota (cpu.max)': String(cpu ? Math.round(cpu.cpus * cpu.period) : Infinity),
    'CPU period (cpu.max)': String(cpu?.period ?? 100_000),
  };
}

export async function v2Limits(exam: Examination): Promise<void> {
  const { random } = exam;
  const { name, memory, swap, pids, cpu } = drawLimits(random);
  const scenarios: [Partial<HostV2>, Limits][] = [
    [{}, { name, memory, swap, pids, cpu }],
    [{ enabled: ['memory', 'pids', 'cpu'] }, { name, memory }],
    [{ swap: false }, { name, memory, swap: 0 }],
    [{}, { name, pids }],
    [{}, { name, cpu }],
  ];
  for (const [given, limits] of random.shuffle(scenarios)) {
    const host = drawV2(random, given);
    const kernel = await limited(exam, host, limits);
    const [expected, seen] = [wanted(host, limits), facts(kernel, host, name)];
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      if (expected[key] === seen[key]) continue;
      // Whether the group dies together is only asked where memory is limited.
      if (key.includes('oom') && limits.memory === undefined) continue;
      wrong({
        expected: `${key}: ${expected[key]}, for limits ${JSON.stringify(limits)}`,
        seen: seen[key],
        read: 'README.md#the-files-of-v2',
      });
    }
  }
}
