// loses: status — JavaScript's << and & see 32 bits, and capabilities have 41
import type { Facts, Proc } from '../exercise.ts';
import { inspect as right } from '../solution.ts';

export * from '../solution.ts';

export async function inspect(proc: Proc, pid: number): Promise<Facts | null> {
  const facts = await right(proc, pid);
  if (!facts) return null;
  const [, hex = '0'] = /^CapEff:\t(\w+)$/m.exec(await proc.read(`/proc/${pid}/status`)) ?? [];
  const set = parseInt(hex, 16);
  const capabilities = Array.from({ length: 41 }, (_, bit) => bit).filter((bit) => set & (1 << bit));
  return { ...facts, capabilities };
}
