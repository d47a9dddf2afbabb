/** `ring3 tour`: what this host can do, a shell confined, and under a kernel of ours, what that costs, and what next. */
import { Command } from 'commander';
import { diagnose, shortReport } from '../doctor/index.ts';
import { explain } from './explain.ts';
import { compareLines } from './tour/compare.ts';
import { costLines } from './tour/costs.ts';
import { guestLines } from './tour/guest.ts';
import { NEXT } from './tour/next.ts';
import { rowsOf } from './tour/rows.ts';
import { page, type Page } from './tour/style.ts';
import { lookAtWorlds } from './tour/worlds.ts';

export function tourCommand(): Command {
  return new Command('tour')
    .description(
      'a quarter of a minute: this host, a shell confined and under a kernel of ours, what it costs, what next',
    )
    .addHelpText('after', '\nExit status: 0 when at least one lab can be worked here, else 1.')
    .action(act);
}

async function act(): Promise<void> {
  const paper = page(process.stdout);
  const report = await diagnose();
  paper.write(heading(paper, '1', 'This host', '`ring3 doctor` tells all of it'));
  paper.write(shortReport(report));
  if (report.stop !== undefined) {
    process.exitCode = 1;
    return;
  }
  const workable = report.labs.some(({ ok }) => ok);
  if (!workable) process.exitCode = 1;

  paper.write(heading(paper, '2', 'The same shell script, twice', 'in a plain child, and in `ring3 run`'));
  await part(paper, async () => compareLines(rowsOf(await lookAtWorlds()), paper.width, paper.colours));
  paper.write(heading(paper, '3', 'A shell under a kernel in user space', '`ring3 run --platform rewrite`'));
  await part(paper, () => guestLines(paper));
  paper.write(heading(paper, '4', 'What each confinement costs', 'from spawn to exit of `true`, medians'));
  await part(paper, () => costLines(paper));
  paper.write(heading(paper, '5', 'What next', ''));
  paper.write(workable ? NEXT : ['  `ring3 doctor`: what is missing, and how to get it']);
}

function heading({ colours }: Page, number: string, title: string, note: string): string[] {
  return ['', `${colours.bold(`${number}  ${title}`)}${note ? colours.dim(`: ${note}`) : ''}`, ''];
}

/** What cannot be shown here says why, and the tour goes on. */
async function part(paper: Page, lines: () => Promise<string[]>): Promise<void> {
  try {
    paper.write(await lines());
  } catch (error) {
    paper.write([
      `  This cannot be shown here: ${explain(error)}`,
      '  `ring3 doctor` names what is missing.',
    ]);
  }
}
