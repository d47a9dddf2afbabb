// loses: vanished — the pid is still there, so it must be the same process (polkit: CVE-2019-6133)
import type { Facts, Proc } from '../exercise.ts';
import { isGone, look } from '../solution.ts';

export * from '../solution.ts';

export async function inspect(proc: Proc, pid: number): Promise<Facts | null> {
  try {
    return await look(proc, pid);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}
