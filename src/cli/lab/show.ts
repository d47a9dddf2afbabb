import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLab } from '../../lab/catalog.ts';
import { UserError } from '../../lab/error.ts';
import { render } from '../../lab/handout/render.ts';
import { handled } from './context.ts';

/** Longer lines are hard to read, however wide the terminal. */
const WIDEST = 100;

export function columns(): number {
  return Math.min(process.stdout.columns || 80, WIDEST);
}

/** Through the reader's pager on a terminal, when the text is longer than that; else as it is. */
function page(text: string): void {
  const rows = process.stdout.rows ?? 0;
  if (process.stdout.isTTY && text.split('\n').length > rows) {
    const pager = process.env['PAGER'] || 'less -R';
    const { status, error } = spawnSync('/bin/sh', ['-c', pager], {
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    if (!error && status !== 127) return;
  }
  console.log(text);
}

export function showCommand(): Command {
  return new Command('show')
    .description('read a lab’s handout')
    .argument('<lab>', 'number or name')
    .option('--no-pager', 'print it all at once')
    .option('--raw', 'as Markdown')
    .action(
      handled((wanted: string, options: { pager: boolean; raw?: boolean }) => {
        const lab = findLab(wanted);
        const file = join(lab.folder, 'README.md');
        if (!existsSync(file)) throw new UserError(`lab ${lab.manifest.number} has no handout`, 1);
        const markdown = readFileSync(file, 'utf8');
        const text = options.raw ? markdown.trimEnd() : render(markdown, columns());
        if (options.pager) page(text);
        else console.log(text);
      }),
    );
}
