/** What each confinement costs: at the start, measured as `ring3 bench` does it, and for each call. */
import {
  bench,
  callCosts,
  chooseTargets,
  gapLines,
  summarize,
  targets,
  type CallCost,
  type Result,
  type TargetSummary,
} from '../../bench/index.ts';
import { randomInt } from 'node:crypto';
import { cell, wrap } from './columns.ts';
import type { Page } from './style.ts';

/** Few: the tour is to last a quarter of a minute, and `ring3 bench` is there for more. */
const ROUNDS = 12;
const CALL_ROUNDS = 5;
const SHOWN =
  'user idmap mnt pid net ipc uts cgroup rootfs limits privileges seccomp all all+limits bwrap'.split(' ');
const BAR = 24;

export async function costLines(page: Page): Promise<string[]> {
  const result = await bench(chooseTargets(SHOWN), {
    rounds: ROUNDS,
    warmUp: 2,
    seed: randomInt(0x1_0000_0000),
  });
  return [...startLines(result, page), '', ...(await callLines(page))];
}

function startLines(result: Result, { width, colours }: Page): string[] {
  const rows = summarize(result);
  const longest = Math.max(...rows.map(({ exit }) => exit.median));
  const titles = width >= 90;
  const bar = ({ exit }: TargetSummary): string =>
    '#'.repeat(Math.max(1, Math.round((exit.median / longest) * BAR)));
  const gaps = gapLines(result.targets).flatMap((line) => wrap(line, width - 4));
  return [
    colours.dim(`  ${cell('', 12)}${'ms'.padStart(7)}${'× plain'.padStart(9)}`),
    ...rows.map((row) => {
      const numbers = `${row.exit.median.toFixed(2).padStart(7)}${row.ratio.median.toFixed(2).padStart(9)}`;
      const title = titles ? `  ${colours.dim(titleOf(row.name))}` : '';
      return `  ${cell(row.name, 12)}${numbers}  ${bar(row).padEnd(titles ? BAR : 0)}${title}`.trimEnd();
    }),
    ...gaps.map((line) => colours.dim(`  ${line}`)),
  ];
}

const titleOf = (name: string): string => targets.find((target) => target.name === name)?.title ?? '';

const WORLDS: Readonly<Record<CallCost['world'], string>> = {
  plain: 'a plain child',
  seccomp: 'under the filter alone',
  all: 'in the whole confinement',
};

const ns = (value: number): string => value.toFixed(0).padStart(10);

async function callLines({ colours }: Page): Promise<string[]> {
  const costs = await callCosts(CALL_ROUNDS);
  return [
    colours.dim(`  ${cell('one call, ns', 26)}${'getppid'.padStart(10)}${'fchmod'.padStart(10)}`),
    ...costs.map(({ world, getppid, fchmod }) => `  ${cell(WORLDS[world], 26)}${ns(getppid)}${ns(fchmod)}`),
    colours.dim(
      '  The kernel remembers that getppid is always allowed; for fchmod the filter runs each time.',
    ),
  ];
}
