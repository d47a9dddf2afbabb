/**
 * Lab 03: what root is made of.
 *
 * `drop` says, as a list of steps, how a process gives up what it does not need. `afterExec` says what the kernel makes
 * of a process's privileges when it starts a program. The handout (README.md) says what each task wants.
 */
import type { Capability, Resource, StepInput } from 'ring3';

/** The steps of this lab. The types tell what each takes. */
export type PrivilegeStep = Extract<
  StepInput,
  {
    step:
      | 'rlimit'
      | 'securebits'
      | 'boundingSet'
      | 'groups'
      | 'gid'
      | 'uid'
      | 'capabilities'
      | 'ambientSet'
      | 'noNewPrivs';
  }
>;
export type Securebit = Extract<StepInput, { step: 'securebits' }>['set'][number];

/** What the process shall be when the program starts. All values are drawn anew for each run. */
export interface Become {
  /** 0: the root of a container. Anything else: a service. */
  uid: number;
  gid: number;
  /** Supplementary groups: these, and no others. */
  groups: number[];
  /** `now` is what the process has; both its limits shall become `wanted`. */
  limits: { resource: Resource; now: { soft: number; hard: number }; wanted: number }[];
  /** Securebits to set for good. Empty in all tasks but `lock`. */
  lock: Securebit[];
}

/**
 * The steps, in order, that lead from a process with too many privileges to one that has `keep` and is `become`.
 *
 * It starts as user 0 with every capability, in groups of somebody else, with capabilities left in the inheritable and
 * the ambient set, and with a securebit set by whoever ran before.
 */
export function drop(_keep: Capability[], _become: Become): PrivilegeStep[] {
  // TODO which step takes away the right that another one needs?
  throw new Error('not written yet');
}

/** A process before or after exec. Capability sets are masks: bit N is capability N, as in /proc/PID/status. */
export interface Credentials {
  /** Real, effective and saved user id. */
  uids: { real: number; effective: number; saved: number };
  permitted: bigint;
  effective: bigint;
  inheritable: bigint;
  bounding: bigint;
  ambient: bigint;
  /** Securebit noroot: user 0 is nobody special. */
  noroot: boolean;
  noNewPrivs: boolean;
}

/** The program that is started. */
export interface ProgramFile {
  owner: number;
  setuid: boolean;
  /** What setcap(8) has written to it; `effective` is one bit, not a set. */
  capabilities?: { permitted: bigint; inheritable: bigint; effective: boolean };
  /** It lies on a mount with nosuid. */
  nosuid: boolean;
}

/**
 * What the process is once the kernel has started `file`: capabilities(7), "Transformation of capabilities". Or
 * 'EPERM' when the kernel refuses to start it: the same page, "Safety checking for capability-dumb binaries".
 */
export function afterExec(_process: Credentials, _file: ProgramFile): Credentials | 'EPERM' {
  // TODO start with a program that has neither bit nor capabilities
  throw new Error('not written yet');
}
