/** The tasks about what is made of the samples: median, spread, ratio. */
import type { LabGrader, Random } from 'ring3/grade';
import { expectNumber, measured } from './rows.ts';
import {
  apart,
  draw,
  meanOf,
  medianOf,
  names,
  otherMedians,
  otherSpreads,
  spreadOf,
  world,
} from './world.ts';

/** Values that repeat after `rounds` runs: which of them are warm-up makes no difference to what they come to. */
const periodic = (values: number[][]) => (target: number, run: number) => {
  const own = values[target] as number[];
  return own[run % own.length] as number;
};

function samplesOf(random: Random, count: number): number[] {
  // Numbers of different lengths: sorted as texts they come out in another order.
  return Array.from({ length: count }, () => random.int(1, 9) * 10 ** random.int(1, 4) + random.int(0, 9));
}

/** The machine's speed changes from round to round, and all targets in a round feel it alike. */
function driftingRounds(random: Random) {
  const speed = Array.from({ length: 7 }, () => random.pick([1, 1, 3, 11]));
  const base = speed.map((factor) => factor * random.int(1000, 1200));
  return { base, other: speed.map((factor) => factor * random.int(1500, 30_000)) };
}

const ratiosOf = (base: number[], other: number[]) => other.map((took, at) => took / (base[at] as number));

function tellsRatio({ base, other }: { base: number[]; other: number[] }): boolean {
  const each = ratiosOf(base, other);
  const right = medianOf(each);
  const plausible = [medianOf(other) / medianOf(base), meanOf(other) / meanOf(base), 1 / right];
  return [...plausible, ...otherMedians(each)].every((value) => apart(value, right));
}

export function statistics(lab: LabGrader): void {
  lab.task('median', async ({ student, random }) => {
    for (const count of [random.pick([5, 7, 9]), random.pick([4, 6, 8])]) {
      const values = draw(
        () => [samplesOf(random, count), samplesOf(random, count)],
        (drawn) => drawn.every((own) => otherMedians(own).every((other) => apart(other, medianOf(own)))),
      );
      const found = await measured(student, world(names(random, 2), periodic(values)), count);
      values.forEach((own, at) => expectNumber(found, at, 'median', medianOf(own), own.join(', ')));
    }
  });

  lab.task('spread', async ({ student, random }) => {
    const values = draw(
      () => [samplesOf(random, 7), samplesOf(random, 7)],
      (drawn) => drawn.every((own) => otherSpreads(own).every((other) => apart(other, spreadOf(own)))),
    );
    const found = await measured(student, world(names(random, 2), periodic(values)), 7);
    values.forEach((own, at) => expectNumber(found, at, 'spread', spreadOf(own), own.join(', ')));
  });

  lab.task('ratio', async ({ student, random }) => {
    const { base, other } = draw(() => driftingRounds(random), tellsRatio);
    const found = await measured(student, world(names(random, 2), periodic([base, other])), 7);
    expectNumber(found, 0, 'ratio', 1, 'the first target itself');
    const each = ratiosOf(base, other);
    expectNumber(found, 1, 'ratio', medianOf(each), `${other.join(', ')} beside ${base.join(', ')}`);
  });
}
