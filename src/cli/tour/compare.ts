/** The rows of two worlds as lines: where there is room the reason stands beside them, else below. */
import { cell, cut, wrap } from './columns.ts';
import type { Row } from './rows.ts';
import type { Colours } from './style.ts';

const LABEL = 16;
const MOST_VALUE = 24;
const LEAST_VALUE = 12;
const LEAST_REASON = 28;
const GAP = '  ';

export function compareLines(rows: readonly Row[], width: number, colours: Colours): string[] {
  const room = Math.floor((width - GAP.length - LABEL - GAP.length) / 2);
  const most = Math.max(LEAST_VALUE, Math.min(MOST_VALUE, room));
  const widest = (texts: readonly string[]): number =>
    Math.min(most, Math.max(...texts.map((text) => text.length)));
  const host = widest(rows.map((row) => row.host));
  const confined = widest(rows.map(confinedText));
  const taken = GAP.length + LABEL + host + GAP.length + confined + GAP.length;
  const beside = width - taken >= LEAST_REASON;
  const indent = ' '.repeat(beside ? taken : GAP.length + LABEL);

  const linesOf = (row: Row): string[] => {
    const before = `${GAP}${cell(row.label, LABEL)}${cell(row.host, host)}${GAP}`;
    const value = beside ? cell(confinedText(row), confined) : cut(confinedText(row), confined);
    const values = before + (row.host === row.confined ? value : colours.bold(value));
    const reason = wrap(row.because, Math.max(LEAST_VALUE, width - indent.length));
    const below = (lines: readonly string[]): string[] => lines.map((line) => indent + colours.dim(line));
    if (!beside) return [values, ...below(reason)];
    return [`${values}${GAP}${colours.dim(reason[0]!)}`, ...below(reason.slice(1))];
  };
  const head = `${GAP}${cell('', LABEL)}${cell('host', host)}${GAP}confined`;
  return [colours.dim(head), ...rows.flatMap(linesOf)];
}

/** What is the same in both worlds is marked by more than the lack of bold letters. */
function confinedText({ host, confined }: Row): string {
  return host === confined ? `= ${confined}` : confined;
}
