/** What every lab must have, whatever it is about. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { labs } from '../../src/lab/catalog.ts';
import { hintsOf } from '../../src/lab/hints.ts';
import { MUTANTS_WANTED, candidates } from '../../src/lab/verify.ts';
import { probes } from '../../src/doctor/index.ts';

describe.each(labs().map((lab) => [lab.manifest.name, lab] as const))('lab %s', (_name, lab) => {
  const { folder, manifest } = lab;

  test('has all its files', () => {
    const files = ['README.md', 'exercise.ts', 'hints.md', 'grade.test.ts', 'solution.ts', 'measure.ts'];
    expect(files.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  });

  test('asks for a guess, and for probes that doctor has', () => {
    expect(manifest.guess).toBeDefined();
    expect(manifest.prerequisites.filter((id) => !probes.has(id))).toEqual([]);
  });

  test('has hints for each task, from a nudge on, and for nothing else', () => {
    const hints = hintsOf(lab);
    const ids = manifest.tasks.map(({ id }) => id);
    expect(ids.filter((id) => !hints.get(id)?.length)).toEqual([]);
    expect([...hints.keys()].filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('says of each task what is tested', () => {
    const handout = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(manifest.tasks.filter(({ id }) => !handout.includes(id))).toEqual([]);
  });

  test('names a real incident', () => {
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/CVE-\d{4}-\d{4,}/);
  });

  test('gives nothing away: the exercise throws, and no handout is an answer', () => {
    expect(readFileSync(join(folder, 'exercise.ts'), 'utf8')).toContain('not written yet');
    expect(manifest.handout.filter((name) => /solution|mutant|grad|hints/.test(name))).toEqual([]);
  });

  test('has mutants that say what they lose', () => {
    const mutants = candidates(lab).slice(2);
    expect(mutants.length).toBeGreaterThanOrEqual(MUTANTS_WANTED);
    expect(mutants.filter(({ loses }) => !loses).map(({ name }) => name)).toEqual([]);
    expect(readdirSync(join(folder, 'mutants')).filter((name) => !name.endsWith('.ts'))).toEqual([]);
  });
});
