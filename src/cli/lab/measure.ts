import { isCancel, text } from '@clack/prompts';
import { Command, InvalidArgumentError } from 'commander';
import { findLab } from '../../lab/catalog.ts';
import { UserError } from '../../lab/error.ts';
import { measurementText } from '../../lab/formats/measurement.ts';
import { hasMeasurement, loadHarness, measureLab, referenceHarness } from '../../lab/measurement.ts';
import { choose, handled, inWorkspace, type ChosenLab } from './context.ts';

interface Options {
  guess?: number;
  reference?: boolean;
  json?: boolean;
}

function positive(value: string): number {
  const number = Number(value);
  if (!value.trim() || !(number > 0) || !Number.isFinite(number)) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return number;
}

/** The guess comes before the measurement, or it is none. */
async function guessFor(
  { lab, progress }: ChosenLab,
  given: number | undefined,
): Promise<number | undefined> {
  const { guess, number } = lab.manifest;
  const kept = progress.lab(number).guess;
  if (!guess || kept !== undefined) return kept;
  if (given !== undefined) return given;
  if (!process.stdin.isTTY)
    throw new UserError(`guess first: ${guess.question} Add --guess VALUE (${guess.unit})`);
  const answer = await text({
    message: `${guess.question} (${guess.unit})`,
    validate: (value = '') => (Number(value) > 0 ? undefined : 'A number above 0.'),
  });
  if (isCancel(answer)) throw new UserError('no guess, no measurement', 1);
  return Number(answer);
}

/** The student's own harness once lab 01 is right, unless the reference is asked for. */
async function harnessFor(chosen: ChosenLab, reference: boolean) {
  const first = inWorkspace(chosen, findLab('1'));
  const own = !reference && chosen.progress.lab(1).complete;
  const file = own ? first.file : referenceHarness();
  return { name: own ? 'your own harness of lab 01' : 'the reference harness', run: await loadHarness(file) };
}

export function measureCommand(): Command {
  return new Command('measure')
    .description('guess what something costs, then measure it')
    .argument('<lab>', 'number or name')
    .option('--guess <value>', 'your guess; asked for without', positive)
    .option('--reference', 'with the reference harness instead of your own')
    .option('--json', 'print the result as JSON')
    .action(
      handled(async (wanted: string, options: Options) => {
        const chosen = choose(wanted);
        const { lab, progress } = chosen;
        if (!hasMeasurement(lab)) throw new UserError(`lab ${lab.manifest.number} has no measurement`, 1);
        const guess = await guessFor(chosen, options.guess);
        const { number } = lab.manifest;
        if (guess !== undefined) progress.update(number, { guess });
        const harness = await harnessFor(chosen, options.reference ?? false);
        const rows = await measureLab(lab, harness.run);
        const at = new Date().toISOString();
        progress.update(number, { measured: { at, harness: harness.name, rows } });
        if (options.json)
          console.log(JSON.stringify({ lab: number, guess, harness: harness.name, rows }, null, 2));
        else console.log(`${measurementText(lab.manifest, rows, guess)}\nwith ${harness.name}`);
      }),
    );
}
