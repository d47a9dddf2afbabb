// loses: descriptors — a descriptor that was closed meanwhile is taken for a process that has ended
import type { Facts, Proc } from '../exercise.ts';
import { inspect as right } from '../solution.ts';

export * from '../solution.ts';

export async function inspect(proc: Proc, pid: number): Promise<Facts | null> {
  const facts = await right(proc, pid);
  if (!facts?.descriptors) return facts;
  try {
    for (const name of await proc.list(`/proc/${pid}/fd`)) await proc.link(`/proc/${pid}/fd/${name}`);
    return facts;
  } catch {
    return null;
  }
}
