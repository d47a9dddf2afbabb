/** Tasks real-limits and real-kill: the same lists, and this host's kernel has the last word. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { helperPath, spawn, type Child, type StepInput } from 'ring3';
import { hostCannot, wrong, type Examination } from 'ring3/grade';
import { z } from 'zod';
import type { CgroupOp, Host, Limits, Verdict } from '../exercise.ts';
import { directories, MIB, opsSchema } from '../model/hosts.ts';
import { carryOutHere } from './carry.ts';
import { pidsIn, thisHost } from './host.ts';

const READ = 'README.md#on-your-own-kernel';
const SURPLUS = 24;
/** Killed for its memory, it lives a quarter of a second; in user-mode-linux, two. */
const GREEDY_MS = 8000;

/** The child joins `groups` before its exec; its standard input and output are ours. */
async function begin(
  exam: Examination,
  groups: string[],
  argv: string[],
): Promise<[Child, AsyncIterator<string>]> {
  const file = helperPath(argv[0] as string);
  const plan: StepInput[] = [
    ...groups.map((path): StepInput => ({ step: 'cgroupJoin', path })),
    { step: 'joined' },
    { step: 'exec', file, argv, env: [] },
  ];
  const child = await spawn(plan, { stdio: ['pipe', 'pipe', 'null'] });
  // It may be frozen: that it ends can be waited for only when its groups have been cleared.
  exam.defer(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return [child, lines[Symbol.asyncIterator]()];
}

const nextLine = async (lines: AsyncIterator<string>) =>
  ((await lines.next()).value as string | undefined) ?? '';

function drawSmall({ random }: Examination): Required<Limits> {
  return {
    name: `box-${random.word(6)}`,
    memory: random.int(12, 24) * MIB,
    swap: 0,
    pids: random.int(6, 20),
    // A quota shorter than a tick of the kernel's clock (4 ms at 250 Hz): whoever runs at all uses it up.
    cpu: { cpus: random.int(3, 4) / 20, period: random.int(8, 10) * 1000 },
  };
}

export async function realLimits(exam: Examination): Promise<void> {
  const host = thisHost(exam.defer, hostCannot);
  const limits = drawSmall(exam);
  const ops = await exam.student.call('limit', [host, limits], { returns: opsSchema });
  const start = ops.findIndex(({ op }) => op === 'start');
  if (start < 0) wrong({ expected: 'one op start', seen: 'none', read: READ });
  const groups: string[] = [];
  await carryOutHere(host, ops.slice(0, start), (group) => groups.push(group));

  const [processes, milliseconds, mebibytes] = [limits.pids + SURPLUS, 12, limits.memory / MIB + SURPLUS];
  const [child, lines] = await begin(exam, groups, [
    'greedy',
    ...[processes, milliseconds, mebibytes].map(String),
  ]);
  let slow = false;
  const timer = setTimeout(() => {
    slow = true;
    child.kill('SIGKILL');
  }, GREEDY_MS);
  exam.defer(() => clearTimeout(timer));
  const forks = await nextLine(lines);
  // Whatever comes after `start` comes too late for what the child has done by now.
  const late = (group: string) => writeFileSync(`${group}/cgroup.procs`, String(child.pid));
  await carryOutHere(host, ops.slice(start + 1), late);
  checkQuota(host, limits);
  child.stdin?.end('go\n');
  const held = await nextLine(lines);
  const exit = await child.exited;

  checkForks(forks, limits);
  checkTime(host, limits);
  if (slow || held || exit.signal !== 'SIGKILL') {
    const got = held ? `it got ${held.replace(/\D/g, '')} MiB` : `it ended with ${exit.code ?? exit.signal}`;
    wrong({
      expected: `the kernel to kill a program that wants more than ${limits.memory / MIB} MiB`,
      seen: slow ? `after ${GREEDY_MS} ms it was still there, slowed down at most` : got,
      read: READ,
    });
  }
  await checkVerdict(exam, host, limits, { code: exit.code, signal: exit.signal });
}

/** The child itself is one of the processes. */
function checkForks(line: string, { pids }: Required<Limits>): void {
  const got = Number(/^processes (\d+)/.exec(line)?.[1] ?? NaN);
  if (got === pids - 1) return;
  wrong({
    expected: `${pids - 1} forks to succeed under a limit of ${pids} processes`,
    seen: Number.isNaN(got) ? 'a child that could not even begin' : `${got} did`,
    read: READ,
  });
}

const cpuGroup = (host: Host, name: string): string =>
  `${host.version === 1 ? host.bases.cpu : host.base}/${name}`;

/** As the kernel has understood it: whoever leaves the period at its default stops for a tenth of a second at a time. */
function checkQuota(host: Host, { name, cpu }: Required<Limits>): void {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : `no file ${file}`);
  const files = host.version === 1 ? ['cpu.cfs_quota_us', 'cpu.cfs_period_us'] : ['cpu.max'];
  const seen = files.map((file) => read(`${cpuGroup(host, name)}/${file}`)).join(' ');
  const expected = `${Math.round(cpu.cpus * cpu.period)} ${cpu.period}`;
  if (seen !== expected) wrong({ expected: `${files.join(' and ')} to say ${expected}`, seen, read: READ });
}

function checkTime(host: Host, { name, cpu }: Required<Limits>): void {
  const file = `${cpuGroup(host, name)}/cpu.stat`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (Number(/^nr_throttled (\d+)/m.exec(text)?.[1] ?? 0) > 0) return;
  wrong({
    expected: `a program that computes without end to be stopped after ${cpu.cpus * cpu.period} of every ${cpu.period} µs`,
    seen: text ? 'nr_throttled 0: it never was' : `no file ${file}`,
    show: `cat ${file}`,
    read: READ,
  });
}

function readFiles(host: Host, name: string): Record<string, string> {
  const groups = host.version === 1 ? [host.bases.memory, host.bases.pids] : [host.base];
  const files: Record<string, string> = {};
  for (const group of groups) {
    for (const file of readdirSync(`${group}/${name}`)) {
      if (/^(memory|pids)\.(events|peak|max_usage_in_bytes|oom_control|failcnt)$/.test(file)) {
        files[file] = readFileSync(`${group}/${name}/${file}`, 'utf8');
      }
    }
  }
  return files;
}

const verdictSchema = z.object({ cause: z.string(), refusedForks: z.number(), peak: z.number().nullable() });

async function checkVerdict(
  exam: Examination,
  host: Host,
  limits: Required<Limits>,
  exit: { code: number | null; signal: string | null },
): Promise<void> {
  const files = readFiles(host, limits.name);
  const seen = await exam.student.call('explain', [host, exit, files], { returns: verdictSchema });
  const cause: Verdict['cause'] = 'out of memory';
  if (seen.cause === cause && seen.refusedForks > 0 && (seen.peak ?? 1) <= limits.memory) return;
  wrong({
    expected: `${cause}, some refused forks, and a peak of at most ${limits.memory}`,
    seen: `${JSON.stringify(seen)} from ${JSON.stringify(files)}`,
    read: 'README.md#telling-oom-from-murder',
  });
}

const CHAINS = 6;

export async function realKill(exam: Examination): Promise<void> {
  const host = thisHost(exam.defer, hostCannot);
  const name = `box-${exam.random.word(6)}`;
  const groups = directories(host, name);
  const ask = async (what: string): Promise<void> => {
    const ops: CgroupOp[] = await exam.student.call(what, [host, name], { returns: opsSchema });
    await carryOutHere(host, ops);
  };
  await carryOutHere(
    host,
    groups.map((path) => ({ op: 'create', path })),
  );
  // Only the chains are in the group: were their ancestor killed as well, spawn would clear up behind the submission.
  const [child, lines] = await begin(exam, [], ['fleeing', String(CHAINS), '5']);
  const origin = /\d+/.exec(await nextLine(lines))?.[0] ?? '';
  for (const group of groups) writeFileSync(`${group}/cgroup.procs`, origin);
  child.stdin?.write('go\n');

  const list = host.version === 1 ? `${host.bases.freezer}/${name}` : `${host.base}/${name}`;
  await ask('freeze');
  // That the freeze has taken hold before anything else happens is the model's question; here a moment may pass.
  let moving = true;
  for (let tries = 0; tries < 8 && moving; tries++) moving = await moves(list, 15);
  if (moving) {
    wrong({ expected: 'processes that stand still after freeze', seen: 'new pids all the time', read: READ });
  }
  await ask('thaw');
  if (!(await moves(list, 500))) {
    wrong({
      expected: 'processes that run again after thaw',
      seen: 'the same pids for half a second',
      read: READ,
    });
  }
  await ask('kill');
  for (let tries = 0; tries < 100 && pidsIn(list).length > 0; tries++) await delay(4);
  const left = pidsIn(list);
  if (left.length > 0) {
    wrong({
      expected: 'nobody left after kill',
      seen: `${left.length} processes`,
      show: `cat ${list}/cgroup.procs`,
      read: READ,
    });
  }
  await ask('remove');
  const there = groups.filter((group) => existsSync(group));
  if (there.length > 0) wrong({ expected: 'no group left after remove', seen: there.join(', '), read: READ });
}

/** Whether the list of processes changes within so many milliseconds. */
async function moves(group: string, milliseconds: number): Promise<boolean> {
  const before = pidsIn(group).join(' ');
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    await delay(4);
    if (pidsIn(group).join(' ') !== before) return true;
  }
  return false;
}
