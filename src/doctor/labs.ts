/** Which labs can be worked, from what the probes said. */
import type { ProbeResult } from './result.ts';

/** The whole course, as far as it is planned: what a probe is needed by is known before the lab is written. */
const COURSE = 24;
export const ALL_LABS: readonly number[] = Array.from({ length: COURSE }, (_, index) => index + 1);

/** The labs that exist; only these are judged. */
export const LABS = [
  { number: 1, title: 'plain-process' },
  { number: 2, title: 'namespaces' },
  { number: 3, title: 'privileges' },
  { number: 4, title: 'rootfs' },
  { number: 5, title: 'seccomp' },
  { number: 6, title: 'cgroups' },
] as const;

export interface LabReadiness {
  number: number;
  title: string;
  ok: boolean;
  /** Ids of the failed probes that it needs. */
  missing: string[];
}

export function readiness(results: readonly ProbeResult[]): LabReadiness[] {
  return LABS.map(({ number, title }) => {
    const missing = results
      .filter((result) => result.ok === false && result.neededBy.includes(number))
      .map(({ id }) => id);
    return { number, title, ok: missing.length === 0, missing };
  });
}

/** `01–05`, `01, 03–06`. */
export function labRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? two(from) : `${two(from)}–${two(to)}`)).join(', ');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
