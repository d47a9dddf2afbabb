import { confirm, isCancel } from '@clack/prompts';
import { Command } from 'commander';
import { relative } from 'node:path';
import { UserError } from '../../lab/error.ts';
import { resetExercise } from '../../lab/reset.ts';
import { choose, handled, type ChosenLab } from './context.ts';

export function reset({ workspace, lab, progress }: ChosenLab): string {
  const kept = resetExercise(workspace, lab);
  progress.update(lab.manifest.number, { score: 0, passed: [], complete: false });
  const where = kept ? `; your work is now ${relative(process.cwd(), kept)}` : '';
  return `Lab ${lab.manifest.number} is as it was handed out${where}`;
}

export function resetCommand(): Command {
  return new Command('reset')
    .description('put a lab’s exercise back to how it was handed out; your work is kept beside it')
    .argument('<lab>', 'number or name')
    .option('--yes', 'do not ask')
    .action(
      handled(async (wanted: string, options: { yes?: boolean }) => {
        const chosen = choose(wanted);
        if (!options.yes) {
          if (!process.stdin.isTTY) throw new UserError('nobody to ask: add --yes');
          const message = `Put ${relative(process.cwd(), chosen.file)} back?`;
          const answer = await confirm({ message, initialValue: false });
          if (isCancel(answer) || !answer) throw new UserError('nothing was changed', 1);
        }
        console.log(reset(chosen));
      }),
    );
}
