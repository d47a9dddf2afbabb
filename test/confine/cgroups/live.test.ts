/**
 * Limits, counters and control on this machine's own cgroups, whatever their version: v1 or v2 as the host has it, and
 * both in user-mode-linux (`npm run test:uml`).
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { spawn as start } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { locate, foldersOf, processesOf } from '../../../src/confine/cgroups/group.ts';
import {
  cgroupName,
  freeze,
  hostFor,
  kill,
  limitSteps,
  needsOf,
  readStats,
  remove,
  sweep,
  thaw,
  wasOomKilled,
  whyNot,
  type CgroupHost,
  type CgroupStats,
  type Limits,
} from '../../../src/confine/cgroups/index.ts';
import type { Child, Exit } from '../../../src/confine/child.ts';
import { execute } from '../../../src/confine/execute.ts';
import type { StepInput } from '../../../src/confine/plan.ts';
import { spawn } from '../../../src/confine/spawn.ts';
import { cpuTicks, shareOf } from '../../support/groups.ts';
import { program } from '../../support/programs.ts';

const MIB = 1024 * 1024;

const exec = (argv: string[]): StepInput[] => [
  { step: 'joined' },
  { step: 'exec', file: argv[0]!, argv, env: ['PATH=/usr/bin:/bin'] },
];

/** A host that can do this, or the test is skipped with what the host says. */
function needs(context: TestContext, limits: Limits): CgroupHost {
  const host = hostFor(limits);
  const problem = whyNot(host, needsOf(limits));
  if (problem) context.skip(`needs cgroups (${needsOf(limits).join(', ')}): ${problem.message}`);
  return host;
}

interface Ran {
  exit: Exit;
  stdout: string;
  stats: CgroupStats;
}

/** Runs a command under limits, and checks that nothing is left of its group. */
async function limited(host: CgroupHost, limits: Limits, argv: string[]): Promise<Ran> {
  const name = cgroupName();
  let stats: CgroupStats = {};
  const { exit, stdout } = await execute([...limitSteps(host, limits, name), ...exec(argv)], {
    timeoutMs: 20_000,
    beforeCleanup: () => {
      stats = readStats(host, name);
    },
  });
  // The shim removes the group after it has let go of the pipes.
  await expect.poll(() => foldersOf(locate(host, name)), { timeout: 5000 }).toEqual([]);
  return { exit, stdout, stats };
}

describe('memory', () => {
  const limits = { memory: 32 * MIB };

  test('who stays below the limit is let live, and counted', async (context) => {
    const { exit, stats } = await limited(needs(context, limits), limits, [program('hog'), '16']);
    expect(exit.code).toBe(0);
    expect(wasOomKilled(stats, exit)).toBe(false);
    expect(stats.memory?.limit).toBe(32 * MIB);
    expect(stats.memory?.peak).toBeGreaterThan(16 * MIB);
    expect(stats.memory?.peak).toBeLessThan(24 * MIB);
  });

  test('who does not is killed, and it is known why', async (context) => {
    const host = needs(context, limits);
    const { exit, stats } = await limited(host, limits, [program('hog'), '64']);
    expect(exit.signal).toBe('SIGKILL');
    expect(wasOomKilled(stats, exit)).toBe(true);
    // Newer kernels do not count what runs into memory.memsw.limit_in_bytes.
    if (!host.v1.some(({ swap }) => swap)) expect(stats.memory?.limitHits).toBeGreaterThan(0);
    expect(stats.memory?.peak).toBeGreaterThan(30 * MIB);
    expect(stats.memory?.peak).toBeLessThanOrEqual(32 * MIB);
  });

  test('a kill that memory has nothing to do with is not taken for it', async (context) => {
    const { exit, stats } = await limited(needs(context, limits), limits, ['/bin/sh', '-c', 'kill -9 $$']);
    expect(exit.signal).toBe('SIGKILL');
    expect(wasOomKilled(stats, exit)).toBe(false);
  });

  test('the least that can be asked for starts a program', async (context) => {
    const least = { memory: MIB };
    const { exit } = await limited(needs(context, least), least, [program('burn'), '0.01']);
    expect(exit.code).toBe(0);
  });
});

test('a fork bomb gets as many processes as the limit says, and the refusals are counted', async (context) => {
  const limits = { pids: 32 };
  const { exit, stdout, stats } = await limited(needs(context, limits), limits, [program('forkbomb'), '500']);
  expect(exit.code).toBe(0);
  expect(stdout).toMatch(/^forkbomb: 31 forked, [1-9]\d* refused: Resource temporarily unavailable\n$/);
  expect(stats.pids?.limit).toBe(32);
  expect(stats.pids?.refused).toBeGreaterThan(0);
  if (stats.pids?.peak !== undefined) expect(stats.pids.peak).toBe(32);
});

describe('the whole group', () => {
  let child: Child | undefined;
  afterEach(async () => {
    child?.kill('SIGKILL');
    await child?.exited.catch(() => {});
    child = undefined;
  });

  /** A group that works: its commands, and the group's own clock. */
  async function working(host: CgroupHost, limits: Limits, argv: string[]) {
    const name = cgroupName();
    child = await spawn([...limitSteps(host, limits, name), ...exec(argv)], {
      stdio: ['null', 'null', 'inherit'],
    });
    const members = () => processesOf(foldersOf(locate(host, name)));
    const time = () => members().reduce((sum, pid) => sum + cpuTicks(pid), 0);
    return { name, members, time, child };
  }

  test.for([1, 3])(
    'with a quota, %i processes get their share of a core together',
    async (count, context) => {
      const limits = { cpus: 0.2, account: true };
      const host = needs(context, limits);
      const { name } = await working(host, limits, [program('burn'), '20', String(count)]);
      const share = await shareOf(() => readStats(host, name).cpu?.usageMicroseconds ?? 0, 0.17);
      expect(share).toBeGreaterThan(0.17);
      expect(share).toBeLessThan(0.23);
      const { cpu } = readStats(host, name);
      expect(cpu?.throttledPeriods).toBeGreaterThan(5);
      expect(cpu?.throttledMicroseconds).toBeGreaterThan(100_000);
    },
  );

  test('frozen, it does not move; thawed, it does; killed, it is gone', async (context) => {
    const limits = { freeze: true };
    const host = needs(context, limits);
    const { name, members, time, child: running } = await working(host, limits, [program('burn'), '20', '3']);
    await expect.poll(() => members().length).toBe(3);

    await freeze(host, name);
    const stopped = time();
    await sleep(300);
    expect(time()).toBe(stopped);

    await thaw(host, name);
    await expect.poll(time, { timeout: 5000 }).toBeGreaterThan(stopped);

    await freeze(host, name);
    await kill(host, name);
    expect(members()).toEqual([]);
    expect((await running.exited).signal).toBe('SIGKILL');
  });

  test('a bomb that goes off cannot outrun the kill', async (context) => {
    const limits = { pids: 200, freeze: true };
    const host = needs(context, limits);
    const { name, members } = await working(host, limits, [program('forkbomb'), '10000', '20']);
    await expect.poll(() => members().length).toBeGreaterThan(100);
    await kill(host, name);
    expect(members()).toEqual([]);
  });

  test('nor where there is neither freezer nor cgroup.kill', async (context) => {
    const { v2: _, ...host } = needs(context, { pids: 200 });
    host.v1 = host.v1.filter(({ controllers }) => controllers.includes('pids'));
    if (host.v1.length === 0) context.skip('needs the pids controller on v1');
    const { name, members } = await working(host, { pids: 200 }, [program('forkbomb'), '10000', '20']);
    await expect.poll(() => members().length).toBeGreaterThan(100);
    await kill(host, name);
    expect(members()).toEqual([]);
  });

  test('a group without a freezer says so', async (context) => {
    const { v2: _, ...host } = needs(context, { freeze: true });
    await expect(freeze(host, 'ring3-test-none')).rejects.toThrow(/cannot be frozen/);
  });
});

test('the first instruction already runs inside', async (context) => {
  const limits = { pids: 10, memory: 64 * MIB };
  const host = needs(context, limits);
  const name = cgroupName();
  const steps = limitSteps(host, limits, name);
  const { stdout } = await execute([...steps, ...exec(['/bin/cat', '/proc/self/cgroup'])]);
  const groups = steps.filter(({ step }) => step === 'cgroupCreate').length;
  expect(stdout.split('\n').filter((line) => line.endsWith(`/${name}`))).toHaveLength(groups);
});

describe('sweep', () => {
  test('kills and removes what a dead owner left, and nothing else', async (context) => {
    const host = needs(context, { pids: 10, freeze: true });
    const [, pidNamespace = '', pid = '', ticks = ''] = cgroupName().split('-');
    // The same pid, but another start: the pid was reused.
    const dead = `ring3-${pidNamespace}-${pid}-${Number(ticks) - 1}-0`;
    const foreign = `ring3-1-${pid}-${Number(ticks) - 1}-0`;
    const alive = cgroupName();

    const groups = [];
    for (const name of [dead, foreign, alive]) groups.push(await forgotten(host, name));
    try {
      expect(await sweep(host)).toContain(dead);
      const [gone, ...kept] = groups;
      expect(gone!.folders.filter(existsSync)).toEqual([]);
      if (gone!.sleeper.exitCode === null && gone!.sleeper.signalCode === null)
        await once(gone!.sleeper, 'exit');
      expect(gone!.sleeper.signalCode).toBe('SIGKILL');
      for (const { folders, sleeper } of kept) {
        expect(folders.filter(existsSync)).toEqual(folders);
        expect(sleeper.signalCode).toBeNull();
      }
    } finally {
      for (const name of [foreign, alive, dead]) {
        await kill(host, name);
        await remove(host, name);
      }
    }
  });
});

/** A group with a process in it, in every hierarchy that `freeze` and `pids` use here. */
async function forgotten(host: CgroupHost, name: string) {
  const folders = limitSteps(host, { pids: 10, freeze: true }, name).flatMap((step) =>
    step.step === 'cgroupCreate' ? [step.path] : [],
  );
  const sleeper = start('sleep', ['60'], { stdio: 'ignore' });
  await once(sleeper, 'spawn');
  for (const folder of folders) {
    mkdirSync(folder);
    writeFileSync(`${folder}/cgroup.procs`, String(sleeper.pid));
  }
  mkdirSync(`${folders[0]}/made-by-the-guest`);
  return { folders, sleeper };
}
