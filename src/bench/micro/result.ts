/** One run of the micro workloads as data: every sample, in the order in which it was taken, and where. */
import type { Machine } from '../machine.ts';
import type { Failure } from '../result.ts';
import type { Gap } from '../target.ts';
import type { MicroFamily } from './target.ts';

export const MICRO_VERSION = 1;

export interface MicroSample {
  round: number;
  workload: string;
  target: string;
  /** Nanoseconds an operation, the mean of `count` of them. */
  ns: number;
  count: number;
}

/** A sample that could not be taken. One in the warm-up (a round below 0) ends the workload on that target. */
export interface MicroFailure extends Failure {
  workload: string;
}

export interface MicroTargetFacts {
  name: string;
  family: MicroFamily;
  title: string;
  version?: string;
  gap?: Gap;
}

export interface MicroResult {
  ring3Micro: typeof MICRO_VERSION;
  /** ISO 8601. */
  began: string;
  seed: number;
  rounds: { asked: number; warmUp: number; done: number };
  /** How long a sample was meant to take, in milliseconds, its own warm-up not counted. */
  sampleMs: number;
  /** How many cores the run may use: with one, nothing can spin. */
  usableCores: number;
  machine: Machine;
  workloads: { name: string; title: string }[];
  targets: MicroTargetFacts[];
  samples: MicroSample[];
  failures: MicroFailure[];
}
