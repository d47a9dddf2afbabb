import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import {
  chooseWorkloads,
  judge,
  microBench,
  microTable,
  workloads,
  type MicroResult,
  type MicroTarget,
} from '../../src/bench/micro/index.ts';
import { helperPath } from '../../src/linux/addon.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

async function run(program: string, args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { timeout: 25_000 });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

const micro = (...args: string[]): Promise<Ended> => run(helperPath('micro'), args);
const baseline = (...args: string[]): Promise<Ended> => run(helperPath('baseline'), args);

test('micro has just the workloads that are asked of it', async () => {
  const { stdout } = await micro('--list');
  const names = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect(names).toEqual(workloads.map(({ name }) => name));
});

test.each(workloads.map(({ name }) => name))('micro %s measures itself', async (name) => {
  const { status, stdout, stderr } = await micro(name, '3', '1');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const line = JSON.parse(stdout) as Record<string, unknown>;
  expect(line).toEqual({
    workload: name,
    count: 3,
    ns_per_op: expect.any(Number),
    cores: expect.any(Number),
  });
  expect(line.ns_per_op).toBeGreaterThan(0);
});

test.each(['ring', 'trap', 'notify', 'ptrace'])('baseline %s answers every call', async (kind) => {
  const { status, stdout, stderr } = await baseline(kind, '100');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ workload: kind, count: 100 });
});

test.each([[[]], [['getppid']], [['getppid', '0']], [['getppid', '1e3']], [['nonsense', '1']]])(
  '%j is refused by both',
  async (args) => {
    for (const { status, stdout, stderr } of [await micro(...args), await baseline(...args)]) {
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^usage: /);
    }
  },
);

test('a call that fails is no figure', () => {
  const options = { argv0: '/nonexistent', encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(helperPath('micro'), ['stat', '1'], options);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toBe('stat: No such file or directory\n');
});

test('every round has a sample of each, and the ring beside it', { timeout: 60_000 }, async () => {
  const options = ['plain', '--quick', '--rounds', '2', '-w', 'getppid,pipe', '--json'];
  const { status, stdout, stderr } = await run(process.execPath, [
    '--import',
    'tsx',
    main,
    'bench',
    'micro',
    ...options,
  ]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const { samples, failures, targets } = JSON.parse(stdout) as MicroResult;
  expect(targets.map(({ name }) => name)).toEqual(['plain', 'ring']);
  expect(failures).toEqual([]);
  const names = samples.map(({ round, workload, target }) => `${round} ${workload} ${target}`);
  expect(names.sort()).toEqual(
    [0, 1].flatMap((round) =>
      ['getppid', 'pipe'].flatMap((workload) =>
        ['plain', 'ring'].map((target) => `${round} ${workload} ${target}`),
      ),
    ),
  );
});

const broken = (name: string, ...command: string[]): MicroTarget => ({
  name,
  family: 'peer',
  title: name,
  command: () => command,
  probe: async () => undefined,
  version: async () => '1',
});

test('a target that fails or says something else is named, tried no more, and costs the others nothing', async () => {
  const targets = [
    broken('complains', 'sh', '-c', 'echo no such luck >&2; exit 3'),
    broken('babbles', 'echo', '{"count":1}'),
    broken('works', helperPath('micro'), 'empty', '1000'),
  ];
  const options = { rounds: 2, warmUp: 1, sampleMs: 1, seed: 1 };
  const chosen = chooseWorkloads(['empty']);
  const { samples, failures } = await microBench(chosen, targets, options);
  expect(samples.map(({ round, target }) => [round, target])).toEqual([
    [0, 'works'],
    [1, 'works'],
  ]);
  expect(failures.map(({ round, reason }) => [round, reason]).sort()).toEqual([
    [-1, 'exit status 3: no such luck'],
    [-1, 'printed no figure: "{\\"count\\":1}\\n"'],
  ]);
});

/** Rounds of a machine that is twice as slow in every second one. */
function made(times: Record<string, Record<string, number>>, usableCores = 2): MicroResult {
  const rounds = 20;
  const samples = Object.entries(times).flatMap(([workload, each]) =>
    Object.entries(each).flatMap(([target, ns]) =>
      Array.from({ length: rounds }, (_, round) => ({
        round,
        workload,
        target,
        ns: ns * (1 + (round % 2)),
        count: 1,
      })),
    ),
  );
  return {
    ring3Micro: 1,
    began: '2024-01-01T00:00:00.000Z',
    seed: 1,
    rounds: { asked: rounds, warmUp: 0, done: rounds },
    sampleMs: 10,
    usableCores,
    machine: {
      host: 'a host',
      kernel: '6.1.0 #1',
      cpu: 'a processor',
      cores: 2,
      memoryBytes: 1,
      load: 0,
      node: 'v20',
      privileged: true,
    },
    workloads: Object.keys(times).map((name) => ({ name, title: name })),
    targets: [...new Set(Object.values(times).flatMap((each) => Object.keys(each)))].map((name) => ({
      name,
      family: 'ring3',
      title: name,
    })),
    samples,
    failures: [],
  };
}

test('bounds are judged round by round, the ring taken off where it is the machine’s', () => {
  const result = made({
    getppid: { plain: 200, rewrite: 180, trap: 5000, ring: 50, 'c-trap': 4000, 'runsc-systrap': 150 },
    stat: { plain: 1000, rewrite: 1600, ring: 50 },
  });
  const judged = judge(result).map(({ bound, value, met, sure }) => [
    `${bound.workload} ${bound.target} per ${bound.per}`,
    value.median,
    met,
    sure,
  ]);
  expect(judged).toEqual([
    ['getppid rewrite per plain', 0.65, true, true],
    ['getppid rewrite per plain', 0.9, true, true],
    ['getppid trap per c-trap', 1.25, true, true],
    ['stat rewrite per plain', 1.6, false, true],
    ['getppid rewrite per runsc-systrap', 1.2, false, true],
  ]);
});

test('on one core the call that does nothing is judged by the clock', () => {
  const [first, ...others] = judge(made({ getppid: { plain: 200, rewrite: 5000 } }, 1));
  expect(others).toEqual([]);
  expect(first).toMatchObject({ bound: { most: 8000 }, value: { median: 7500 }, met: true, sure: false });
});

test('the table has times, ratios, promises and gaps, in blocks that fit', () => {
  const result = made({ stat: { plain: 1000, rewrite: 1250, ring: 50 } });
  result.targets.push({ name: 'runsc-ptrace', family: 'peer', title: 'x', gap: { reason: 'not installed' } });
  result.failures.push({ round: -1, workload: 'stat', target: 'notify', reason: 'exit status 1' });
  const lines = microTable(result, 200);
  expect(lines).toContainEqual(expect.stringMatching(/^stat +1\.50 µs +1\.88 µs +1\.25× +75\.0 ns$/));
  expect(lines).toContainEqual(expect.stringMatching(/^stat +rewrite ≤ 1\.5 × plain +1\.25 +met$/));
  expect(lines).toContain('no runsc-ptrace: not installed');
  expect(lines).toContain('stat on notify failed: exit status 1');
  expect(microTable(result, 40).filter((line) => line.startsWith('workload'))).toHaveLength(3);
});
