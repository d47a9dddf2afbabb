import { Command } from 'commander';
import { relative } from 'node:path';
import { findLab } from '../../lab/catalog.ts';
import { check } from '../../lab/check.ts';
import { UserError } from '../../lab/error.ts';
import { labText } from '../../lab/formats/text.ts';
import { complete, has, scores } from '../../lab/score.ts';
import { exerciseFile, findWorkspace, labFolder } from '../../lab/workspace.ts';
import { wholeNumber } from '../arguments.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('grade your exercise of one lab')
    .argument('<lab>', 'number or name')
    .option('--task <id>', 'only this task')
    .option('--seed <number>', 'repeat a run', wholeNumber(0, 0xffff_ffff))
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExit status: 0 all right, 1 something is wrong, 2 usage, 3 the grader broke, 4 this host cannot grade it.',
    )
    .action(async (wanted: string, options) => {
      const lab = findLab(wanted);
      const { manifest } = lab;
      if (options.task && !manifest.tasks.some(({ id }) => id === options.task)) {
        const ids = manifest.tasks.map(({ id }) => id).join(', ');
        throw new UserError(`lab ${manifest.number} has no task ${options.task}; it has ${ids}`);
      }
      const workspace = findWorkspace(process.cwd());
      const exercise = { lab, file: exerciseFile(workspace, manifest), root: labFolder(workspace, manifest) };
      const results = await check([exercise], options);
      const all = scores(results);
      if (options.json) console.log(JSON.stringify(all, null, 2));
      else {
        for (const result of results) console.log(labText(result));
        console.log(`  ${relative(process.cwd(), exercise.file) || exercise.file}`);
      }
      process.exitCode = has(all, 'grader-broke')
        ? 3
        : has(all, 'wrong')
          ? 1
          : results.every(complete)
            ? 0
            : 4;
    });
}
