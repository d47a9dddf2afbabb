import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifest, restingOn } from '../../src/lab/manifest.ts';
import { temporary } from './submission.ts';

const good = {
  number: 7,
  name: 'things',
  title: 'Things',
  part: 'Test',
  hours: 4,
  tasks: [
    { id: 'one', title: 'One', points: 1 },
    { id: 'two', title: 'Two', points: 2, restsOn: ['one'] },
    { id: 'three', title: 'Three', points: 3, restsOn: ['two'], optional: true },
    { id: 'four', title: 'Four', points: 4 },
  ],
};

function folderWith(text: string, name = '07-things'): string {
  const folder = join(temporary(), name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'lab.json'), text);
  return folder;
}

test('defaults are filled in', () => {
  const manifest = readManifest(folderWith(JSON.stringify(good)));
  expect(manifest.limits).toEqual({ timeoutMs: 10_000, memoryMiB: 256, outputKiB: 256, processes: 64 });
  expect(manifest.tasks[0]).toMatchObject({ restsOn: [], optional: false });
});

test.each([
  ['{', 'cannot be read'],
  ['[]', 'expected object'],
  [JSON.stringify({ ...good, tasks: [] }), 'tasks'],
  [JSON.stringify({ ...good, hours: -1 }), 'hours'],
  [JSON.stringify({ ...good, colour: 'red' }), 'colour'],
  [JSON.stringify({ ...good, tasks: [...good.tasks, good.tasks[0]] }), 'two tasks share an id'],
  [JSON.stringify({ ...good, tasks: [{ ...good.tasks[0], restsOn: ['five'] }] }), 'rests on five'],
  [JSON.stringify({ ...good, tasks: [{ ...good.tasks[0], restsOn: ['one'] }] }), 'rests on one'],
])('%s is refused in one line', (text, expected) => {
  expect(() => readManifest(folderWith(text))).toThrow(expected);
});

test('a folder is called as its lab is', () => {
  expect(() => readManifest(folderWith(JSON.stringify(good), '08-things'))).toThrow('called 07-things');
});

test('what rests on a task, at any distance', () => {
  const { tasks } = readManifest(folderWith(JSON.stringify(good)));
  expect([...restingOn(tasks, ['one'])]).toEqual(['one', 'two', 'three']);
  expect([...restingOn(tasks, ['three'])]).toEqual(['three']);
  expect([...restingOn(tasks, ['two', 'four'])]).toEqual(['two', 'four', 'three']);
});
