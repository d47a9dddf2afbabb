import { Command } from 'commander';
import pc from 'picocolors';
import { labs } from '../../lab/catalog.ts';
import { handled, openWorkspace } from './context.ts';

const BAR = 10;

function bar(score: number, of: number): string {
  const full = of ? Math.floor((score * BAR) / of) : 0;
  return pc.green('■'.repeat(full)) + pc.dim('·'.repeat(BAR - full));
}

export function listCommand(): Command {
  return new Command('list')
    .description('the labs, and how far you are')
    .option('--json', 'print the list as JSON')
    .action(
      handled((options: { json?: boolean }) => {
        const { progress } = openWorkspace();
        const rows = labs().map(({ manifest: { number, name, title, part, hours, tasks } }) => {
          const { best, complete } = progress.lab(number);
          const max_score = tasks.reduce((sum, { points }) => sum + points, 0);
          return { number, name, title, part, hours, best, max_score, complete };
        });
        if (options.json) {
          console.log(JSON.stringify({ labs: rows }, null, 2));
          return;
        }
        let part = '';
        for (const row of rows) {
          if (row.part !== part) console.log(pc.bold(row.part));
          part = row.part;
          const done = row.complete ? pc.green('done') : '';
          const points = `${row.best}/${row.max_score}`.padStart(7);
          const number = String(row.number).padStart(2, '0');
          console.log(
            `  ${number} ${row.name.padEnd(16)} ${bar(row.best, row.max_score)} ${points}  ${row.title} ${done}`,
          );
        }
      }),
    );
}
