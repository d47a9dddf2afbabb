/** Lab 01, the reference: the harness that the course measures with, and a look at a process through /proc. */
import type { Clock, Facts, Proc, Row, Target } from './exercise.ts';

export const WARM_UP = 3;

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

export function deviation(samples: readonly number[]): number {
  const center = median(samples);
  return median(samples.map((one) => Math.abs(one - center)));
}

export async function once(time: Clock, target: Target): Promise<number> {
  try {
    const before = time();
    await target.run();
    return time() - before;
  } catch (error) {
    throw new Error(`${target.name} failed: ${(error as Error).message}`, { cause: error });
  }
}

/** samples[target][round] */
export async function sample(time: Clock, targets: Target[], rounds: number): Promise<number[][]> {
  const samples = targets.map(() => [] as number[]);
  for (let round = 0; round < WARM_UP + rounds; round++) {
    // There and back again: what changes steadily during two rounds meets every target alike.
    const order = round % 2 ? [...targets.keys()].reverse() : [...targets.keys()];
    for (const at of order) {
      const took = await once(time, targets[at] as Target);
      if (round >= WARM_UP) samples[at]?.push(took);
    }
  }
  return samples;
}

export function rowsOf(targets: Target[], samples: number[][]): Row[] {
  const base = samples[0] ?? [];
  return targets.map(({ name }, at) => {
    const own = samples[at] ?? [];
    const ratios = own.map((took, round) => took / (base[round] ?? NaN));
    return { target: name, median: median(own), spread: deviation(own), ratio: median(ratios) };
  });
}

export async function measure(time: Clock, targets: Target[], rounds: number): Promise<Row[]> {
  return rowsOf(targets, await sample(time, targets, rounds));
}

export function calibrate(time: Clock, run: () => void, shortest: number): { count: number; each: number } {
  for (let count = 1; ; count *= 2) {
    const before = time();
    for (let left = count; left > 0; left--) run();
    const took = time() - before;
    if (took >= shortest) return { count, each: took / count };
  }
}

const code = (error: unknown) => (error as { code?: string }).code;

/** null where the reader has no right. */
async function ifAllowed<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (code(error) === 'EACCES' || code(error) === 'EPERM') return null;
    throw error;
  }
}

/** The name is in parentheses and may hold any byte, parentheses too: the last one closes it (proc_pid_stat(5)). */
export function parseStat(text: string) {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  // The field after the name is number 3 of the manual page: state.
  return { name: text.slice(open + 1, close), parent: Number(fields[1]), started: Number(fields[19]) };
}

export function parseStatus(text: string) {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
  const [real = NaN, effective = NaN, saved = NaN] = field('Uid').split(/\s+/).map(Number);
  const set = BigInt(`0x${field('CapEff') || '0'}`);
  const capabilities = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (set >> BigInt(bit)) & 1n);
  return { uids: { real, effective, saved }, capabilities };
}

/** Each string ends with a NUL, the last one too. */
export function parseStrings(text: string): string[] {
  return text.split('\0').slice(0, -1);
}

export function parseEnvironment(text: string): Record<string, string> {
  const entries = parseStrings(text).filter((entry) => entry.includes('='));
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

export async function descriptorsOf(proc: Proc, pid: number): Promise<Record<number, string>> {
  const found: Record<number, string> = {};
  for (const name of await proc.list(`/proc/${pid}/fd`)) {
    try {
      found[Number(name)] = await proc.link(`/proc/${pid}/fd/${name}`);
    } catch (error) {
      // Closed since we listed it.
      if (code(error) !== 'ENOENT') throw error;
    }
  }
  return found;
}

export async function look(proc: Proc, pid: number): Promise<Facts> {
  const stat = parseStat(await proc.read(`/proc/${pid}/stat`));
  return {
    pid,
    ...stat,
    ...parseStatus(await proc.read(`/proc/${pid}/status`)),
    command: parseStrings(await proc.read(`/proc/${pid}/cmdline`)),
    environment: await ifAllowed(async () => parseEnvironment(await proc.read(`/proc/${pid}/environ`))),
    descriptors: await ifAllowed(() => descriptorsOf(proc, pid)),
  };
}

export const isGone = (error: unknown) => code(error) === 'ENOENT' || code(error) === 'ESRCH';

export async function inspect(proc: Proc, pid: number): Promise<Facts | null> {
  try {
    const facts = await look(proc, pid);
    // The same pid may by now be another process, of which we have seen half.
    const { started } = parseStat(await proc.read(`/proc/${pid}/stat`));
    return started === facts.started ? facts : null;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

export async function shared(proc: Proc, one: number, other: number): Promise<string[]> {
  const found: string[] = [];
  for (const type of await proc.list(`/proc/${one}/ns`)) {
    // pid_for_children and time_for_children say where children will be, not where the process is.
    if (type.includes('_')) continue;
    const [own, theirs] = [
      await proc.link(`/proc/${one}/ns/${type}`),
      await proc.link(`/proc/${other}/ns/${type}`),
    ];
    if (own === theirs) found.push(type);
  }
  return found.sort();
}

const CAP_KILL = 5;

export async function reach(proc: Proc, pid: number): Promise<number[]> {
  const sender = parseStatus(await proc.read(`/proc/${pid}/status`));
  const { real, effective } = sender.uids;
  const found: number[] = [];
  for (const name of await proc.list('/proc')) {
    const other = Number(name);
    if (!/^\d+$/.test(name) || other === pid) continue;
    try {
      const { uids } = parseStatus(await proc.read(`/proc/${name}/status`));
      const same = [real, effective].some((uid) => uid === uids.real || uid === uids.saved);
      if (same || sender.capabilities.includes(CAP_KILL)) found.push(other);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return found.sort((a, b) => a - b);
}
