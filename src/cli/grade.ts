import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { check } from '../lab/check.ts';
import { UserError } from '../lab/error.ts';
import { FORMATS, FORMAT_NAMES, type Format } from '../lab/formats/index.ts';
import { has, scores } from '../lab/score.ts';
import { findSubmissions } from '../lab/submissions.ts';
import { wholeNumber } from './arguments.ts';
import { handled } from './lab/context.ts';

const HELP = `
Exit status:
  0  graded, whatever the score
  1  graded in part: this host cannot grade some tasks (outcome host-cannot)
  2  usage: no such folder, nothing to grade in it, an unknown lab
  3  the grader broke on some tasks (outcome grader-broke); their points are not decided

DIR is a workspace of \`ring3 init\`, a folder of NN-name folders, or with one --lab a folder with an exercise.ts.`;

interface Options {
  format: Format;
  lab: string[];
  seed?: number;
  output?: string;
  labs?: string;
}

function write(text: string, output: string | undefined): void {
  if (output === undefined) {
    console.log(text);
    return;
  }
  try {
    writeFileSync(output, `${text}\n`);
  } catch (error) {
    throw new UserError(`${output} cannot be written: ${(error as Error).message}`);
  }
}

export function gradeCommand(): Command {
  return new Command('grade')
    .description('grade what a student handed in')
    .argument('<dir>', 'the folder')
    .addOption(new Option('--format <format>', 'of the results').choices(FORMAT_NAMES).default('text'))
    .option('--lab <lab...>', 'these labs only; one that is missing gets no points', [])
    .option('--labs <folder>', 'look for labs, with their graders, here')
    .option('--seed <number>', 'repeat a run', wholeNumber(0, 0xffff_ffff))
    .option('-o, --output <file>', 'write the results there')
    .addHelpText('after', HELP)
    .action(
      handled(async (folder: string, options: Options) => {
        const exercises = findSubmissions(folder, options.lab, options.labs);
        const all = scores(await check(exercises, options));
        write(FORMATS[options.format](all), options.output);
        process.exitCode = has(all, 'grader-broke') ? 3 : has(all, 'host-cannot') ? 1 : 0;
      }),
    );
}
