// loses: status — the first "Uid:" of the file may stand in a name that the process chose
import type { Facts, Proc } from '../exercise.ts';
import { inspect as right } from '../solution.ts';

export * from '../solution.ts';

export async function inspect(proc: Proc, pid: number): Promise<Facts | null> {
  const facts = await right(proc, pid);
  if (!facts) return null;
  const found = /Uid:\s*(\d+)\s+(\d+)\s+(\d+)/.exec(await proc.read(`/proc/${pid}/status`));
  const [, real, effective, saved] = (found ?? []).map(Number);
  return { ...facts, uids: { real: real ?? 0, effective: effective ?? 0, saved: saved ?? 0 } };
}
