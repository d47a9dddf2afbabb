/** `ring3 bench micro`: what one small operation costs, under each platform, beside other tools and bare C. */
import { randomInt } from 'node:crypto';
import { closeSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import {
  chooseMicroTargets,
  chooseWorkloads,
  judge,
  microBench,
  microTable,
  microTargets,
  summarizeMicro,
  workloads,
  type MicroResult,
} from '../../bench/micro/index.ts';
import { wholeNumber } from '../arguments.ts';
import { explain } from '../explain.ts';
import { openOutput } from './output.ts';
import { progressLine } from './progress.ts';

interface Options {
  workloads?: string[];
  rounds?: number;
  quick?: boolean;
  seed?: number;
  json?: boolean;
  output?: string;
  list?: boolean;
}

const PACES = {
  full: { rounds: 20, warmUp: 2, sampleMs: 30 },
  quick: { rounds: 5, warmUp: 1, sampleMs: 10 },
};
const DEFAULT_WIDTH = 120;
const FAILURE = 125;
const INTERRUPTED = 130;

const EXAMPLES = `
A program of small operations runs on every target and measures itself from inside. In a round each workload is taken
in turn, with one sample of each target in an order drawn anew; ratios are taken round by round. \`ring\` is a cache
line that goes to another core and back, measured beside every workload; \`c-trap\`, \`c-notify\` and \`c-ptrace\`
answer getppid in bare C. Last stands what ring3 has promised, and whether this run holds it.
A target that cannot be had here is a gap with its reason. Ctrl-C prints what there is so far.

Examples:
  ring3 bench micro --quick
  ring3 bench micro rewrite runsc-systrap -w getppid,read,stat
  taskset -c 0 ring3 bench micro rewrite -w getppid     on one core`;

const names = (list: string): string[] => list.split(',').filter((name) => name !== '');

export function microCommand(): Command {
  return new Command('micro')
    .description('what one small operation costs: a system call, a page, a fork, a wake')
    .argument('[targets...]', 'only these, plain and the ring (see --list)')
    .option('-w, --workloads <names>', 'only these, separated by commas (see --list)', names)
    .option(
      '--rounds <n>',
      `how often each is measured (default: ${PACES.full.rounds})`,
      wholeNumber(1, 100_000),
    )
    .option('--quick', `${PACES.quick.rounds} rounds unless told, of shorter samples`)
    .option('--seed <n>', 'repeats the order of another run', wholeNumber(0, 0xffff_ffff))
    .option('--json', 'print the result with every sample as JSON')
    .option('-o, --output <file>', 'write the result with every sample as JSON to a file')
    .option('--list', 'list the targets and the workloads, and stop')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .action(act);
}

/** The options of `bench` that stand before the word `micro` are its own as well. */
async function act(targets: string[], _own: Options, command: Command): Promise<void> {
  const options = command.optsWithGlobals<Options>();
  try {
    if (options.list) return void process.stdout.write(listing());
    await measure(targets, options);
  } catch (error) {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = FAILURE;
  }
}

function listing(): string {
  const all = [...microTargets, ...workloads];
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = (some: typeof all): string =>
    some.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}\n`).join('');
  return `Targets:\n${lines([...microTargets])}Workloads:\n${lines([...workloads])}`;
}

async function measure(targets: string[], options: Options): Promise<void> {
  const chosen = {
    targets: chooseMicroTargets(targets),
    workloads: chooseWorkloads(options.workloads ?? []),
  };
  const output = options.output === undefined ? undefined : openOutput(options.output);
  const pace = PACES[options.quick ? 'quick' : 'full'];
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const progress = progressLine(process.stderr);
  const result = await microBench(chosen.workloads, chosen.targets, {
    ...pace,
    rounds: options.rounds ?? pace.rounds,
    seed: options.seed ?? randomInt(0x1_0000_0000),
    signal: interrupt.signal,
    onProgress: progress.show,
  });
  progress.clear();
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const json = JSON.stringify({ ...result, summary: summarizeMicro(result), bounds: judge(result) }, null, 1);
  if (output !== undefined) {
    writeFileSync(output, `${json}\n`);
    closeSync(output);
  }
  process.stdout.write(options.json ? `${json}\n` : text(result));
  if (interrupt.signal.aborted) process.exitCode = INTERRUPTED;
}

function text(result: MicroResult): string {
  const width = process.stdout.columns || DEFAULT_WIDTH;
  return microTable(result, width)
    .map((line) => `${line}\n`)
    .join('');
}
