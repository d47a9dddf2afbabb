/** `ring3 run`: a command in a world of its own. */
import { Command } from 'commander';
import type { StepInput } from '../confine/plan.ts';
import { planOf, run } from '../sandbox/run.ts';
import type { RunSpec } from '../sandbox/spec.ts';
import { explain } from './explain.ts';
import { specOf, type RunOptions } from './run/options.ts';
import { SignalRelay } from './run/signals.ts';
import { relayOutput } from './run/stdio.ts';
import { ending, exitStatus, outcomeJson, statsText } from './run/summary.ts';
import { relayTerminal, terminalSize } from './run/terminal.ts';

/** As env(1), timeout(1) and docker run do: 125 for ourselves, 126 and 127 for a command that cannot be started. */
const FAILURE = { own: 125, notExecutable: 126, notFound: 127 };

const collect = (value: string, before: string[]): string[] => [...before, value];

const EXAMPLES = `
Exit status: that of CMD; 128 + N when signal N ended it; 125 when ring3 itself failed, 126 when CMD cannot be run,
127 when it is not found; 2 for a wrong option.

Examples:
  ring3 run -- sh -c 'echo $$; hostname'
  ring3 run --memory 64M --pids 32 --cpus 0.5 -- python3 script.py
  ring3 run --bind "$PWD/data:/data:ro" --workdir /data -- ls -l
  ring3 run --plan -- true`;

export function runCommand(): Command {
  return new Command('run')
    .description('run a command confined: namespaces, root directory, cgroups, privileges, seccomp')
    .argument('<cmd...>', 'the command and its arguments, best after --')
    .passThroughOptions()
    .option('--platform <name>', 'what answers system calls; none: the host’s kernel', 'none')
    .option(
      '--rootfs <dir>',
      'a folder that becomes the root; it is never written to (default: the host’s root)',
    )
    .option(
      '--bind <src:dst[:ro]>',
      'show a host file or folder inside; more options: noexec, noatime',
      collect,
      [],
    )
    .option('--workdir <dir>', 'where it starts, inside (default: the current folder; / with --rootfs)')
    .option('--env <key[=value]>', 'set a variable, or hand on your own', collect, [])
    .option('--user <uid[:gid]|name>', 'who it is, inside (default: 0)')
    .option('--hostname <name>', 'its host name', 'ring3')
    .option('--net <none|host>', 'only a loopback of its own, or the host’s network', 'none')
    .option('--memory <size>', 'at most so much memory, such as 64M; reported as out of memory')
    .option('--pids <n>', 'at most so many processes and threads')
    .option('--cpus <n>', 'at most so many cores, such as 0.5')
    .option('--cap-drop <name|ALL>', 'take a capability away', collect, [])
    .option('--cap-add <name|ALL>', 'give a capability, inside its user namespace', collect, [])
    .option(
      '--seccomp <default|none|file>',
      'the filter: ours, none, or a profile in the OCI JSON format',
      'default',
    )
    .option('--timeout <seconds>', 'kill it after that')
    .option('--init', 'put an init at pid 1 that reaps and passes signals on; CMD is then pid 2')
    .option('--plan', 'print what would be done, step by step, and stop')
    .option('--stats', 'say on stderr what it used, and what each step of its start took')
    .option('--json', 'with --plan the steps, else the outcome as one line on stderr, as JSON')
    .addHelpText('after', EXAMPLES)
    .action(act);
}

async function act(argv: string[], options: RunOptions): Promise<void> {
  const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY) && !options.plan;
  let spec: RunSpec;
  try {
    spec = specOf(argv, options, interactive ? terminalSize() : undefined);
    if (options.plan) return printPlan(spec, options.json === true);
    process.exitCode = await supervise(spec, options);
  } catch (error) {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = failure(error);
  }
}

function failure(error: unknown): number {
  const { step, code } = error as { step?: string; code?: string };
  if (step !== 'exec') return FAILURE.own;
  return code === 'ENOENT' ? FAILURE.notFound : FAILURE.notExecutable;
}

/** A filter is for `ring3 seccomp show`; here its size will do. */
function readable(step: StepInput): { step: string; [field: string]: unknown } {
  if (step.step !== 'seccomp') return step;
  const instructions = Buffer.from(step.program, 'base64').length / 8;
  return { ...step, program: `${instructions} instructions, shown by ring3 seccomp show` };
}

function printPlan(spec: RunSpec, json: boolean): void {
  const plan = planOf(spec);
  if (json) return void process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  for (const { step, ...fields } of plan.map(readable)) {
    process.stdout.write(`${step.padEnd(16)} ${JSON.stringify(fields)}\n`);
  }
}

/** @returns the exit status. */
async function supervise(spec: RunSpec, options: RunOptions): Promise<number> {
  // A host terminal never reaches the command: without a pty of its own, its output goes through a pipe.
  const output = ([1, 2] as const).map((fd) =>
    process[fd === 1 ? 'stdout' : 'stderr'].isTTY ? 'pipe' : 'inherit',
  );
  const input = process.stdin.isTTY ? 'pipe' : 'inherit';
  const relay = new SignalRelay(spec.init);
  const stop = relay.listen();
  const { child, outcome } = await run(
    spec,
    spec.terminal ? ['null', 'null', 'null'] : [input, output[0]!, output[1]!],
  );
  relay.attach(child);
  const shown = spec.terminal ? relayTerminal(child, relay) : relayOutput(child);
  const result = await outcome;
  await shown;
  stop();
  if (options.json) process.stderr.write(`${outcomeJson(result, child.timeline, relay.ended)}\n`);
  else {
    const line = ending(result, spec.timeout, relay.ended);
    if (line) process.stderr.write(`ring3: ${line}\n`);
    if (options.stats) process.stderr.write(statsText(result, child.timeline));
  }
  return exitStatus(result, relay.ended);
}
