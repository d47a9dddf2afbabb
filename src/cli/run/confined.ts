/** `ring3 run --platform none`: a command that the host's kernel serves, and confines. */
import type { StepInput } from '../../confine/plan.ts';
import { planOf, run } from '../../sandbox/run.ts';
import type { RunSpec } from '../../sandbox/spec.ts';
import { specOf, type RunOptions } from './options.ts';
import { printPlan } from './plan.ts';
import { SignalRelay } from './signals.ts';
import { relayOutput } from './stdio.ts';
import { ending, exitStatus, outcomeJson, statsText } from './summary.ts';
import { relayTerminal, terminalSize } from './terminal.ts';

/** @returns the exit status. */
export function runConfined(argv: string[], options: RunOptions): Promise<number> {
  const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY) && !options.plan;
  const spec = specOf(argv, options, interactive ? terminalSize() : undefined);
  if (!options.plan) return supervise(spec, options);
  const plan: StepInput[] = planOf(spec);
  printPlan(plan, options.json === true);
  return Promise.resolve(0);
}

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
