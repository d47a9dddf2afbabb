/**
 * Lab 05: a filter for system calls.
 *
 * You write a compiler: from a policy to the program that the kernel runs before each system call, and an assembler
 * that makes bytes of it. Nothing here touches your machine: programs are data, and the grader runs most of them by
 * hand. README.md says what each task wants, and what an instruction does.
 */
import type { Instruction } from 'ring3';

/** What becomes of a call. `data` is the errno that the caller sees, or what a tracer is told. */
export type Action =
  { do: 'allow' | 'log' | 'trap' | 'kill-thread' | 'kill-process' } | { do: 'errno' | 'trace'; data: number };

/** Unsigned. `masked`: (argument & mask) == value. */
export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'masked';

export interface Condition {
  /** 0 to 5. */
  argument: number;
  /** How many bits of the argument the kernel reads: 32 where it is an int, and what stands above does not matter. */
  width: 32 | 64;
  op: Operator;
  /** Fits in `width` bits. */
  value: bigint;
  /** For `masked`. Fits in `width` bits. */
  mask?: bigint;
}

export interface Rule {
  /** The number of the system call. */
  syscall: number;
  action: Action;
  /** Alternatives: the rule is for a call that fulfils all conditions of one of them. Empty: for every call. */
  when: Condition[][];
}

export interface Policy {
  architecture: 'x86-64' | 'arm64';
  /** In order: the first rule that is for the call decides. */
  rules: Rule[];
  /** For calls that no rule is for. */
  otherwise: Action;
}

/**
 * The bytes that seccomp(2) wants: struct sock_filter[], little-endian.
 * Throws a RangeError when a field does not fit; the kernel could not tell.
 */
export function assemble(_program: Instruction[]): Uint8Array {
  // TODO
  throw new Error('not written yet');
}

/**
 * The program of a policy. A call of another architecture than the policy's, and on x86-64 an x32 call, gets
 * kill-process, whatever the policy says.
 */
export function compile(_policy: Policy): Instruction[] {
  // TODO whose call is it? Which call is it? What does it get?
  throw new Error('not written yet');
}

/** One comparison of libseccomp's, on 64 bits, unsigned. `MASKED_EQ`: (argument & value) == masked. */
export interface Comparison {
  argument: number;
  op: 'NE' | 'LT' | 'LE' | 'EQ' | 'GE' | 'GT' | 'MASKED_EQ';
  value: bigint;
  masked?: bigint;
}

/** What the grader is to tell libseccomp. */
export interface FilterPlan {
  /** seccomp_init */
  defaultAction: Action;
  /** seccomp_attr_set SCMP_FLTATR_ACT_BADARCH; left out, libseccomp's own default holds. */
  badArchitecture?: Action;
  /** seccomp_rule_add, one each: for calls that fulfil all comparisons. Their order means nothing. */
  rules: { action: Action; syscall: number; comparisons: Comparison[] }[];
}

/** The same policy, said to libseccomp. README.md says which policies. */
export function plan(_policy: Policy): FilterPlan {
  // TODO
  throw new Error('not written yet');
}

/** How often a call is made, as a share of all calls. */
export interface Share {
  syscall: number;
  share: number;
}

/** Optional: as `compile`, with as few executed instructions as you can. All rules are for every call (`when` is empty). */
export function compileFast(_policy: Policy, _shares: Share[]): Instruction[] {
  // TODO
  throw new Error('not written yet');
}
