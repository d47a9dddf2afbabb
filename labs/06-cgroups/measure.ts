/** What it costs a child to be put into groups before its exec, from spawn to exit. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { helperPath, spawn, type StepInput } from 'ring3';
import type { Host } from './exercise.ts';
import { thisHost } from './grading/host.ts';
import { directories } from './solution.ts';

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

const ROUNDS = 25;
const PAUSE_MS = 80;

function target(name: string, joins: StepInput[]): Target {
  const file = helperPath('breakout');
  const plan: StepInput[] = [
    ...joins,
    { step: 'joined' },
    { step: 'exec', file, argv: ['breakout'], env: [] },
  ];
  return {
    name,
    async run() {
      await (
        await spawn(plan, { stdio: ['null', 'null', 'null'] })
      ).exited;
    },
  };
}

/** On both sides of its neighbour, since a harness may run every other round backwards. */
function pause(name: string): Target {
  return { name, run: () => delay(PAUSE_MS) };
}

function targets(host: Host, groups: string[]): Target[] {
  const join = (path: string): StepInput => ({ step: 'cgroupJoin', path, how: 'write' });
  const first = groups[0] as string;
  const more =
    host.version === 1
      ? target('four groups', groups.map(join))
      : target('born into one', [{ step: 'cgroupJoin', path: first, how: 'clone' }]);
  return [
    target('plain', []),
    target('one group', [join(first)]),
    more,
    pause('(a pause)'),
    target('one group, after a pause', [join(first)]),
    pause('(another pause)'),
  ];
}

function cannot(probe: string, reason: string): never {
  throw new Error(`This measurement needs ${probe}: ${reason}.`);
}

export async function measure(harness: Harness): Promise<Row[]> {
  const cleanUps: (() => unknown)[] = [];
  try {
    const host = thisHost((cleanUp) => cleanUps.push(cleanUp), cannot);
    const groups = directories(host, 'measured');
    for (const group of groups) {
      mkdirSync(group);
      cleanUps.push(() => rmdirSync(group));
    }
    return await harness(() => Number(process.hrtime.bigint()), targets(host, groups), ROUNDS);
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}
