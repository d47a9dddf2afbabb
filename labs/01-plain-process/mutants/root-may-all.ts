// loses: reach — it is the capability that counts, not the number 0
import type { Proc } from '../exercise.ts';
import { parseStatus, reach as right } from '../solution.ts';

export * from '../solution.ts';

export async function reach(proc: Proc, pid: number): Promise<number[]> {
  const { uids } = parseStatus(await proc.read(`/proc/${pid}/status`));
  if (uids.effective !== 0) return right(proc, pid);
  const all = (await proc.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return all.filter((other) => other !== pid).sort((a, b) => a - b);
}
