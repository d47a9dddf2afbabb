/** `ring3 run` under the userspace kernel. */
import type { KernelOptions } from '../../../kernel/kernel.ts';
import { CallStatistics } from '../../../kernel/statistics.ts';
import { FAMILIES, makeTable } from '../../../kernel/syscalls/table.ts';
import { addon, helperPath } from '../../../linux/addon.ts';
import { hostArchitecture } from '../../../linux/architectures.ts';
import type { PlatformName } from '../../../platform/platform.ts';
import { stubPlan } from '../../../platform/launch.ts';
import { startGuest } from '../../../sandbox/guest/run.ts';
import type { GuestSpec } from '../../../sandbox/guest/spec.ts';
import type { RunOptions } from '../options.ts';
import { printPlan } from '../plan.ts';
import { loadExercise } from './exercise.ts';
import { guestSpecOf } from './options.ts';
import { GuestSignals } from './signals.ts';
import { ending, exitStatus, type GuestOutcome } from './summary.ts';
import { outcomeJson, statsText } from './stats.ts';
import { HostTerminal, say } from './terminal.ts';
import type { Trace } from './trace.ts';

/** @returns the exit status. */
export async function runUnderKernel(
  platform: PlatformName,
  argv: string[],
  options: RunOptions,
): Promise<number> {
  const spec = guestSpecOf(platform, argv, options, HostTerminal.isHere());
  if (options.plan) {
    printPlan(stubPlan(helperPath('ring3-stub')), options.json === true);
    return 0;
  }
  const trace = options.trace === undefined ? undefined : await traceTo(options.trace);
  const kernel = await kernelOptions(options, trace);
  const status = await supervise({ ...spec, kernel }, options).finally(() => trace?.close());
  // The guest may have ended while a read of our standard input was under way, and Node would wait for that.
  return addon().endNow(status);
}

/** A table row a call is much to read for those who do not trace. */
async function traceTo(file: string | true): Promise<Trace> {
  const { openTrace } = await import('./trace.ts');
  return openTrace(file);
}

async function kernelOptions(options: RunOptions, trace: Trace | undefined): Promise<KernelOptions> {
  const exercises = await Promise.all(options.with.map(loadExercise));
  return {
    report: (message) => say(`ring3: ${message}\n`),
    ...(trace && { tracer: trace.tracer }),
    ...(options.stats && { statistics: new CallStatistics() }),
    ...(exercises.length > 0 && { table: makeTable(hostArchitecture(), [...FAMILIES, ...exercises]) }),
    ...(options.verbose && {
      unknownCall: (number, task) => {
        const name = task.kernel.table.names[number] ?? `system call ${number}`;
        say(`ring3: ${task.name} calls ${name}, which the kernel does not have (ENOSYS)\n`);
      },
    }),
  };
}

/** From the start of the guest to its end, with our terminal and our signals as its own. */
async function supervise(spec: GuestSpec, options: RunOptions): Promise<number> {
  const began = performance.now();
  const terminal = HostTerminal.isHere() ? new HostTerminal() : undefined;
  const signals = new GuestSignals();
  const stop = signals.listen();
  terminal?.enter();
  let outcome: GuestOutcome;
  try {
    const guest = await startGuest({ ...spec, ...(terminal && { terminal: terminal.spec() }) });
    signals.attach(guest);
    terminal?.connect(guest);
    const status = await guest.ended;
    outcome = { guest, spec, status, wallMs: performance.now() - began };
  } finally {
    terminal?.leave();
    stop();
  }
  tell(outcome, options);
  return exitStatus(outcome.status);
}

function tell(outcome: GuestOutcome, { json, stats }: RunOptions): void {
  if (json) return void process.stderr.write(`${outcomeJson(outcome)}\n`);
  const line = ending(outcome);
  if (line) process.stderr.write(`ring3: ${line}\n`);
  if (stats) process.stderr.write(statsText(outcome));
}
