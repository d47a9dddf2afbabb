/** Hosts and limits drawn fresh, and carrying a list out on the model of such a host. */
import { z } from 'zod';
import { wrong, type Random } from 'ring3/grade';
import type { CgroupOp, Host, HostV1, HostV2, Limits } from '../exercise.ts';
import { Refused, type CgroupKernel } from './kernel.ts';
import { KernelV1 } from './v1.ts';
import { KernelV2 } from './v2.ts';

const text = z.string().max(4096);
const op = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('create'), path: text }),
  z.strictObject({ op: z.literal('write'), path: text, value: text }),
  z.strictObject({ op: z.literal('join'), path: text }),
  z.strictObject({ op: z.literal('start') }),
  z.strictObject({ op: z.literal('wait'), path: text, line: text }),
  z.strictObject({ op: z.literal('signal'), path: text }),
  z.strictObject({ op: z.literal('remove'), path: text }),
]);
export const opsSchema: z.ZodType<CgroupOp[]> = z.array(op).max(500);

/** Where hierarchies are mounted differs from host to host, so nothing can be learnt by heart. */
export function drawV1(random: Random, swap = true): HostV1 {
  const place = random.word(6);
  const base = (controller: string) => `/sys/fs/cgroup/${controller}/${place}-${random.word(4)}`;
  return {
    version: 1,
    bases: { memory: base('memory'), pids: base('pids'), cpu: base('cpu,cpuacct'), freezer: base('freezer') },
    swap,
  };
}

export function drawV2(random: Random, given: Partial<HostV2> = {}): HostV2 {
  return {
    version: 2,
    base: `/sys/fs/cgroup/${random.word(6)}.slice/${random.word(6)}.scope`,
    members: [],
    available: ['memory', 'pids', 'cpu'],
    enabled: [],
    swap: true,
    killFile: true,
    ...given,
  };
}

export const MIB = 1024 * 1024;

export function drawLimits(random: Random): Required<Limits> {
  const period = random.int(20, 90) * 1000;
  return {
    name: `box-${random.word(6)}`,
    memory: random.int(16, 300) * MIB,
    swap: random.int(1, 40) * MIB,
    pids: random.int(8, 200),
    // Whole milliseconds of quota, so that rounding is not what is asked about; never the default period.
    cpu: { cpus: random.int(3, 18) / 20, period },
  };
}

export function kernelOf(host: Host): CgroupKernel {
  return host.version === 1 ? new KernelV1(host) : new KernelV2(host);
}

/** The group's directories, as the handout wants them. */
export function directories(host: Host, name: string): string[] {
  return (host.version === 1 ? Object.values(host.bases) : [host.base]).map((base) => `${base}/${name}`);
}

/** A kernel in which the group is there already, as a right answer to the earlier tasks would have left it. */
export function withGroups(host: Host, names: string[]): CgroupKernel {
  const kernel = kernelOf(host);
  for (const name of names) for (const path of directories(host, name)) kernel.apply({ op: 'create', path });
  return kernel;
}

export function say(one: CgroupOp | undefined): string {
  if (!one) return 'nothing';
  const { op: name, ...fields } = one;
  return [name, ...Object.values(fields).map((field) => JSON.stringify(field))].join(' ');
}

/** Carry a student's list out on the model. */
export function carryOut(kernel: CgroupKernel, ops: readonly CgroupOp[], read: string, first = 0): void {
  try {
    kernel.carry(ops);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    wrong({
      expected: `the kernel to carry out op ${first + error.index}: ${say(ops[error.index])}`,
      seen: `${error.code}: ${error.message}`,
      read,
    });
  }
}
