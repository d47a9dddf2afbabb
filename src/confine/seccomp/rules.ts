/** From a profile to the rules that hold for one child: its capabilities, its architecture, its kernel. */
import type { Architecture } from '../../linux/architectures.ts';
import type { Capability } from '../../linux/capabilities.ts';
import { ERRNO, errnoNumber } from '../../linux/errno.ts';
import { printAction, sameAction, type Action } from './actions.ts';
import type { Comparison, FilterArchitecture, Operator } from './libseccomp.ts';
import { ProfileError, type Profile, type ProfileAction, type ProfileRule } from './profile.ts';

export interface Circumstances {
  /** What the child may have: rules can hold for some capabilities only. */
  capabilities: readonly Capability[];
  architecture: Architecture;
  /** As `uname -r` prints it. */
  kernel: string;
}

export interface Rule {
  action: Action;
  syscall: string;
  comparisons: Comparison[];
}

export interface RuleSet {
  defaultAction: Action;
  architectures: FilterArchitecture[];
  rules: Rule[];
}

/** libseccomp's names, and Go's (Docker's `arches`), for the architectures whose calls one of our hosts can make. */
const NAMES: Readonly<Record<string, FilterArchitecture>> = {
  SCMP_ARCH_X86_64: 'x86-64',
  SCMP_ARCH_X86: 'i386',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_ARM: 'arm',
};
const GO_NAMES: Readonly<Record<Architecture, string>> = { 'x86-64': 'amd64', arm64: 'arm64' };
const RUNS: Readonly<Record<Architecture, readonly FilterArchitecture[]>> = {
  'x86-64': ['x86-64', 'i386', 'x32'],
  arm64: ['arm64', 'arm'],
};

/** ERRNO and TRACE without a number carry EPERM, as the specification has it. */
function actionFrom(action: ProfileAction, number: number | undefined, text: string | undefined): Action {
  const name = action.slice('SCMP_ACT_'.length);
  const data = number ?? (text === undefined ? ERRNO.EPERM : (errnoNumber(text) ?? Number(text)));
  if (name === 'KILL') return { name: 'KILL_THREAD' };
  if (name === 'ERRNO' || name === 'TRACE') return { name, data };
  return { name: name as Exclude<Action['name'], 'ERRNO' | 'TRACE'> };
}

/** Whether `kernel` is at least `wanted`; both begin with major.minor. */
function atLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(/[.-]/).map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** `includes` asks for all of its capabilities, `excludes` is content with one (as Docker reads them). */
function holds(rule: ProfileRule, { capabilities, architecture, kernel }: Circumstances): boolean {
  const has = (capability: string) => (capabilities as readonly string[]).includes(capability);
  const go = GO_NAMES[architecture];
  const { includes, excludes } = rule;
  if (includes?.caps.some((capability) => !has(capability))) return false;
  if (includes?.arches.length && !includes.arches.includes(go)) return false;
  if (includes?.minKernel && !atLeast(kernel, includes.minKernel)) return false;
  if (excludes?.caps.some(has) || excludes?.arches.includes(go)) return false;
  return !(excludes?.minKernel && atLeast(kernel, excludes.minKernel));
}

function comparisonsOf(rule: ProfileRule, syscall: string): Comparison[] {
  const seen = new Set<number>();
  return rule.args.map(({ index, value, valueTwo, op }) => {
    if (seen.has(index)) {
      throw new ProfileError(
        `${syscall}: a rule compares argument ${index} twice, which libseccomp cannot; ` +
          'write one rule for each if either will do (runc reads it so), or a MASKED_EQ',
      );
    }
    seen.add(index);
    const name = op.slice('SCMP_CMP_'.length) as Operator;
    return { argument: index, op: name, value, ...(name === 'MASKED_EQ' && { masked: valueTwo }) };
  });
}

function architecturesOf(profile: Profile, host: Architecture): FilterArchitecture[] {
  const mapped = profile.archMap.find(({ architecture }) => NAMES[architecture] === host);
  const named = [
    ...profile.architectures,
    ...(mapped ? [mapped.architecture, ...mapped.subArchitectures] : []),
  ];
  if (named.length === 0 && profile.archMap.length === 0) return [host];
  const known = new Set(named.map((architecture) => NAMES[architecture]));
  if (!known.has(host))
    throw new ProfileError(`the profile is not for ${host}: its architectures leave it out`);
  return RUNS[host].filter((architecture) => known.has(architecture));
}

/**
 * libseccomp lets a rule without comparisons swallow those of the same call that have some, silently. Where the
 * latter all look at one argument, "argument >= 0" says the same as no comparison, and swallows nothing.
 */
function guardedFallback(
  syscall: string,
  rules: readonly Rule[],
  fallback: Rule,
  defaultAction: Action,
): Rule[] {
  const others = rules.filter((rule) => !sameAction(rule.action, fallback.action));
  if (others.length === 0) return [fallback];
  const impossible = others.find((rule) => sameAction(rule.action, defaultAction));
  if (impossible) {
    const action = printAction(defaultAction);
    throw new ProfileError(
      `${syscall}: ${action} is the default action, and libseccomp cannot make it an exception; take another errno`,
    );
  }
  const compared = new Set(others.flatMap((rule) => rule.comparisons.map(({ argument }) => argument)));
  const [argument] = compared;
  if (
    argument === undefined ||
    others.some((rule) => !rule.comparisons.some((one) => one.argument === argument))
  ) {
    throw new ProfileError(
      `${syscall}: one rule takes all calls and others pick some by different arguments; ` +
        'let them all compare one argument, or leave the first to the default action',
    );
  }
  return [...others, { ...fallback, comparisons: [{ argument, op: 'GE', value: 0n }] }];
}

/** The rules of one call, such that libseccomp can say them. */
function settle(syscall: string, rules: readonly Rule[], defaultAction: Action): Rule[] {
  const unconditional = rules.filter(({ comparisons }) => comparisons.length === 0);
  const [fallback] = unconditional;
  const rival = unconditional.find((rule) => fallback && !sameAction(rule.action, fallback.action));
  if (fallback && rival) {
    const [one, other] = [printAction(fallback.action), printAction(rival.action)];
    throw new ProfileError(`${syscall}: two rules take all calls, with ${one} and with ${other}`);
  }
  if (fallback && !sameAction(fallback.action, defaultAction)) {
    return guardedFallback(
      syscall,
      rules.filter(({ comparisons }) => comparisons.length > 0),
      fallback,
      defaultAction,
    );
  }
  return rules.filter((rule) => !sameAction(rule.action, defaultAction));
}

/** @throws ProfileError for what cannot be said to libseccomp, rather than a filter that is not the profile. */
export function rulesFor(profile: Profile, circumstances: Circumstances): RuleSet {
  const defaultAction = actionFrom(profile.defaultAction, profile.defaultErrnoRet, profile.defaultErrno);
  const byCall = new Map<string, Rule[]>();
  for (const rule of profile.syscalls.filter((one) => holds(one, circumstances))) {
    const action = actionFrom(rule.action, rule.errnoRet, rule.errno);
    for (const syscall of rule.names ?? [rule.name as string]) {
      const rules = byCall.get(syscall) ?? [];
      rules.push({ action, syscall, comparisons: comparisonsOf(rule, syscall) });
      byCall.set(syscall, rules);
    }
  }
  return {
    defaultAction,
    architectures: architecturesOf(profile, circumstances.architecture),
    rules: [...byCall].flatMap(([syscall, rules]) => settle(syscall, rules, defaultAction)),
  };
}
