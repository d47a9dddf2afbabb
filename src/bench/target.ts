/** A target is one bar of the overhead chart: a way to start a command. One small file a target, or a family of them. */
import type { Started } from './start.ts';

/** `plain` is what everything is compared with; `alone` one confinement; `together` all of them; `peer` another tool. */
export type Family = 'plain' | 'alone' | 'together' | 'peer';

/** Why a target cannot be had on this host, and the command or step that changes it, where one is known. */
export interface Gap {
  reason: string;
  remedy?: string;
}

export interface Target {
  readonly name: string;
  readonly family: Family;
  /** For people, in few words. */
  readonly title: string;
  /** Finds out by starting a command once; makes what later starts need. */
  probe(): Promise<Gap | undefined>;
  /** What it says of itself; of our own targets the version of ring3. */
  version(): Promise<string>;
  /** @throws StepError, CgroupError … when it does not start. */
  start(argv: readonly string[]): Promise<Started>;
  /** Removes what `probe` has made. */
  close?(): Promise<void>;
}
