/** Breaking lines of a terminal, where colour codes take no room. */

import { stripVTControlCharacters } from 'node:util';

/** How many columns a text takes. */
export function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/**
 * Words filled into lines of at most `columns`; a longer word gets a line of its own. A newline in the text is kept.
 * `first` and `rest` are put in front of the first line and of those that follow.
 */
export function wrap(text: string, columns: number, first = '', rest = first): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = lines.length ? rest : first;
    let empty = true;
    for (const word of paragraph.split(/ +/).filter(Boolean)) {
      if (!empty && width(line) + 1 + width(word) > columns) {
        lines.push(line);
        line = rest;
        empty = true;
      }
      line += empty ? word : ` ${word}`;
      empty = false;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** As `wrap`, but nothing is ever wider than `columns`: what cannot be broken at a space is broken anywhere. */
export function fit(text: string, columns: number): string[] {
  return wrap(text, columns).flatMap((line) => {
    if (width(line) <= columns) return [line];
    const plain = [...stripVTControlCharacters(line)];
    const pieces = Math.ceil(plain.length / columns);
    return Array.from({ length: pieces }, (_, at) => plain.slice(at * columns, (at + 1) * columns).join(''));
  });
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}
