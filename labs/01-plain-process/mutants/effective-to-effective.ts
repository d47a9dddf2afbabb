// loses: reach — compares the effective ids of both, which is not what kill(2) does
import type { Proc } from '../exercise.ts';
import { parseStatus } from '../solution.ts';

export * from '../solution.ts';

export async function reach(proc: Proc, pid: number): Promise<number[]> {
  const sender = parseStatus(await proc.read(`/proc/${pid}/status`));
  const found: number[] = [];
  for (const name of await proc.list('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === pid) continue;
    const { uids } = parseStatus(await proc.read(`/proc/${name}/status`));
    if (uids.effective === sender.uids.effective || sender.capabilities.includes(5)) found.push(Number(name));
  }
  return found.sort((a, b) => a - b);
}
