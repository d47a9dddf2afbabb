/** `ring3 run` under the userspace kernel. */
import { helperPath } from '../../../linux/addon.ts';
import type { PlatformName } from '../../../platform/platform.ts';
import { stubPlan } from '../../../sandbox/guest/launch.ts';
import { startGuest } from '../../../sandbox/guest/run.ts';
import { printPlan } from '../plan.ts';
import type { RunOptions } from '../options.ts';
import { guestSpecOf } from './options.ts';
import { GuestSignals } from './signals.ts';
import { ending, exitStatus } from './summary.ts';

/** @returns the exit status. */
export async function runUnderKernel(
  platform: PlatformName,
  argv: string[],
  options: RunOptions,
): Promise<number> {
  const spec = guestSpecOf(platform, argv, options, false);
  if (options.plan) {
    printPlan(stubPlan(helperPath('ring3-stub')), options.json === true);
    return 0;
  }
  const signals = new GuestSignals();
  const stop = signals.listen();
  const guest = await startGuest(spec);
  signals.attach(guest);
  const status = await guest.ended;
  stop();
  const line = ending(guest, status, spec);
  if (line) process.stderr.write(`ring3: ${line}\n`);
  return exitStatus(status);
}
