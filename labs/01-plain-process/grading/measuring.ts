/** The tasks about how samples are taken, and about `calibrate`. */
import { z } from 'zod';
import { sync, wrong, type LabGrader, type Random, type Student } from 'ring3/grade';
import { expectNumber, measured } from './rows.ts';
import { names, slowWorld, startOrder, world, type Event } from './world.ts';

const WARM_UP = 3;
function counting(lab: LabGrader): void {
  lab.task('rounds', async ({ student, random }) => {
    const [count, wanted] = [random.int(2, 5), random.int(4, 9)];
    const machine = world(names(random, count), (target) => 1000 * (target + 1));
    await measured(student, machine, wanted);
    const runs = machine.targets.map(
      (_, at) => startOrder(machine.log).filter((target) => target === at).length,
    );
    if (runs.some((number) => number < wanted || number !== runs[0])) {
      wrong({
        expected: `every target to run as often, and no less than the ${wanted} rounds asked for`,
        seen: `runs per target: ${runs.join(', ')}`,
        read: 'README.md#rounds-and-warm-up',
      });
    }
  });

  lab.task('warm-up', async ({ student, random }) => {
    const steady = Array.from({ length: 3 }, () => random.int(1000, 9000));
    const slow = random.int(20, 60);
    const machine = world(
      names(random, 3),
      (target, run) => (steady[target] as number) * (run < WARM_UP ? slow : 1),
    );
    const found = await measured(student, machine, 5);
    const runs = startOrder(machine.log).length / 3;
    if (runs !== 5 + WARM_UP) {
      wrong({
        expected: `5 rounds and ${WARM_UP} of warm-up, 8 runs a target`,
        seen: `${runs}`,
        read: 'README.md#rounds-and-warm-up',
      });
    }
    const what = `runs of ${steady[1]} ns after ${WARM_UP} that took ${slow} times as long`;
    expectNumber(found, 1, 'median', steady[1] as number, what);
  });
}

function expectAround(log: Event[]): void {
  log.forEach(({ kind }, at) => {
    if (kind !== 'start') return;
    const around = [log[at - 1], log[at], log[at + 1], log[at + 2]].map((event) => event?.kind ?? 'nothing');
    if (around.join() === 'clock,start,end,clock') return;
    wrong({
      expected: 'clock, run starts, run ends, clock',
      seen: around.map((one) => (one === 'clock' ? 'clock' : `run ${one}s`)).join(', '),
      read: 'README.md#the-clock',
    });
  });
}

function clockAndFailure(lab: LabGrader): void {
  lab.task('clock', async ({ student, random }) => {
    const [cost, reading] = [random.int(1000, 9000), random.int(100, 300)];
    const machine = slowWorld(names(random, 2), () => cost, { reading });
    const found = await measured(student, machine, 2);
    expectAround(machine.log);
    // One reading's time lies between two readings, whatever one does: more is something else that was counted.
    expectNumber(
      found,
      1,
      'median',
      cost + reading,
      `runs of ${cost} ns and a clock that takes ${reading} ns to read`,
    );
  });

  lab.task('failure', async ({ student, random }) => {
    const targets = names(random, 3);
    const failing = { target: random.int(1, 2), run: random.int(1, 3) };
    const machine = slowWorld(targets, () => 1000, { failing });
    const attempt = await student.attempt('measure', [machine.clock, machine.targets, 4]);
    const name = targets[failing.target] as string;
    const read = 'README.md#failure';
    if (attempt.ok) wrong({ expected: `an error, since ${name} failed`, seen: 'rows', read });
    if (!attempt.message.includes(name))
      wrong({ expected: `an error that names ${name}`, seen: attempt.message, read });
    const after = machine.log.slice(
      machine.log.findLastIndex(({ kind, target }) => kind === 'start' && target === failing.target) + 1,
    );
    if (after.some(({ kind }) => kind === 'start')) {
      wrong({ expected: 'nothing more to run after a failure', seen: 'another run', read });
    }
  });
}

function order(lab: LabGrader): void {
  const played = async (student: Student, random: Random) => {
    const count = random.int(3, 5);
    const machine = world(names(random, count), () => random.int(1000, 9000));
    await measured(student, machine, 4);
    const started = startOrder(machine.log);
    const all = Array.from({ length: Math.floor(started.length / count) }, (_, at) =>
      started.slice(at * count, (at + 1) * count),
    );
    return { count, all };
  };

  lab.task('interleave', async ({ student, random }) => {
    const { count, all } = await played(student, random);
    const odd = all.find((round) => new Set(round).size !== count);
    if (odd) {
      wrong({
        expected: `${count} targets to run once each before one of them runs again`,
        seen: `runs in the order ${all.flat().slice(0, 12).join(' ')} …`,
        read: 'README.md#rounds-and-warm-up',
      });
    }
  });

  lab.task('order', async ({ student, random }) => {
    const { count, all } = await played(student, random);
    const there = Array.from({ length: count }, (_, at) => at).join();
    const back = there.split(',').reverse().join();
    const good = all.length > 1 && all.every((round, at) => round.join() === (at % 2 === 0 ? there : back));
    if (!good) {
      const seen = all.slice(0, 4).map((round) => round.join(' '));
      wrong({
        expected: `rounds that run ${there}, then ${back}, in turn`,
        seen: seen.join(', then '),
        read: 'README.md#order',
      });
    }
  });
}

/** A clock of whole microseconds that takes a while to read, and something that takes less than it can show. */
function calibrate(lab: LabGrader): void {
  lab.task('calibrate', async ({ student, random }) => {
    const [cost, tick, reading] = [random.int(101, 499), 1000, random.int(250, 400)];
    const shortest = random.int(12, 24) * tick;
    let [now, runs] = [random.int(0, 999), 0];
    const run = sync(() => {
      runs++;
      now += cost;
    });
    const coarse = sync(() => {
      now += reading;
      return now - (now % tick);
    });
    const returns = z.object({ count: z.number(), each: z.number() });
    const { count, each } = await student.call('calibrate', [coarse, run, shortest], { returns });
    const read = 'README.md#calibrate';
    const fits = Number.isInteger(Math.log2(count)) && runs === 2 * count - 1;
    if (!fits) {
      const expected = 'batches of 1, 2, 4, 8 … runs, and the size of the last one as count';
      wrong({ expected, seen: `${runs} runs in all, and a count of ${count}`, read });
    }
    // By the clock, which shows whole ticks only and takes its own time, a batch lasts a little more or less than it does.
    const off = tick + reading;
    if (count * cost + off < shortest || (count / 2) * cost - off >= shortest) {
      wrong({
        expected: `the first batch that takes ${shortest} ns or more, at ${cost} ns a run`,
        seen: `${count} runs`,
        read,
      });
    }
    if (Math.abs(each - cost) > off / count + 1e-6) {
      wrong({ expected: `about ${cost} ns each`, seen: `${each}`, read });
    }
  });
}

export function measuring(lab: LabGrader): void {
  counting(lab);
  clockAndFailure(lab);
  order(lab);
  calibrate(lab);
}
