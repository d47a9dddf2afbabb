/** Task explain: files as the kernel writes them, with fresh numbers. */
import { wrong, type Examination, type Random } from 'ring3/grade';
import { z } from 'zod';
import type { Exit, Host, Verdict } from '../exercise.ts';
import { drawV1, drawV2, MIB } from '../model/hosts.ts';

const schema = z.strictObject({
  cause: z.enum(['exited', 'signalled', 'out of memory']),
  oomKills: z.number(),
  refusedForks: z.number(),
  peak: z.number().nullable(),
});

interface Case {
  exit: Exit;
  oomKills: number;
  cause: Verdict['cause'];
}

const cases = (random: Random): Case[] => [
  { exit: { code: 0, signal: null }, oomKills: 0, cause: 'exited' },
  { exit: { code: null, signal: 'SIGKILL' }, oomKills: random.int(1, 9), cause: 'out of memory' },
  // Somebody killed it; that the group had once been at its limit is no proof.
  { exit: { code: null, signal: 'SIGKILL' }, oomKills: 0, cause: 'signalled' },
  // The OOM killer took a child of it, and it went on to its end: a shell says 137 then.
  { exit: { code: 137, signal: null }, oomKills: 1, cause: 'exited' },
  { exit: { code: null, signal: 'SIGSEGV' }, oomKills: random.int(1, 3), cause: 'signalled' },
];

function filesV1(random: Random, oomKills: number, peak: number, refused: number): Record<string, string> {
  return {
    'memory.max_usage_in_bytes': `${peak}\n`,
    'memory.failcnt': `${random.int(20, 900)}\n`,
    'memory.oom_control': `oom_kill_disable 0\nunder_oom ${random.int(0, 1)}\noom_kill ${oomKills}\n`,
    'pids.events': `max ${refused}\n`,
  };
}

function filesV2(
  random: Random,
  oomKills: number,
  peak: number | null,
  refused: number,
): Record<string, string> {
  const oom = oomKills + random.int(1, 5);
  const lines = ['low 0', 'high 0', `max ${random.int(20, 900)}`, `oom ${oom}`, `oom_kill ${oomKills}`];
  return {
    'memory.events': `${[...lines, `oom_group_kill ${oom}`].join('\n')}\n`,
    ...(peak !== null && { 'memory.peak': `${peak}\n` }),
    'pids.events': `max ${refused}\n`,
  };
}

async function check(exam: Examination, host: Host, one: Case): Promise<void> {
  const { random } = exam;
  const refusedForks = random.chance(0.5) ? 0 : random.int(1, 4000);
  const known = host.version === 1 || random.chance(0.7);
  const peak = known ? random.int(2, 500) * MIB + 4096 : null;
  const files =
    host.version === 1
      ? filesV1(random, one.oomKills, peak ?? 0, refusedForks)
      : filesV2(random, one.oomKills, peak, refusedForks);
  const seen = await exam.student.call('explain', [host, one.exit, files], { returns: schema });
  const expected: Verdict = { cause: one.cause, oomKills: one.oomKills, refusedForks, peak };
  for (const key of Object.keys(expected) as (keyof Verdict)[]) {
    if (expected[key] === seen[key]) continue;
    wrong({
      expected: `${key} ${expected[key]} for ${JSON.stringify(one.exit)} and ${JSON.stringify(files)}`,
      seen: String(seen[key]),
      read: 'README.md#telling-oom-from-murder',
    });
  }
}

export async function explains(exam: Examination): Promise<void> {
  const { random } = exam;
  for (const one of random.shuffle(cases(random))) {
    await check(exam, drawV1(random), one);
    await check(exam, drawV2(random), one);
  }
  // A kernel before 4.13 has no line oom_kill: then nobody can tell, and nothing is claimed.
  const files = { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n', 'pids.events': 'max 0\n' };
  const exit: Exit = { code: null, signal: 'SIGKILL' };
  const { cause, oomKills } = await exam.student.call('explain', [drawV1(random), exit, files], {
    returns: schema,
  });
  if (cause !== 'signalled' || oomKills !== 0) {
    wrong({
      expected: 'signalled, 0 OOM kills, where no file says oom_kill',
      seen: `${cause}, ${oomKills}`,
      read: 'README.md#telling-oom-from-murder',
    });
  }
}
