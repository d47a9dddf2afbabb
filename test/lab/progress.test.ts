import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Progress } from '../../src/lab/progress.ts';
import { temporary } from './submission.ts';

test('what is written is read again, and nothing else is left', () => {
  const folder = temporary();
  new Progress(folder).update(3, { guess: 12, hints: { a: 2 } });
  const progress = new Progress(folder);
  expect(progress.lab(3)).toMatchObject({ guess: 12, hints: { a: 2 }, passed: [], complete: false });
  expect(progress.lab(4)).toMatchObject({ score: 0, hints: {} });
  expect(readdirSync(join(folder, '.ring3'))).toEqual(['progress.json']);
  expect(progress.warning).toBe('');
});

test.each([
  '',
  '{',
  'null',
  '{"version":2}',
  '{"version":1,"labs":{"1":{"score":"much"}}}',
  '\u0000'.repeat(100),
])('damage (%j) is told in one line, kept, and survived', (text) => {
  const folder = temporary();
  new Progress(folder).update(1, { guess: 1 });
  const file = join(folder, '.ring3', 'progress.json');
  writeFileSync(file, text);
  const progress = new Progress(folder);
  expect(progress.warning).toMatch(/was damaged and is now progress\.json\.damaged/);
  expect(progress.lab(1).guess).toBeUndefined();
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
  progress.update(1, { guess: 2 });
  expect(new Progress(folder).lab(1).guess).toBe(2);
});

test('a folder without progress stays without until there is some', () => {
  const folder = temporary();
  void new Progress(folder).lab(1);
  expect(existsSync(join(folder, '.ring3'))).toBe(false);
});
