/** The tasks about `inspect`, `shared` and `reach`, over a made-up /proc. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { wrong, type LabGrader, type Student } from 'ring3/grade';
import { drawProcess, madeUp, type MadeUp, type Process } from './proc.ts';

const facts = z.object({
  pid: z.number(),
  name: z.string(),
  parent: z.number(),
  started: z.number(),
  uids: z.object({ real: z.number(), effective: z.number(), saved: z.number() }),
  capabilities: z.array(z.number()),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).nullable(),
  descriptors: z.record(z.string(), z.string()).nullable(),
});
export type Facts = z.infer<typeof facts>;

export function inspected(student: Student, proc: MadeUp, pid: number): Promise<Facts | null> {
  return student.call('inspect', [proc, pid], { returns: facts.nullable() });
}

/** `file` and `text`: what the submission was shown, for the failure's text. */
export function expectField(seen: unknown, expected: unknown, what: string, read: string): void {
  if (isDeepStrictEqual(seen, expected)) return;
  wrong({ expected: `${what}: ${JSON.stringify(expected)}`, seen: JSON.stringify(seen) ?? 'nothing', read });
}

async function present(student: Student, proc: MadeUp, pid: number): Promise<Facts> {
  const found = await inspected(student, proc, pid);
  if (!found)
    wrong({
      expected: `facts about process ${pid}, which is there`,
      seen: 'null',
      read: 'README.md#vanished',
    });
  return found;
}

function simple(lab: LabGrader): void {
  lab.task('stat', async ({ student, random }) => {
    const word = random.word(3);
    for (const name of [`${word}) S 1 (${word}`, `${word}\n(${word}) ${word}`, random.word(5)]) {
      const process = { ...drawProcess(random, random.int(300, 30000)), name };
      const found = await present(student, madeUp(random, [process]), process.pid);
      for (const field of ['name', 'parent', 'started'] as const) {
        expectField(
          found[field],
          process[field],
          `${field} of a process called ${JSON.stringify(name)}`,
          'README.md#stat',
        );
      }
    }
  });

  lab.task('status', async ({ student, random }) => {
    const base = random.int(1000, 50000);
    const process = {
      ...drawProcess(random, random.int(300, 30000)),
      name: 'Uid:\t0\t0\t0\t0',
      uids: { real: base, effective: base + random.int(1, 99), saved: base + random.int(100, 999) },
      capabilities: [random.int(0, 7), random.int(8, 31), random.int(32, 38), random.pick([39, 40])],
    };
    const found = await present(student, madeUp(random, [process]), process.pid);
    expectField(found.uids, process.uids, 'uids', 'README.md#status');
    const of = { ...process, capabilities: [] };
    expectField(found.capabilities, process.capabilities, 'capabilities', 'README.md#status');
    const none = await present(student, madeUp(random, [of]), of.pid);
    expectField(none.capabilities, [], 'capabilities of a process that has none', 'README.md#status');
  });

  lab.task('command', async ({ student, random }) => {
    const command = ['/bin/sh', '', `${random.word()} ${random.word()}`, '', `--${random.word()}=\n`, ''];
    for (const expected of [command, []]) {
      const process = { ...drawProcess(random, random.int(300, 30000)), command: expected };
      const found = await present(student, madeUp(random, [process]), process.pid);
      expectField(found.command, expected, 'command', 'README.md#cmdline-and-environ');
    }
  });

  lab.task('environment', async ({ student, random }) => {
    const [key, value] = [random.word().toUpperCase(), random.word()];
    const expected = { [key]: `a=${value}=`, EMPTY: '', LINES: `${value}\n${key}=no` };
    const entries = Object.entries(expected).map(([name, text]) => `${name}=${text}`);
    const process = { ...drawProcess(random, random.int(300, 30000)), environment: entries };
    const found = await present(student, madeUp(random, [process]), process.pid);
    expectField(found.environment, expected, 'environment', 'README.md#cmdline-and-environ');
    const closed: Process = { ...process, environment: 'EACCES' };
    const kept = await present(student, madeUp(random, [closed]), process.pid);
    expectField(kept.environment, null, 'environment that may not be read', 'README.md#cmdline-and-environ');
  });

  lab.task('descriptors', async ({ student, random }) => {
    const descriptors = {
      0: '/dev/null',
      [random.int(3, 9)]: `socket:[${random.int(1000, 99999)}]`,
      [random.int(10, 99)]: `/srv/${random.word()} (deleted)`,
    };
    const process: Process = {
      ...drawProcess(random, random.int(300, 30000)),
      descriptors,
      closing: [random.int(100, 200)],
    };
    const found = await present(student, madeUp(random, [process]), process.pid);
    expectField(found.descriptors, descriptors, 'descriptors', 'README.md#descriptors');
    const closed: Process = { ...process, descriptors: 'EACCES', closing: [] };
    const kept = await present(student, madeUp(random, [closed]), process.pid);
    expectField(kept.descriptors, null, 'descriptors that may not be read', 'README.md#descriptors');
  });
}

function vanished(lab: LabGrader): void {
  lab.task('vanished', async ({ student, random }) => {
    const process = drawProcess(random, random.int(300, 30000));
    const read = 'README.md#vanished';
    const never = await inspected(student, madeUp(random, []), process.pid);
    expectField(never, null, 'a process that is not there', read);

    const ending = madeUp(random, [process], (path, table) => {
      if (path.endsWith('/environ')) table.clear();
    });
    expectField(
      await inspected(student, ending, process.pid),
      null,
      'a process that ends while one looks',
      read,
    );

    // After the first look at anything but stat, the pid belongs to somebody else.
    const heir = { ...drawProcess(random, process.pid), started: process.started + random.int(1, 99) };
    const reused = madeUp(random, [process], (path, table) => {
      if (/\/(status|cmdline|environ|fd)$/.test(path)) setImmediate(() => table.set(process.pid, heir));
    });
    expectField(
      await inspected(student, reused, process.pid),
      null,
      'a pid that became another process while one looked',
      read,
    );
  });
}

function shared(lab: LabGrader): void {
  lab.task('shared', async ({ student, random }) => {
    const [one, other] = [drawProcess(random, 301), drawProcess(random, random.int(302, 900))];
    const types = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];
    const same = random.shuffle(types).slice(0, random.int(2, 7));
    for (const type of [...same, 'pid_for_children', 'time_for_children']) {
      other.namespaces[type] = one.namespaces[type] as string;
    }
    const found = await student.call('shared', [madeUp(random, [one, other]), one.pid, other.pid], {
      returns: z.array(z.string()),
    });
    expectField(found, same.sort(), 'shared namespaces', 'README.md#shared');
  });
}

function reach(lab: LabGrader): void {
  lab.task('reach', async ({ student, random }) => {
    const [mine, euid, theirs] = random
      .shuffle([1000, 2000, 3000])
      .map((base) => base + random.int(1, 900)) as [number, number, number];
    const ids = (real: number, effective: number, saved: number) => ({ real, effective, saved });
    const pids = random.shuffle([9, 88, 101, 1002, 20003, 444, 5005]);
    const make = (at: number, uids: Process['uids']) => ({
      ...drawProcess(random, pids[at] as number),
      uids,
    });
    const sender = make(0, ids(mine, euid, theirs));
    const others = [
      make(1, ids(mine, mine, mine)),
      make(2, ids(theirs, theirs, euid)),
      // The effective id of the one who gets it does not count, nor the saved id of the one who sends.
      make(3, ids(theirs, mine, theirs)),
      make(4, ids(theirs, theirs, theirs)),
      make(5, ids(0, 0, 0)),
      make(6, ids(euid, 0, 0)),
    ];
    const reached = async (from: Process) => {
      const table = madeUp(random, [from, ...others]);
      return student.call('reach', [table, from.pid], { returns: z.array(z.number()) });
    };
    const sorted = (all: number[]) => all.sort((a, b) => a - b);
    const read = 'README.md#reach';
    const allowed = sorted([1, 2, 6].map((at) => pids[at] as number));
    expectField(await reached(sender), allowed, `whom ${JSON.stringify(sender.uids)} reaches`, read);
    const everyone = sorted(pids.slice(1));
    expectField(await reached({ ...sender, capabilities: [5] }), everyone, 'whom CAP_KILL reaches', read);
    const bare = { ...sender, uids: ids(0, 0, 0), capabilities: [1, 21] };
    const roots = sorted([5, 6].map((at) => pids[at] as number));
    expectField(await reached(bare), roots, 'whom root without CAP_KILL reaches', read);
  });
}

export function looking(lab: LabGrader): void {
  simple(lab);
  vanished(lab);
  shared(lab);
  reach(lab);
}
