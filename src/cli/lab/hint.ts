import { Command } from 'commander';
import pc from 'picocolors';
import { UserError } from '../../lab/error.ts';
import { render } from '../../lab/handout/render.ts';
import { hintsOf } from '../../lab/hints.ts';
import { checkTask, choose, handled, type ChosenLab } from './context.ts';
import { columns } from './show.ts';

/** The first task that the last check did not find right. */
export function currentTask({ lab, progress }: ChosenLab): string {
  const { passed } = progress.lab(lab.manifest.number);
  const open = lab.manifest.tasks.find(({ id }) => !passed.includes(id));
  return (open ?? lab.manifest.tasks[0])?.id ?? '';
}

/** The next hint of a task, counted in the student's progress; the last one again when there is no more. */
export function nextHint(chosen: ChosenLab, task: string): string {
  const { lab, progress } = chosen;
  const { number } = lab.manifest;
  const hints = hintsOf(lab).get(task) ?? [];
  if (hints.length === 0) throw new UserError(`there is no hint for ${task} of lab ${number}`, 1);
  const seen = progress.lab(number).hints;
  const count = Math.min((seen[task] ?? 0) + 1, hints.length);
  progress.update(number, { hints: { ...seen, [task]: count } });
  const left = hints.length - count;
  const more = left ? `${left} more` : 'the last';
  return `${pc.bold(`${task}, hint ${count} of ${hints.length}`)} ${pc.dim(`(${more})`)}\n${render(hints[count - 1] ?? '', columns())}`;
}

export function hintCommand(): Command {
  return new Command('hint')
    .description('the next hint, for one task or for the first that is not right yet')
    .argument('<lab>', 'number or name')
    .argument('[task]', 'id of a task')
    .option('--again', 'begin with the first hint')
    .action(
      handled((wanted: string, task: string | undefined, options: { again?: boolean }) => {
        const chosen = choose(wanted);
        checkTask(chosen.lab, task);
        const id = task ?? currentTask(chosen);
        const { number } = chosen.lab.manifest;
        if (options.again) {
          const { hints } = chosen.progress.lab(number);
          chosen.progress.update(number, { hints: { ...hints, [id]: 0 } });
        }
        console.log(nextHint(chosen, id));
      }),
    );
}
