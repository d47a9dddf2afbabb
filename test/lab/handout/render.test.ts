import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { render } from '../../../src/lab/handout/render.ts';
import { wrap } from '../../../src/lab/handout/wrap.ts';
import { LABS } from '../../../src/lab/paths.ts';

const plain = (markdown: string, columns = 40) => stripVTControlCharacters(render(markdown, columns));

test('paragraphs are filled, words are kept', () => {
  const text = 'One two three four five six seven eight nine ten eleven twelve.';
  expect(plain(text, 20).split('\n')).toEqual([
    'One two three four',
    'five six seven eight',
    'nine ten eleven',
    'twelve.',
  ]);
  expect(
    plain('a '.repeat(10) + 'x'.repeat(60), 20)
      .split('\n')
      .at(-1),
  ).toBe('x'.repeat(60));
});

test('inline marks do not show, entities do not stay', () => {
  expect(plain('**Bold `and *code*`** & [a link](https://x.y) <b>no</b> 1 < 2')).toBe(
    'Bold and *code* & a link <https://x.y>\nno 1 < 2',
  );
});

test('headings, rules and quotes', () => {
  expect(plain('# One\n\n## Two\n\n> said\n> so\n\n---', 20)).toBe(
    'One\n═══\n\nTwo\n───\n\n│ said so\n\n────────────────────',
  );
});

test('lists hang, and nest', () => {
  const text = plain('1. one is a long item that wraps\n2. two\n   - inner\n   - [x] done', 24);
  expect(text.split('\n')).toEqual([
    '  1. one is a long item',
    '     that wraps',
    '  2. two',
    '       • inner',
    '       • [x] done',
  ]);
});

test('code keeps its shape, however long', () => {
  const line = 'x'.repeat(100);
  expect(plain(`\`\`\`\na <b>\n  ${line}\n\`\`\``, 20)).toBe(`    a <b>\n      ${line}`);
});

test('tables give way until they fit', () => {
  const text = plain('| a | b |\n|---|---|\n| short | a much longer cell that wraps |', 24);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(24);
  expect(text).toContain('short │ a much longer');
  const long = plain(`| a | b |\n|---|---|\n| x | \`${'y'.repeat(60)}\` |`, 24);
  expect(Math.max(...long.split('\n').map((line) => line.length))).toBeLessThanOrEqual(24);
  expect(long.match(/y/g)?.length).toBe(60);
});

test('wrapping counts columns, not colour codes', () => {
  const red = '\u001b[31mred\u001b[39m';
  expect(wrap(`${red} ${red} ${red}`, 7).length).toBe(2);
});

describe('every handout', () => {
  test.each(readdirSync(LABS).filter((name) => /^\d\d-/.test(name)))('%s fits into 80 columns', (name) => {
    const lines = plain(readFileSync(join(LABS, name, 'README.md'), 'utf8'), 80).split('\n');
    const wide = lines.filter((line) => line.length > 80 && !line.startsWith('    ') && line.includes(' '));
    expect(wide).toEqual([]);
  });
});
