// loses: stat — split(' ') works until a process gives itself a name with a space (sudo: CVE-2017-1000367)
import type { Facts, Proc } from '../exercise.ts';
import { inspect as right } from '../solution.ts';

export * from '../solution.ts';

export async function inspect(proc: Proc, pid: number): Promise<Facts | null> {
  const facts = await right(proc, pid);
  if (!facts) return null;
  const fields = (await proc.read(`/proc/${pid}/stat`)).split(' ');
  const name = (fields[1] ?? '').slice(1, -1);
  return { ...facts, name, parent: Number(fields[3]), started: Number(fields[21]) };
}
