/** The registry holds together, with itself, its README and the labs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LABS, probe, probes } from '../../src/doctor/index.ts';
import { packageRoot } from '../../src/linux/addon.ts';

const ids = [...probes.keys()];

test('the README lists exactly these ids', () => {
  const readme = readFileSync(join(packageRoot, 'src/doctor/README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `([a-z0-9.+-]+)` \|/gm)].map(([, id]) => id);
  expect(listed.sort()).toEqual([...ids].sort());
});

test.each([true, false])('what a probe rests on exists, and is no circle (privileged: %s)', (privileged) => {
  const visit = (id: string, path: string[]): void => {
    expect(ids).toContain(id);
    expect(path, `${[...path, id].join(' → ')}`).not.toContain(id);
    for (const below of probes.get(id)?.restsOn?.({ privileged }) ?? []) visit(below, [...path, id]);
  };
  for (const id of ids) visit(id, []);
});

test('an unknown id is an error that says where they are listed', () => {
  expect(() => probe('namespace.pdi')).toThrow(/namespace\.pdi.*README/);
});

test('a probe is done once a process', async () => {
  expect(probe('node')).toBe(probe('node'));
  expect((await probe('node')).ok).toBe(true);
});

const manifests = readdirSync(join(packageRoot, 'labs'))
  .map((name) => join(packageRoot, 'labs', name, 'lab.json'))
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Manifest);

interface Manifest {
  number: number;
  name: string;
  prerequisites: string[];
}

test.each(manifests)('lab $number $name asks for probes that say so', ({ number, prerequisites }) => {
  const required = ids.filter((id) => probes.get(id)?.neededBy.includes(number));
  for (const id of prerequisites) expect(required, `${id} is needed by lab ${number}`).toContain(id);
  expect(LABS.map((lab) => lab.number)).toContain(number);
});
