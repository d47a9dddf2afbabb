/**
 * `ring3 run` with limits, end to end: on this machine's own cgroups, and on v2 in user-mode-linux (`npm run test:uml`).
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test, type TestContext } from 'vitest';
import { processesOf } from '../../src/confine/cgroups/group.ts';
import { discoverCgroups, hostFor, needsOf, readStats, whyNot } from '../../src/confine/cgroups/index.ts';
import type { CgroupHost, Limits } from '../../src/confine/cgroups/index.ts';
import { cpuTicks, orphansOf, shareOf } from '../support/groups.ts';
import { program } from '../support/programs.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

interface Ended {
  pid: number;
  status: number;
  stdout: string;
  stderr: string;
}

function start(...args: string[]): { pid: number; ended: Promise<Ended> } {
  const argv = [main, 'run', '--platform', 'none', ...args];
  let finish: (ended: Ended) => void;
  const ended = new Promise<Ended>((resolve) => (finish = resolve));
  const child = execFile(process.execPath, argv, { timeout: 50_000 }, (error, stdout, stderr) =>
    finish({ pid: child.pid!, status: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
  );
  return { pid: child.pid!, ended };
}

const run = (...args: string[]): Promise<Ended> => start(...args).ended;

function needs(context: TestContext, limits: Limits): void {
  const problem = whyNot(hostFor(limits), needsOf(limits));
  if (problem) context.skip(`needs cgroups (${needsOf(limits).join(', ')}): ${problem.message}`);
}

/** The shim removes the groups after ring3 has ended. */
async function expectNothingLeft({ pid }: Ended): Promise<void> {
  await expect.poll(() => orphansOf(discoverCgroups(), pid), { timeout: 5000 }).toEqual([]);
}

beforeAll(() => {
  if (!existsSync(main)) throw new Error('dist/ is not built: npm run build');
});

test('a hog ends at its memory limit, and is told why', async (context) => {
  needs(context, { memory: 2 ** 25 });
  const ended = await run('--memory', '32M', '--', program('hog'), '64');
  expect(ended).toMatchObject({ status: 137, stdout: '' });
  expect(ended.stderr).toMatch(/^ring3: out of memory \(limit 32\.0 MiB, peak 3[12]\.\d MiB\): .*\n$/);
  await expectNothingLeft(ended);
});

test('so does a hog that is not the first process of its group', async (context) => {
  needs(context, { memory: 2 ** 25 });
  const ended = await run('--memory', '32M', '--', 'sh', '-c', `${program('hog')} 64; exit $?`);
  expect(ended.status).toBe(137);
  expect(ended.stderr).toMatch(/^ring3: out of memory/m);
});

test('a fork bomb stays within its limit, and the host answers meanwhile', async (context) => {
  needs(context, { pids: 32 });
  const bomb = run('--pids', '32', '--', program('forkbomb'), '2000', '10');
  const answer = await new Promise<number>((resolve) => {
    const asked = performance.now();
    execFile('true', () => resolve(performance.now() - asked));
  });
  expect(answer).toBeLessThan(2000);
  const ended = await bomb;
  expect(ended.status).toBe(0);
  expect(ended.stdout).toMatch(/^forkbomb: 31 forked, [1-9]\d* refused/);
  expect(ended.stderr).toMatch(/^ring3: [1-9]\d* forks refused by --pids 32\n$/);
  await expectNothingLeft(ended);
});

test('a fifth of a core is a fifth of a core', async (context) => {
  needs(context, { cpus: 0.2 });
  const running = start('--cpus', '0.2', '--', program('burn'), '30', '2');
  const host = discoverCgroups();
  const share = await shareOf(() => cpuMicroseconds(host, running.pid), 0.17);
  expect(share).toBeGreaterThan(0.17);
  expect(share).toBeLessThan(0.23);

  process.kill(running.pid, 'SIGTERM');
  const ended = await running.ended;
  expect(ended).toMatchObject({ status: 143, stderr: 'ring3: ended by SIGTERM\n' });
  await expectNothingLeft(ended);
});

/** What the groups of a ring3 process have used: by their own clock, or where they have none, their processes' ones. */
function cpuMicroseconds(host: CgroupHost, pid: number): number {
  const groups = orphansOf(host, pid);
  const { cpu } = groups[0] === undefined ? {} : readStats(host, basename(groups[0]));
  if (cpu?.usageMicroseconds !== undefined) return cpu.usageMicroseconds;
  return processesOf(groups).reduce((sum, member) => sum + cpuTicks(member) * 10_000, 0);
}
