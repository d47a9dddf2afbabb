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

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}
