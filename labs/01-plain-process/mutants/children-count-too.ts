// loses: shared — pid_for_children says where the next child will be, not where the process is
import type { Proc } from '../exercise.ts';

export * from '../solution.ts';

export async function shared(proc: Proc, one: number, other: number): Promise<string[]> {
  const found: string[] = [];
  for (const type of await proc.list(`/proc/${one}/ns`)) {
    const own = await proc.link(`/proc/${one}/ns/${type}`);
    if (own === (await proc.link(`/proc/${other}/ns/${type}`))) found.push(type);
  }
  return found.sort();
}
