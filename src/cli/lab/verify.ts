import { Command } from 'commander';
import pc from 'picocolors';
import { findLab, labs, type Lab } from '../../lab/catalog.ts';
import { gradeJobs } from '../../lab/check.ts';
import { candidates, judgeLab, verifyJob, type LabVerified } from '../../lab/verify.ts';
import { wholeNumber } from '../arguments.ts';
import { handled } from './context.ts';

interface Options {
  repeats: number;
  seed?: number;
  labs?: string;
  json?: boolean;
}

const LETTERS = { passed: '.', wrong: 'x', 'host-cannot': '-', 'grader-broke': '!' } as const;

function table(result: LabVerified): string {
  const lines = [pc.bold(`Lab ${result.number} ${result.lab}`)];
  const width = Math.max(...result.candidates.map(({ candidate }) => candidate.length));
  for (const { candidate, outcomes, runs, violations } of result.candidates) {
    const letters = Object.values(outcomes)
      .map((outcome) => LETTERS[outcome])
      .join('');
    const verdict = violations.length ? pc.red('not as it should be') : pc.green('as it should be');
    lines.push(`  ${candidate.padEnd(width)}  ${letters}  ${runs} runs  ${verdict}`);
    for (const violation of violations.slice(0, 6)) lines.push(`      ${violation}`);
    if (violations.length > 6) lines.push(`      … and ${violations.length - 6} more`);
  }
  for (const violation of result.violations) lines.push(`  ${pc.red(violation)}`);
  for (const { task, probe, reason } of result.hostCannot) {
    lines.push(`  ${pc.yellow('ungraded')} ${task}: this host lacks ${probe}: ${reason}`);
  }
  return lines.join('\n');
}

/** On a terminal one line that counts; otherwise a line for every tenth of the way. */
function progress(total: number): () => void {
  let done = 0;
  return () => {
    done++;
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${total} tasks${done === total ? '\n' : ''}`);
    else if (Math.floor((done * 10) / total) > Math.floor(((done - 1) * 10) / total)) {
      process.stderr.write(`${done}/${total} tasks\n`);
    }
  };
}

export async function verify(chosen: Lab[], repeats: number, seed?: number): Promise<LabVerified[]> {
  const work = chosen.map((lab) => ({ lab, all: candidates(lab) }));
  const jobs = work.map(({ lab, all }) => ({ lab, job: verifyJob(lab, all, repeats, seed) }));
  const total = jobs.reduce(
    (sum, { lab, job }) => sum + lab.manifest.tasks.length * job.submissions.length,
    0,
  );
  const tick = progress(total);
  const graded = await gradeJobs(jobs, () => tick());
  return work.map(({ lab, all }, at) => judgeLab(lab, all, graded[at] ?? []));
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('grade the graders: exercise 0, solution full, each mutant loses what it names')
    .argument('[lab...]', 'numbers or names; all labs without')
    .option('--repeats <count>', 'runs of each submission that must agree', wholeNumber(1, 1000), 20)
    .option('--seed <number>', 'of the first run', wholeNumber(0, 0xffff_ffff))
    .option('--labs <folder>', 'look for labs here')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExit status: 0 all as it should be, 1 not, 2 usage.')
    .action(
      handled(async (wanted: string[], options: Options) => {
        const chosen = wanted.length ? wanted.map((name) => findLab(name, options.labs)) : labs(options.labs);
        const results = await verify(chosen, options.repeats, options.seed);
        if (options.json) console.log(JSON.stringify({ labs: results }, null, 2));
        else {
          console.log(results.map(table).join('\n\n'));
          const cannot = results.reduce((sum, { hostCannot }) => sum + hostCannot.length, 0);
          const broken = results.filter(({ ok }) => !ok).length;
          console.log(
            `\n${results.length} labs, ${broken} not as they should be, ${cannot} tasks ungraded on this host`,
          );
        }
        process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
      }),
    );
}
