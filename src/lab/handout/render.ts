/** A handout for a terminal: marked takes the text apart, this puts it together again in lines. */
import { lexer, type Token, type Tokens } from 'marked';
import pc from 'picocolors';
import { inline, unescape } from './inline.ts';
import { fit, padEnd, width, wrap } from './wrap.ts';

function heading({ depth, tokens }: Tokens.Heading, columns: number): string[] {
  const text = inline(tokens);
  const lines = wrap(text, columns);
  if (depth === 1) return [...lines.map((line) => pc.bold(line)), '═'.repeat(Math.min(columns, width(text)))];
  if (depth === 2) return [...lines.map((line) => pc.bold(line)), '─'.repeat(Math.min(columns, width(text)))];
  return lines.map((line) => pc.bold(pc.underline(line)));
}

/** Never wrapped: pictures and programs keep their shape. */
function code({ text }: Tokens.Code): string[] {
  return unescape(text)
    .split('\n')
    .map((line) => `    ${pc.cyan(line)}`.trimEnd());
}

function list({ ordered, start, items }: Tokens.List, columns: number): string[] {
  const lines: string[] = [];
  items.forEach((item, at) => {
    const box = item.task ? (item.checked ? '[x] ' : '[ ] ') : '';
    const mark = (ordered ? `${Number(start || 1) + at}. ` : '• ') + box;
    const tokens = item.tokens.filter(({ type }) => type !== 'checkbox');
    const body = blocks(tokens, columns - mark.length - 2, item.loose);
    body.forEach((line, row) =>
      lines.push(`${row ? '' : `  ${mark}`}${row && line ? ' '.repeat(2 + mark.length) : ''}${line}`),
    );
    if (item.loose && at < items.length - 1) lines.push('');
  });
  return lines;
}

/** The widest columns give way until the table fits. */
function columnWidths(cells: string[][], columns: number): number[] {
  const widths = (cells[0] ?? []).map((_, at) => Math.max(3, ...cells.map((row) => width(row[at] ?? ''))));
  const room = columns - 3 * (widths.length - 1);
  const total = () => widths.reduce((sum, next) => sum + next, 0);
  while (total() > room && Math.max(...widths) > 8) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function table({ header, rows }: Tokens.Table, columns: number): string[] {
  const cells = [header, ...rows].map((row) => row.map(({ tokens }) => inline(tokens)));
  const widths = columnWidths(cells, columns);
  const lines: string[] = [];
  cells.forEach((row, at) => {
    const parts = row.map((cell, column) => fit(cell, widths[column] ?? 8));
    const height = Math.max(...parts.map((part) => part.length));
    for (let line = 0; line < height; line++) {
      const text = parts
        .map((part, column) => padEnd(part[line] ?? '', widths[column] ?? 8))
        .join(' │ ')
        .trimEnd();
      lines.push(at === 0 ? pc.bold(text) : text);
    }
    if (at === 0) lines.push(widths.map((size) => '─'.repeat(size)).join('─┼─'));
  });
  return lines;
}

function block(token: Token, columns: number): string[] {
  switch (token.type) {
    case 'heading':
      return heading(token as Tokens.Heading, columns);
    case 'code':
      return code(token as Tokens.Code);
    case 'list':
      return list(token as Tokens.List, columns);
    case 'table':
      return table(token as Tokens.Table, columns);
    case 'hr':
      return [pc.dim('─'.repeat(columns))];
    case 'blockquote':
      return blocks((token as Tokens.Blockquote).tokens, columns - 2).map((line) => `${pc.dim('│')} ${line}`);
    case 'space':
    case 'html':
    case 'def':
      return [];
    default:
      return wrap(inline((token as Tokens.Paragraph).tokens ?? [token]), columns);
  }
}

function blocks(tokens: readonly Token[], columns: number, spaced = true): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    const next = block(token, columns);
    if (next.length === 0) continue;
    if (lines.length && spaced) lines.push('');
    lines.push(...next);
  }
  return lines;
}

/** Markdown as lines of at most `columns`, code and what cannot be broken excepted. */
export function render(markdown: string, columns: number): string {
  return blocks(lexer(markdown), Math.max(20, columns)).join('\n');
}
