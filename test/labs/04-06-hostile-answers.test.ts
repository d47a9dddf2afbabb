/** What the graders of labs 04 and 06 never carry out, though a submission may ask for it. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { StepInput } from 'ring3';
import type { Examination } from 'ring3/grade';
import { random } from '../../src/lab/random.ts';
import type { CgroupOp, HostV2 } from '../../labs/06-cgroups/exercise.ts';
import { carryOutHere } from '../../labs/06-cgroups/grading/carry.ts';
import { enter } from '../../labs/04-rootfs/grading/enter.ts';
import { Image } from '../../labs/04-rootfs/grading/image.ts';
import { rootfs } from '../../labs/04-rootfs/solution.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** An examination of a submission that answers with these steps; their type is the session's business. */
function examination(answer: (image: string) => StepInput[]): [Examination, Image] {
  const student = {
    call: (
      _name: string,
      [spec]: [{ root: string }],
      { returns }: { returns: { parse(value: unknown): unknown } },
    ) => Promise.resolve(returns.parse(answer(spec.root))),
  };
  const exam = {
    student,
    seed: 1,
    random: random(1),
    defer: (cleanUp: () => unknown) => cleanUps.push(cleanUp),
  };
  return [exam as unknown as Examination, new Image(exam as unknown as Examination)];
}

const tried = ([exam, image]: [Examination, Image]) => enter(exam, image, image.spec(), { attempts: [] });

test.each<[string, StepInput]>([
  ['exec', { step: 'exec', file: '/bin/sh', argv: ['sh'], env: [] }],
  ['cgroupWrite', { step: 'cgroupWrite', path: '/sys/fs/cgroup/x', value: '1' }],
  ['namespaces', { step: 'namespaces', types: [] }],
  ['uid', { step: 'uid', uid: 0 }],
])('lab 04 refuses a %s step', async (name, step) => {
  await expect(tried(examination(() => [step]))).rejects.toThrow(`step 0 is ${name}`);
});

const file = (path: string, content = ''): StepInput => ({ step: 'file', path, content });
const show = (source: string, target: string): StepInput => ({
  step: 'bind',
  source,
  target,
  recursive: true,
});

test.each<[string, (image: string) => StepInput[]]>([
  ['on the host', () => [file('/tmp/ring3-outside')]],
  ['has ".." in it', (image) => [file(`${image}/../outside`)]],
  ['on the host', (image) => [file(`${image}-outside`)]],
  ['with something in it', (image) => [file(`${image}/x`, 'y')]],
  ['that it has bound', (image) => [show('/', `${image}/all`), file(`${image}/all/tmp/ring3-outside`)]],
  ['that it has bound', (image) => [show('/', '/tmp'), file(`${image}/x`)]],
  ['that it has bound', (image) => [show('/', image), file(`${image}/tmp/ring3-outside`)]],
  [
    'that it has bound',
    (image) => [show('/', `${image}/a`), show(image, `${image}/b`), file(`${image}/b/a/tmp/ring3-outside`)],
  ],
  ['none of /dev’s links', (image) => [{ step: 'symlink', path: `${image}/x`, target: '/tmp' }]],
  [
    'by way of a link',
    (image) => [
      { step: 'symlink', path: `${image}/fd`, target: '/proc/self/fd' },
      file(`${image}/fd/7/tmp/ring3-outside`),
    ],
  ],
  ['after a chroot', () => [{ step: 'chroot', path: '/' }, file('/tmp/ring3-outside')]],
  ['makes / the root', () => [{ step: 'pivotRoot', root: '/' }, file('/tmp/ring3-outside')]],
  ['resolves in /', () => [{ step: 'resolveIn', root: '/' }]],
  [
    'mounts overlay',
    (image) => [{ step: 'mount', type: 'overlay', target: `${image}/x`, options: 'upperdir=/home' }],
  ],
])('lab 04 refuses a list that … %s (%#)', async (problem, steps) => {
  await expect(tried(examination(steps))).rejects.toThrow(problem);
  expect(existsSync('/tmp/ring3-outside')).toBe(false);
});

test('lab 04 lets a list make what it needs after the pivot, too', async () => {
  const steps = (image: string): StepInput[] => {
    const spec = { root: image, readonly: false, binds: [], masked: [], readonlyPaths: [], workdir: '/' };
    return [...rootfs(spec), { step: 'directory', path: '/made/later' }];
  };
  await expect(tried(examination(steps))).resolves.toMatchObject({ root: '/' });
});

const HOST: HostV2 = {
  version: 2,
  base: '/sys/fs/cgroup/mine',
  members: [],
  available: [],
  enabled: [],
  swap: false,
  killFile: true,
};

test.each<CgroupOp>([
  { op: 'write', path: '/proc/sys/kernel/core_pattern', value: '|/bin/sh' },
  { op: 'write', path: '/sys/fs/cgroup/mine/../release_agent', value: '/bin/sh' },
  { op: 'write', path: '/sys/fs/cgroup/mine/box/cgroup.procs', value: '1' },
  { op: 'write', path: '/sys/fs/cgroup/mine/box/tasks', value: '1' },
  { op: 'create', path: '/sys/fs/cgroup/mine' },
  { op: 'create', path: '/sys/fs/cgroup/mine-too/box' },
  { op: 'signal', path: '/sys/fs/cgroup/cgroup.procs' },
  { op: 'remove', path: '/sys/fs/cgroup/mine/box/../../other' },
])('lab 06 refuses $op $path', async (op) => {
  const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
  await expect(carryOutHere(HOST, [op])).rejects.toThrow('only groups below the bases');
  expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
});
