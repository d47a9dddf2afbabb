/** hints.md: a heading `## task-id` for each task, and under it a numbered list, from a nudge to nearly the answer. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexer, type Tokens } from 'marked';
import type { Lab } from './catalog.ts';

/** The hints of each task, as Markdown. */
export function parseHints(markdown: string): Map<string, string[]> {
  const hints = new Map<string, string[]>();
  let task = '';
  for (const token of lexer(markdown)) {
    if (token.type === 'heading') task = (token as Tokens.Heading).text.replaceAll('`', '').trim();
    if (token.type !== 'list' || !(token as Tokens.List).ordered || !task) continue;
    const items = (token as Tokens.List).items.map(({ text }) => text.trim());
    hints.set(task, [...(hints.get(task) ?? []), ...items]);
  }
  return hints;
}

export function hintsOf(lab: Lab): Map<string, string[]> {
  const file = join(lab.folder, 'hints.md');
  return existsSync(file) ? parseHints(readFileSync(file, 'utf8')) : new Map();
}
