/** The process that lab 03 starts from, what it is asked to become, and the cases of exec. */
import {
  carryOut,
  deriveSeed,
  hostIdMaps,
  random,
  wrong,
  type Carried,
  type Random,
  type Student,
} from 'ring3/grade';
import { CAPABILITIES, planSchema, type Capability, type Plan, type StepInput } from 'ring3';
import type { Become, Credentials, ProgramFile, Securebit } from './exercise.ts';

const USEFUL = new Set(
  'rlimit securebits boundingSet groups gid uid capabilities ambientSet noNewPrivs'.split(' '),
);

export type Kind = 'service' | 'root' | 'locked';

/** One question to `drop`, and the ground that its answer is tried on. */
export interface Case {
  keep: Capability[];
  become: Become;
  before: StepInput[];
  /** Host ids of the child's user 0; absent where a single id is mapped and the child is never 0. */
  hostRoot: { uid: number; gid: number } | undefined;
}

/** Nothing that a later step of a right answer needs: what is kept by mistake should not help. */
const WORTH_KEEPING: Capability[] = CAPABILITIES.filter(
  (name) => !['CAP_SETPCAP', 'CAP_SETUID', 'CAP_SETGID', 'CAP_SYS_RESOURCE'].includes(name),
).slice(0, 32);

const LOCKS: Securebit[] = [
  'noroot',
  'noroot-locked',
  'no-setuid-fixup',
  'no-setuid-fixup-locked',
  'keep-caps-locked',
  'no-cap-ambient-raise',
  'no-cap-ambient-raise-locked',
];

function ids(draw: Random, kind: Kind, count: number): Pick<Become, 'uid' | 'gid' | 'groups'> {
  if (kind === 'root') return { uid: 0, gid: 0, groups: [] };
  const last = Math.min(count, 30_000) - 1;
  const [uid, gid, ...groups] = draw.shuffle([1, 2, 3, 4, 5]).map((part) => Math.floor((last * part) / 6));
  return { uid: uid! + draw.int(0, 9), gid: gid! + draw.int(0, 9), groups: groups.sort((a, b) => a - b) };
}

function limits(draw: Random): Become['limits'] {
  const some: Become['limits'] = [
    { resource: 'nofile', now: { soft: 128, hard: 256 }, wanted: draw.int(32, 100) },
    { resource: 'cpu', now: { soft: 600, hard: 900 }, wanted: draw.int(20, 300) },
    { resource: 'stack', now: { soft: 6 << 20, hard: 8 << 20 }, wanted: draw.int(256, 1024) * 4096 },
    { resource: 'fsize', now: { soft: 1 << 29, hard: 1 << 30 }, wanted: draw.int(1, 1 << 20) },
  ];
  return draw.shuffle(some).slice(0, 2);
}

export function drawCase(seed: number, kind: Kind): Case {
  const draw = random(deriveSeed(seed, kind));
  const maps = hostIdMaps().step;
  const count = Math.min(
    ...[maps.uid, maps.gid].map((rows) => rows.reduce((sum, row) => sum + row.count, 0)),
  );
  const names = draw.shuffle(WORTH_KEEPING);
  const keep = names.slice(0, draw.int(2, 4));
  const leftOver = [keep[0]!, ...names.slice(5, 8)];
  const become: Become = {
    ...ids(draw, kind, count),
    limits: limits(draw),
    lock: kind === 'locked' ? LOCKS : [],
  };
  const many = count >= 100;
  if (!many && kind !== 'root') Object.assign(become, { uid: draw.int(100, 400), gid: draw.int(500, 900) });
  const map: StepInput = many
    ? maps
    : {
        ...maps,
        uid: [{ ...maps.uid[0]!, inside: become.uid }],
        gid: [{ ...maps.gid[0]!, inside: become.gid }],
      };
  const login: StepInput[] = many
    ? [
        { step: 'groups', gids: [7, become.gid + 11] },
        { step: 'gid', gid: 0 },
        { step: 'uid', uid: 0 },
      ]
    : [];
  return {
    keep,
    become,
    before: [{ step: 'namespaces', types: ['user'] }, map, ...login, ...untidy(leftOver, become)],
    hostRoot: many || kind === 'root' ? { uid: maps.uid[0]!.outside, gid: maps.gid[0]!.outside } : undefined,
  };
}

/** What a careless predecessor leaves behind. */
function untidy(leftOver: Capability[], { limits: wanted }: Become): StepInput[] {
  const all = [...CAPABILITIES];
  return [
    ...wanted.map(({ resource, now }): StepInput => ({ step: 'rlimit', resource, ...now })),
    { step: 'capabilities', effective: all, permitted: all, inheritable: leftOver },
    { step: 'ambientSet', set: leftOver.slice(0, 2) },
    { step: 'securebits', set: ['no-setuid-fixup'] },
  ];
}

/** Can the child change its ids and groups here at all? */
export function manyIds(): boolean {
  return hostIdMaps().step.uid.at(-1)!.count >= 100;
}

export async function stepsFor(student: Student, { keep, become }: Case): Promise<Plan> {
  const steps = await student.call('drop', [keep, become], { returns: planSchema });
  if (steps.length > MANY) wrong({ expected: `at most ${MANY} steps`, seen: `${steps.length}` });
  const strange = steps.find(({ step }) => !USEFUL.has(step));
  if (strange) {
    wrong({
      expected: `only the steps that this lab is about: ${[...USEFUL].join(', ')}`,
      seen: `${strange.step}, so that the steps were not carried out`,
      read: 'README.md#the-exercise',
    });
  }
  return steps;
}

/** More than any answer needs, and few enough to be tried one by one. */
const MANY = 64;

const recent = new Map<string, Promise<Carried>>();

/** The same steps are carried out once, however many tasks look at what came of it. */
export function see(steps: Plan, { before, hostRoot }: Case): Promise<Carried> {
  const key = JSON.stringify([before, steps]);
  let carried = recent.get(key);
  if (!carried) {
    if (recent.size >= 8) recent.delete(recent.keys().next().value!);
    recent.set(key, (carried = carryOut([...before, ...steps], hostRoot ? { setuid: hostRoot } : {})));
  }
  return carried;
}

export interface ExecCase {
  process: Credentials;
  file: ProgramFile;
}

export type ExecKind = 'user' | 'root' | 'file' | 'setuid';

/**
 * All combinations of what is yes or no, with sets drawn at random: so that every rule is asked about in every run.
 * The processes could exist: effective within permitted, ambient within permitted and inheritable.
 */
export function drawExecs(draw: Random, kind: ExecKind): ExecCase[] {
  const { rounds, owners, users, switches, rights } = SPACES[kind];
  const cases: ExecCase[] = [];
  for (let round = 0; round < rounds; round++)
    for (const owner of owners)
      for (const user of users)
        for (const on of switches)
          for (const right of rights) cases.push(drawExec(draw, owner, user, on, right));
  return cases;
}

type Switch = 'nosuid' | 'noroot' | 'noNewPrivs';
/** `refused`: the effective bit is set, and the process may not have all that the file promises. */
type Right = 'none' | 'plain' | 'effective' | 'refused';
type Who = 'root' | 'somebody';

interface Space {
  rounds: number;
  /** Of a setuid file; `nobody`: the bit is not set. */
  owners: (Who | 'nobody')[];
  users: Who[];
  switches: Switch[][];
  rights: Right[];
}

const SPACES: Record<ExecKind, Space> = {
  user: { rounds: 20, owners: ['nobody'], users: ['somebody'], switches: [[]], rights: ['none'] },
  root: { rounds: 10, owners: ['nobody'], users: ['root'], switches: [[], ['noroot']], rights: ['none'] },
  file: {
    rounds: 6,
    owners: ['nobody'],
    users: ['somebody'],
    switches: [[], ['nosuid']],
    rights: ['plain', 'effective', 'refused'],
  },
  setuid: {
    rounds: 2,
    owners: ['root', 'somebody'],
    users: ['root', 'somebody'],
    switches: [[], ['nosuid'], ['noNewPrivs']],
    rights: ['none', 'plain', 'effective', 'refused'],
  },
};

const drawSet = (draw: Random) => BigInt(draw.int(0, 0xffff)) | (BigInt(draw.int(0, 0xffff)) << 16n);

function drawProcess(draw: Random, real: number, on: Switch[]): Credentials {
  const [permitted, inheritable] = [drawSet(draw), drawSet(draw)];
  return {
    uids: { real, effective: real, saved: real },
    permitted,
    effective: permitted & drawSet(draw),
    inheritable,
    bounding: drawSet(draw),
    ambient: permitted & inheritable,
    noroot: on.includes('noroot'),
    noNewPrivs: on.includes('noNewPrivs'),
  };
}

function drawExec(
  draw: Random,
  owner: Space['owners'][number],
  user: Who,
  on: Switch[],
  right: Right,
): ExecCase {
  const process = drawProcess(draw, user === 'root' ? 0 : draw.int(1, 60_000), on);
  const file: ProgramFile = {
    owner: owner === 'root' ? 0 : draw.int(1, 60_000),
    setuid: owner !== 'nobody',
    nosuid: on.includes('nosuid'),
  };
  if (right === 'none') return { process, file };
  const [permitted, inheritable] = [drawSet(draw), drawSet(draw)];
  const promised = {
    plain: permitted,
    effective: permitted & process.bounding,
    refused: permitted | (1n << 40n), // which no drawn set holds
  };
  const capabilities = { permitted: promised[right], inheritable, effective: right !== 'plain' };
  return { process, file: { ...file, capabilities } };
}
