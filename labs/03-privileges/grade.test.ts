import { grade, hostCannot, wrong, type Carried, type Identity } from 'ring3/grade';
import { capabilitiesOf, capabilityMask, type Capability, type Plan } from 'ring3';
import { drawCase, drawExecs, manyIds, see, stepsFor } from './grader.ts';
import type { Case, ExecKind, Kind } from './grader.ts';
import type { Credentials } from './exercise.ts';
import { afterExec } from './solution.ts';

type SetName = 'effective' | 'permitted' | 'inheritable' | 'bounding' | 'ambient';

const STATUS: Record<SetName, string> = {
  effective: 'CapEff',
  permitted: 'CapPrm',
  inheritable: 'CapInh',
  bounding: 'CapBnd',
  ambient: 'CapAmb',
};

function names(mask: bigint): string {
  const all = capabilitiesOf(mask);
  const some = all.slice(0, 6).map((name) => name.slice(4).toLowerCase());
  return all.length === 0
    ? 'nothing'
    : some.join(' ') + (all.length > 6 ? ` and ${all.length - 6} more` : '');
}

function sameSet(seen: Carried, set: SetName, wanted: Capability[], whose: string, read: string): void {
  const got = BigInt(`0x${seen.world.identity[set]}`);
  const expected = capabilityMask(wanted);
  if (got === expected) return;
  wrong({
    expected: `${STATUS[set]} of ${whose} to hold ${names(expected)}`,
    seen: names(got) + refusal(seen),
    read: `README.md#${read}`,
  });
}

/** A refused step often explains what is seen. */
function refusal({ failed }: Carried): string {
  const [first] = failed;
  return first ? `; the kernel had refused ${first.step} with ${first.code}` : '';
}

function noneRefused(carried: Carried, steps: string[], read: string): void {
  const failed = carried.failed.find(({ step }) => steps.includes(step));
  if (!failed) return;
  wrong({
    expected: `the kernel to carry out ${failed.step}`,
    seen: `${failed.code}. ${failed.hint}`,
    read: `README.md#${read}`,
  });
}

const WHOSE: Record<Kind, string> = {
  service: 'a service',
  root: 'the root of a container',
  locked: 'a locked service',
};

/**
 * Where a single id is mapped nobody can leave user 0, and what that clears must be read from the steps
 * (capabilities(7), "Effect of user ID changes on capabilities").
 */
function clearedByChange(steps: Plan): 'ambient' | 'permitted' | undefined {
  let [fixup, keepCaps, raised] = [false, false, false];
  for (const step of steps) {
    if (step.step === 'securebits') {
      fixup = !step.set.includes('no-setuid-fixup');
      keepCaps = step.set.includes('keep-caps');
    } else if (step.step === 'ambientSet') raised = step.set.length > 0;
    else if (step.step === 'uid' && step.uid !== 0 && fixup) {
      if (!keepCaps) return 'permitted';
      if (raised) return 'ambient';
    }
  }
  return undefined;
}

function surviveChange(steps: Plan, sets: ('ambient' | 'permitted')[]): void {
  const cleared = manyIds() ? undefined : clearedByChange(steps);
  if (!cleared || !sets.includes(cleared)) return;
  wrong({
    expected: `the ${cleared} set to survive the change from user 0 to another`,
    seen: `the change clears it${cleared === 'permitted' ? ', and no later step can raise anything' : ''}`,
    read: 'README.md#ids-and-groups',
  });
}

function needIds(): void {
  if (!manyIds()) hostCannot('user-namespace.multi-id', 'with a single id there is no other user to become');
}

grade(import.meta.url, (lab) => {
  function task(
    id: string,
    kinds: Kind[],
    look: (seen: Carried, one: Case, whose: string, steps: Plan) => void,
  ): void {
    lab.task(id, async ({ student, seed }) => {
      for (const kind of kinds) {
        const one = drawCase(seed, kind);
        const steps = await stepsFor(student, one);
        look(await see(steps, one), one, WHOSE[kind], steps);
      }
    });
  }

  task('ids', ['service'], (seen, { become }) => {
    needIds();
    noneRefused(seen, ['gid', 'uid'], 'ids-and-groups');
    const { uids, gids } = seen.world.identity;
    if (uids.every((uid) => uid === become.uid) && gids.every((gid) => gid === become.gid)) return;
    wrong({
      expected: `user ${become.uid} and group ${become.gid}: real, effective and saved`,
      seen: `users ${uids.join(' ')}, groups ${gids.join(' ')}`,
      read: 'README.md#ids-and-groups',
    });
  });

  task('groups', ['service', 'root'], (seen, { become }, whose) => {
    needIds();
    noneRefused(seen, ['groups'], 'ids-and-groups');
    const groups = [...seen.world.identity.groups].sort((a, b) => a - b);
    if (groups.join() === become.groups.join()) return;
    wrong({
      expected: `the supplementary groups of ${whose} to be ${become.groups.join(' ') || 'none'}`,
      seen: groups.join(' ') || 'none',
      read: 'README.md#ids-and-groups',
    });
  });

  task('bounding', ['service', 'root'], (seen, { keep }, whose) => {
    noneRefused(seen, ['boundingSet'], 'five-sets');
    sameSet(seen, 'bounding', keep, whose, 'five-sets');
  });

  task('inheritable', ['service', 'root'], (seen, { keep, become }, whose, steps) => {
    surviveChange(steps, ['permitted']);
    sameSet(seen, 'inheritable', become.uid === 0 ? [] : keep, whose, 'five-sets');
  });

  task('ambient', ['service', 'root'], (seen, { keep, become }, whose, steps) => {
    surviveChange(steps, ['permitted', 'ambient']);
    sameSet(seen, 'ambient', become.uid === 0 ? [] : keep, whose, 'five-sets');
  });

  task('kept', ['service', 'root'], (seen, { keep }, whose, steps) => {
    surviveChange(steps, ['permitted', 'ambient']);
    sameSet(seen, 'permitted', keep, whose, 'exec');
    sameSet(seen, 'effective', keep, whose, 'exec');
    noneRefused(seen, ['capabilities', 'ambientSet'], 'exec');
  });

  task('no-new-privs', ['service', 'root'], (seen, _, whose) => {
    const { setuid, identity } = seen.world;
    if (identity.noNewPrivs === 1) return;
    wrong({
      expected: `NoNewPrivs: 1 for ${whose}`,
      seen: `0${setuid && !('error' in setuid) ? gain(identity, setuid) : ''}`,
      read: 'README.md#no_new_privs',
    });
  });

  task('limits', ['service'], (seen, { become }) => {
    noneRefused(seen, ['rlimit'], 'limits');
    for (const { resource, wanted } of become.limits) {
      const [soft, hard] = seen.world.limits[resource];
      if (soft === wanted && hard === wanted) continue;
      wrong({
        expected: `${resource} limited to ${wanted}, soft and hard`,
        seen: `soft ${soft}, hard ${hard}${soft === wanted ? ': the program raises the soft one again' : ''}`,
        read: 'README.md#limits',
      });
    }
  });

  task('securebits', ['service', 'root'], (seen, _, whose) => {
    noneRefused(seen, ['securebits'], 'securebits');
    const { securebits } = seen.world.identity;
    if (securebits === 0) return;
    wrong({
      expected: `no securebit set for ${whose}`,
      seen: `0x${securebits.toString(16)}${securebits & 4 ? ': its next setuid() would keep all capabilities' : ''}`,
      read: 'README.md#securebits',
    });
  });

  task('lock', ['locked'], (seen, { keep }, whose) => {
    noneRefused(seen, ['securebits', 'capabilities', 'ambientSet'], 'locking');
    const { securebits } = seen.world.identity;
    if (securebits !== 0xef) {
      wrong({
        expected: 'the securebits of become.lock, 0xef',
        seen: `0x${securebits.toString(16)}`,
        read: 'README.md#locking',
      });
    }
    sameSet(seen, 'effective', keep, whose, 'locking');
    sameSet(seen, 'permitted', keep, whose, 'locking');
  });

  for (const kind of ['user', 'root', 'file', 'setuid'] as const) execTask(kind);

  function execTask(kind: ExecKind): void {
    lab.task(`exec-${kind}`, async ({ student, random }) => {
      for (const { process, file } of drawExecs(random, kind)) {
        const answer = await student.call('afterExec', [process, file]);
        const different = difference(answer, afterExec(process, file));
        if (!different) continue;
        wrong({
          expected: `${different.expected} after exec of ${text(file)}`,
          seen: `${different.seen}, from ${text(process)}`,
          read: 'README.md#exec',
        });
      }
    });
  }
});

function gain(before: Identity, after: Identity): string {
  const more = BigInt(`0x${after.effective}`) & ~BigInt(`0x${before.effective}`);
  const user = after.uids[1] === before.uids[1] ? '' : `, and a setuid program made it user ${after.uids[1]}`;
  return user && more ? `${user} with ${names(more)}` : user;
}

/** The first field that differs, or the whole answer where one of the two is a refusal. */
function difference(
  answer: unknown,
  right: Credentials | 'EPERM',
): { expected: string; seen: string } | undefined {
  if (right === 'EPERM' || typeof answer !== 'object' || answer === null) {
    if (answer === right) return undefined;
    return { expected: right === 'EPERM' ? "'EPERM'" : 'credentials', seen: text(answer) };
  }
  const given = answer as Partial<Credentials>;
  const field = (Object.keys(right) as (keyof Credentials)[]).find(
    (key) => text(given[key]) !== text(right[key]),
  );
  return field && { expected: `${field} ${text(right[field])}`, seen: text(given[field]) };
}

/** Sets as /proc prints them. */
function text(value: unknown): string {
  const parts = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? `0x${part.toString(16)}` : part,
  );
  return String(parts).replaceAll('"', '').replaceAll(',', ', ');
}
