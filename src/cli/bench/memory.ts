/** `ring3 bench memory`: what a sandbox, and each process in it, takes of the host's memory. */
import { Command, Option } from 'commander';
import { measureMemory, memoryBounds, type MemoryResult } from '../../bench/memory.ts';
import type { PlatformName } from '../../platform/platform.ts';
import { wholeNumber } from '../arguments.ts';
import { explain } from '../explain.ts';

interface Options {
  platform: PlatformName;
  processes: number;
  json?: boolean;
}

const FAILURE = 125;
const EXAMPLES = `
Resident memory, as the host counts it (smaps_rollup), once everything sleeps: Node with the kernel in it beside a Node that does
nothing, and the stubs, of which what they share counts once.`;

export function memoryCommand(): Command {
  return new Command('memory')
    .description('what a sandbox, and each process in it, takes of the host’s memory')
    .addOption(
      new Option('--platform <name>', 'of the sandbox')
        .choices(['rewrite', 'trap', 'notify', 'ptrace'])
        .default('rewrite'),
    )
    .option('--processes <n>', 'how many more are made, to tell what one takes', wholeNumber(1, 500), 32)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(act);
}

async function act(_: Options, command: Command): Promise<void> {
  // `ring3 bench` has some of the same options, and takes those that stand before an argument.
  const options = command.optsWithGlobals<Options>();
  try {
    const result = await measureMemory(options.platform, options.processes);
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : table(result));
  } catch (error) {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = FAILURE;
  }
}

function table(result: MemoryResult): string {
  const rows: [string, number][] = [
    ['a bare Node', result.bareNode],
    ['Node with the kernel, for sleep', result.kernel],
    ['its shim and stubs', result.stubs],
    [`a further process, of ${result.processes}`, result.process],
    ['and of that its own pages', result.ownPages],
  ];
  const lines = rows.map(([name, size]) => `${name.padEnd(46)}${mebibytes(size).padStart(9)} MiB`);
  const bounds = memoryBounds(result).map(
    ({ what, value, most }) =>
      `${what.padEnd(46)}${mebibytes(value).padStart(9)} MiB  ${value <= most ? 'holds' : 'exceeds'} ${mebibytes(most)}`,
  );
  return `${[`platform ${result.platform}`, ...lines, '', ...bounds].join('\n')}\n`;
}

function mebibytes(size: number): string {
  return (size / 1024).toFixed(2);
}
