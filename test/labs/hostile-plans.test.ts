/** What graders of labs 02 and 03 never carry out, though a submission may ask for it. */
import { expect, it } from 'vitest';
import type { Student } from 'ring3/grade';
import { modestWorld, planFor, shiftedWorld } from '../../labs/02-namespaces/grader.ts';
import { drawCase, stepsFor } from '../../labs/03-privileges/grader.ts';

/** A submission that answers this; what its type promises is checked by the session, which is not in play. */
const answering = (answer: unknown) => ({ call: () => Promise.resolve(answer) }) as unknown as Student;

const FOREIGN: [string, object][] = [
  ['cgroupWrite', { step: 'cgroupWrite', path: '/etc/passwd', value: '' }],
  ['file', { step: 'file', path: '/etc/passwd', content: '', mode: 0o644 }],
  ['bind', { step: 'bind', source: '/etc', target: '/mnt' }],
  ['exec', { step: 'exec', file: '/bin/sh', argv: ['sh'], env: [] }],
];

it.each(FOREIGN)('refuses a %s step', async (name, step) => {
  await expect(planFor(answering([step]), modestWorld(1))).rejects.toThrow(`saw ${name}`);
  await expect(stepsFor(answering([step]), drawCase(1, 'service'))).rejects.toThrow(`saw ${name}`);
});

it.each([
  { type: 'tmpfs', target: '/proc' },
  { type: 'proc', target: '/etc' },
])('mounts no $type on $target', async (mount) => {
  const plan = [{ step: 'mount', source: 'none', attributes: [], options: '', ...mount }];
  await expect(planFor(answering(plan), modestWorld(1))).rejects.toThrow(
    `a ${mount.type} on ${mount.target}`,
  );
});

it('refuses a plan of a thousand inits', async () => {
  const plan = Array.from({ length: 1000 }, () => ({ step: 'init' }));
  await expect(planFor(answering(plan), modestWorld(1))).rejects.toThrow('at most 64 steps');
});

it('draws other values for another seed, and the same for the same', () => {
  expect(modestWorld(7)).toEqual(modestWorld(7));
  expect(modestWorld(7)).not.toEqual(modestWorld(8));
  expect(shiftedWorld(7)).not.toEqual(shiftedWorld(8));
  expect(drawCase(7, 'root')).toEqual(drawCase(7, 'root'));
  expect(drawCase(7, 'service').become).not.toEqual(drawCase(8, 'service').become);
});
