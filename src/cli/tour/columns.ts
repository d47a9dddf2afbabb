/** Text in columns, for a terminal of any width. */

/** What one would read of it: terminals count characters, and these here are one cell wide each. */
export function cut(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

export function cell(text: string, width: number): string {
  return cut(text, width).padEnd(width);
}

/** Lines of at most `width` letters, broken at blanks. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line ? `${line} ${word}` : word;
    if ([...longer].length > width && line) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
