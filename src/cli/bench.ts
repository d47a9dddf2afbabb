/** `ring3 bench`: what each confinement costs, beside other tools. */
import { randomInt } from 'node:crypto';
import { closeSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { bench, chooseTargets, resultTable, summarize, targets, type Result } from '../bench/index.ts';
import { wholeNumber } from './arguments.ts';
import { microCommand } from './bench/micro.ts';
import { memoryCommand } from './bench/memory.ts';
import { openOutput } from './bench/output.ts';
import { progressLine } from './bench/progress.ts';
import { explain } from './explain.ts';

interface Options {
  rounds?: number;
  quick?: boolean;
  seed?: number;
  json?: boolean;
  output?: string;
  list?: boolean;
}

const ROUNDS = { full: 50, quick: 10 };
const WARM_UP = { full: 5, quick: 2 };
const DEFAULT_WIDTH = 100;
const FAILURE = 125;
const INTERRUPTED = 130;

const EXAMPLES = `
Every target is started once a round, in an order drawn anew; ratios are taken round by round.
A target that cannot be had here is a gap with its reason, and never fails the run.
Ctrl-C prints what there is so far.

Examples:
  ring3 bench --quick
  ring3 bench all bwrap --rounds 200 -o results.json`;

export function benchCommand(): Command {
  return new Command('bench')
    .description('what each confinement costs: from spawn to exit, beside bwrap, unshare and runc')
    .argument('[targets...]', 'only these, and plain (see --list)')
    .option(
      '--rounds <n>',
      `how often each target is started (default: ${ROUNDS.full})`,
      wholeNumber(1, 100_000),
    )
    .option('--quick', `${ROUNDS.quick} rounds unless told`)
    .option('--seed <n>', 'repeats the order of another run', wholeNumber(0, 0xffff_ffff))
    .option('--json', 'print the result with every sample as JSON')
    .option('-o, --output <file>', 'write the result with every sample as JSON to a file')
    .option('--list', 'list the targets and stop')
    .addHelpText('after', EXAMPLES)
    .addCommand(microCommand())
    .addCommand(memoryCommand())
    .action(act);
}

async function act(names: string[], options: Options): Promise<void> {
  try {
    if (options.list) return void process.stdout.write(listing());
    await measure(names, options);
  } catch (error) {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = FAILURE;
  }
}

function listing(): string {
  const width = Math.max(...targets.map(({ name }) => name.length));
  return targets.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join('');
}

async function measure(names: string[], options: Options): Promise<void> {
  const chosen = chooseTargets(names);
  const output = options.output === undefined ? undefined : openOutput(options.output);
  const pace = options.quick ? 'quick' : 'full';
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const progress = progressLine(process.stderr);
  const result = await bench(chosen, {
    rounds: options.rounds ?? ROUNDS[pace],
    warmUp: WARM_UP[pace],
    seed: options.seed ?? randomInt(0x1_0000_0000),
    signal: interrupt.signal,
    onProgress: progress.show,
  });
  progress.clear();
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const json = JSON.stringify({ ...result, summary: summarize(result) }, null, 1);
  if (output !== undefined) {
    writeFileSync(output, `${json}\n`);
    closeSync(output);
  }
  process.stdout.write(options.json ? `${json}\n` : text(result));
  if (interrupt.signal.aborted) process.exitCode = INTERRUPTED;
}

function text(result: Result): string {
  const width = process.stdout.columns || DEFAULT_WIDTH;
  return resultTable(result, width)
    .map((line) => `${line}\n`)
    .join('');
}
