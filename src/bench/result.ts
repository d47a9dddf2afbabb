/** One run as data: every sample, in the order in which it was taken, and where. The file that `-o` writes. */
import type { Machine } from './machine.ts';
import type { Family, Gap } from './target.ts';

export const RESULT_VERSION = 1;

export interface Sample {
  round: number;
  target: string;
  /** Milliseconds from spawn until the end was known, and until nothing was left. */
  exit: number;
  gone: number;
  /** Milliseconds of our helper from its first instruction to the exec; of a peer, to the peer's own. */
  exec: number;
}

/** A start that did not end well: kept, and no sample. */
export interface Failure {
  round: number;
  target: string;
  reason: string;
}

export interface TargetFacts {
  name: string;
  family: Family;
  title: string;
  version?: string;
  gap?: Gap;
}

export interface Result {
  ring3Bench: typeof RESULT_VERSION;
  workload: 'start';
  command: string[];
  /** ISO 8601. */
  began: string;
  seed: number;
  rounds: { asked: number; warmUp: number; done: number };
  machine: Machine;
  targets: TargetFacts[];
  samples: Sample[];
  failures: Failure[];
}
