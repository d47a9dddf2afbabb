/** The page that follows one write names files and lines: they must say what the page says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/linux/addon.ts';

const page = readFileSync(join(packageRoot, 'src/one-write.md'), 'utf8');
const places = [...page.matchAll(/`([\w./-]+):(\d+) ([#\w]+)`/g)].map(([, file, line, word]) => ({
  file: file!,
  line: Number(line),
  word: word!,
}));

describe('src/one-write.md', () => {
  it('names the way', () => expect(places.length).toBeGreaterThan(10));

  it.each(places)('$file:$line says $word', ({ file, line, word }) => {
    expect(readFileSync(join(packageRoot, file), 'utf8').split('\n')[line - 1]).toContain(word);
  });
});
