import { Command } from 'commander';
import { relative } from 'node:path';
import pc from 'picocolors';
import { check } from '../../lab/check.ts';
import { labText } from '../../lab/formats/text.ts';
import { complete, has, scores, type LabScore } from '../../lab/score.ts';
import { wholeNumber } from '../arguments.ts';
import { checkTask, choose, handled, type ChosenLab } from './context.ts';

const HELP = `
Exit status: 0 all right, 1 something is wrong, 2 usage, 3 the grader broke, 4 this host cannot grade it.`;

interface Options {
  task?: string;
  seed?: number;
  json?: boolean;
}

export function exitStatus(results: LabScore[]): number {
  const all = scores(results);
  if (has(all, 'grader-broke')) return 3;
  if (has(all, 'wrong')) return results.every(complete) ? 0 : 1;
  return has(all, 'host-cannot') ? 4 : 0;
}

/** Grades one lab and keeps what it came to. */
export async function checkLab(chosen: ChosenLab, options: Options = {}): Promise<LabScore> {
  const { lab, file, root, progress } = chosen;
  const [result] = await check([{ lab, file, root }], options);
  if (!result) throw new Error('the grader gave no result');
  if (!options.task) progress.record(result, complete(result));
  return result;
}

export function checkCommand(): Command {
  return new Command('check')
    .description('grade your exercise of one lab')
    .argument('<lab>', 'number or name')
    .option('--task <id>', 'only this task')
    .option('--seed <number>', 'repeat a run', wholeNumber(0, 0xffff_ffff))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(
      handled(async (wanted: string, options: Options) => {
        const chosen = choose(wanted);
        checkTask(chosen.lab, options.task);
        const result = await checkLab(chosen, options);
        if (options.json) console.log(JSON.stringify(scores([result]), null, 2));
        else console.log(`${labText(result)}\n  ${pc.dim(relative(process.cwd(), chosen.file))}`);
        process.exitCode = exitStatus([result]);
      }),
    );
}
