/** A submission's process behind the wall that wall.ts describes. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { spawn } from '../../confine/spawn.ts';
import { addon } from '../../linux/addon.ts';
import type { Launch, StudentProcess } from './launch.ts';
import { wallPlan, type Strength } from './wall.ts';

/** @throws StepError when the host refuses one of the plan's steps. */
export async function launchWalled(
  launch: Launch,
  strength: Strength,
  warnings: string[],
): Promise<StudentProcess> {
  const [ours, theirs] = addon().socketPair();
  const pipe = new Socket({ fd: ours, readable: true, writable: true });
  let child;
  try {
    child = await spawn(wallPlan(launch, strength), { stdio: [theirs, 'pipe', 'pipe'] });
  } catch (error) {
    pipe.destroy();
    throw error;
  } finally {
    closeSync(theirs);
  }
  const { stdout, stderr, exited } = child;
  if (!stdout || !stderr) throw new Error('spawn was asked for pipes and gave none');
  return {
    pipe,
    stdout,
    stderr,
    exited: exited.catch(() => ({ code: null, signal: 'SIGKILL' })),
    warnings,
    async kill() {
      // The pid namespace dies with its first process, and all that is in it (pid_namespaces(7)).
      child.kill('SIGKILL');
      await exited.catch(() => {});
    },
  };
}
