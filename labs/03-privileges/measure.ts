/**
 * What giving up privileges costs, step by step. The child itself notes when each step was done, so the clock that the
 * harness gets is one that only advances while the steps in question run.
 */
import { CAPABILITIES, spawn, type StepInput } from 'ring3';

interface Row {
  target: string;
  median: number;
  spread: number;
  ratio: number;
}
interface Target {
  name: string;
  run(): Promise<void>;
}
type Harness = (time: () => number, targets: Target[], rounds: number) => Promise<Row[]> | Row[];

const ROUNDS = 20;
const bounding: StepInput = { step: 'boundingSet', keep: [] };
const sets: StepInput[] = [
  { step: 'capabilities', effective: [], permitted: [], inheritable: [] },
  { step: 'ambientSet', set: [] },
];
const flags: StepInput[] = [
  { step: 'securebits', set: ['noroot', 'noroot-locked'] },
  { step: 'rlimit', resource: 'core', soft: 0, hard: 0 },
  { step: 'noNewPrivs' },
];
const ids: StepInput[] = [
  { step: 'gid', gid: 0 },
  { step: 'uid', uid: 0 },
];

function plan(steps: StepInput[]): StepInput[] {
  const own = (outside: number) => [{ inside: 0, outside, count: 1 }];
  return [
    { step: 'namespaces', types: ['user'] },
    { step: 'idMap', uid: own(process.geteuid!()), gid: own(process.getegid!()), setgroups: 'deny' },
    { step: 'umask', mask: 0o022 }, // the step before: it is the child's first, and waits for the map
    ...steps,
    { step: 'exec', file: 'true', argv: ['true'], env: [], search: ['/bin', '/usr/bin'] },
  ];
}

export async function measure(harness: Harness): Promise<unknown> {
  let nanoseconds = 0;
  const target = (name: string, steps: StepInput[], counted = steps.map(({ step }) => step)): Target => ({
    name,
    async run() {
      const child = await spawn(plan(steps), { stdio: ['null', 'null', 'null'] });
      await child.exited;
      for (const { step, microseconds } of child.timeline) {
        if (counted.includes(step as StepInput['step'])) nanoseconds += microseconds * 1000;
      }
    },
  });
  const rows = await harness(
    () => nanoseconds,
    [
      target('the exec itself', [], ['exec']),
      target('user and group', ids),
      target('securebits, limit, no_new_privs', flags),
      target('capset and ambient set', sets),
      target(`bounding set, ${CAPABILITIES.length} prctl`, [bounding]),
      target('all privilege steps', [bounding, ...ids, ...sets, ...flags.slice(1)]),
    ],
    ROUNDS,
  );
  return rows.map((row) => ({ ...row, median: row.median / 1000, spread: row.spread / 1000, unit: 'µs' }));
}
