/** A target of the micro workloads: a place to run `micro` in, or a bare C program that answers a call itself. */
import type { Gap } from '../target.ts';

/** `plain` is what everything is compared with; `ring3` a platform of ours; `peer` another tool; `baseline` bare C. */
export type MicroFamily = 'plain' | 'ring3' | 'peer' | 'baseline';

export interface MicroTarget {
  readonly name: string;
  readonly family: MicroFamily;
  /** For people, in few words. */
  readonly title: string;
  /** The only workloads that it can do; all, when it is not there. */
  readonly workloads?: readonly string[];
  /** Finds out by starting a command once; makes what later samples need. */
  probe(): Promise<Gap | undefined>;
  version(): Promise<string>;
  /** The command line of one sample: `count` operations are timed after `warmUp` others. */
  command(workload: string, count: number, warmUp: number): string[];
  /** Removes what `probe` has made. */
  close?(): Promise<void>;
}
