/** What a probe is, and what it answers. */

/** `degraded`: what labs need is there, by a slower or smaller way, which `seen` names. */
export type Verdict = true | false | 'degraded';

export const GROUPS = [
  'machine',
  'tasks',
  'namespaces',
  'file systems',
  'privileges',
  'system calls',
  'memory',
  'cgroups',
  'tools',
] as const;
export type Group = (typeof GROUPS)[number];

/** What was found by looking, before anything is made of it. */
export interface Finding {
  ok: boolean;
  /** One line. */
  seen: string;
  /** The name of the error that the kernel gave, `EPERM`, where it gave one. */
  errno?: string;
  /** What to do about it, when the one who looked knows better than the table of the host's kind. */
  fix?: string;
  /** What ring3 does without it, where that depends on what was seen: the result is only `degraded`. */
  instead?: string;
  /** The id of the probe whose subject was in the way. */
  because?: string;
}

/** Who asks: rights decide which way ring3 takes, and so what rests on what. */
export interface Asker {
  /** Has CAP_SYS_ADMIN: makes namespaces without a user namespace. */
  privileged: boolean;
}

export interface ProbeDefinition {
  /** Stable: lab.json and scripts name it. */
  id: string;
  title: string;
  group: Group;
  /** Numbers of the labs that cannot be worked without it. */
  neededBy: readonly number[];
  /** What ring3 does with it. */
  why: string;
  /** Probes that fail together with this one's reason; when one of them fails too, that is the one to mend. */
  restsOn?: (asker: Asker) => readonly string[];
  /** What ring3 does without it; a failure is then only `degraded`. */
  otherwise?: (asker: Asker) => string | undefined;
  look(signal: AbortSignal): Promise<Finding>;
}

export interface ProbeResult {
  id: string;
  title: string;
  group: Group;
  ok: Verdict;
  seen: string;
  errno?: string;
  neededBy: readonly number[];
  why: string;
  /** The exact command or step for this host; only when something is to be mended here. */
  fix?: string;
  /** The id of a failed probe on which this one rests: mend that one. */
  because?: string;
  milliseconds: number;
}
