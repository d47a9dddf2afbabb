/** The worlds that lab 02 asks for, and how a plan is carried out without danger to this machine. */
import { carryOut, deriveSeed, hostIdMaps, random, wrong, type Carried, type Student } from 'ring3/grade';
import { planSchema, type Plan, type StepInput } from 'ring3';
import type { World } from './exercise.ts';

/** Steps that reach nothing but the child's own namespaces, even when root grades. */
const USEFUL = new Set('namespaces idMap groups gid uid propagation mount hostname loopback init'.split(' '));

/** As an ordinary user sees it: one id, his own. Graded as root, the grader is that user. */
export function modestWorld(seed: number): World {
  const draw = random(deriveSeed(seed, 'modest'));
  return {
    hostname: draw.word(),
    inside: { uid: draw.int(101, 499), gid: draw.int(501, 899) },
    outside: { uid: process.geteuid!(), gid: process.getegid!() },
    wanted: draw.int(100, 60_000),
    privileged: false,
  };
}

/** As root sees it: many ids, shifted to where nobody lives. */
export function shiftedWorld(seed: number): World {
  const draw = random(deriveSeed(seed, 'shifted'));
  const ids = shiftableIds() ?? { uid: 0x7000_0000, gid: 0x7000_0000, count: 0x1_0000 };
  const half = Math.floor(ids.count / 2);
  const third = Math.floor(half / 2);
  return {
    hostname: draw.word(),
    inside: { uid: 0, gid: 0 },
    outside: { uid: ids.uid + draw.int(1, third - 1), gid: ids.gid + draw.int(third, half) },
    wanted: draw.int(2, half - 1),
    privileged: true,
  };
}

/** Ids that we may really map: root any, an ordinary user those of /etc/subuid. */
export function shiftableIds(): { uid: number; gid: number; count: number; helper: boolean } | undefined {
  const { step } = hostIdMaps();
  const [uid, gid] = [step.uid.at(-1)!, step.gid.at(-1)!];
  const count = Math.min(uid.count, gid.count);
  if (count < 1000) return undefined;
  return { uid: uid.outside, gid: gid.outside, count, helper: step.via === 'helper' };
}

export async function planFor(student: Student, world: World): Promise<Plan> {
  const plan = await student.call('plan', [world], { returns: planSchema });
  if (plan.length > MANY) wrong({ expected: `at most ${MANY} steps`, seen: `${plan.length}` });
  const strange = plan.find((step) => !USEFUL.has(step.step));
  if (strange) {
    wrong({
      expected: `only the steps that this lab is about: ${[...USEFUL].join(', ')}`,
      seen: `${strange.step}, so that the plan was not carried out`,
      read: 'README.md#the-exercise',
    });
  }
  const mount = plan.find(
    (step) => step.step === 'mount' && (step.type !== 'proc' || step.target !== '/proc'),
  );
  if (mount?.step === 'mount') {
    wrong({
      expected: 'no other mount than a proc on /proc',
      seen: `a ${mount.type} on ${mount.target}, so that the plan was not carried out`,
      read: 'README.md#a-proc-that-knows-the-new-world',
    });
  }
  return plan;
}

/** More than any answer needs, and few enough to be tried one by one. */
const MANY = 64;

const recent = new Map<string, Promise<Carried>>();

/** The same plan is carried out once, however many tasks look at what came of it. */
export function see(plan: Plan, world: World): Promise<Carried> {
  const steps = onHostileGround(plan, world);
  const key = JSON.stringify(steps);
  let carried = recent.get(key);
  if (!carried) {
    if (recent.size >= 8) recent.delete(recent.keys().next().value!);
    recent.set(key, (carried = carryOut(steps)));
  }
  return carried;
}

/**
 * What the plan does not say: a user namespace, without which root's mistakes would be the host's; and, as on every host
 * that systemd started, all mounts shared at first; and groups, such as a login gives.
 */
function onHostileGround(plan: Plan, world: World): StepInput[] {
  const types = new Set(plan.flatMap((step) => (step.step === 'namespaces' ? step.types : [])));
  const via = world.privileged && shiftableIds()?.helper ? 'helper' : 'direct';
  const ground: StepInput[] = [{ step: 'namespaces', types: [...types.add('user')] }];
  if (types.has('mnt')) ground.push({ step: 'propagation', target: '/', type: 'shared' });
  // Before there is a map of groups, nobody can have any (user_namespaces(7)).
  const login: StepInput[] = world.privileged ? [{ step: 'groups', gids: [world.inside.gid + 1] }] : [];
  const rest = plan.flatMap((step): StepInput[] => {
    if (step.step === 'namespaces') return [];
    return step.step === 'idMap' ? [{ ...step, via }, ...login] : [step];
  });
  return [...ground, ...rest];
}
