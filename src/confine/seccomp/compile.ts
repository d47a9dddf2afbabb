/** From a profile to the program that the kernel loads, through libseccomp. */
import { release } from 'node:os';
import { AUDIT_ARCHITECTURES, hostArchitecture, type Architecture } from '../../linux/architectures.ts';
import { syscallNumber } from '../../linux/syscalls.ts';
import { KILL_PROCESS, printAction, sameAction } from './actions.ts';
import { decode } from './bpf.ts';
import { interpretVerified } from './interpret.ts';
import { Filter, type Comparison } from './libseccomp.ts';
import { ProfileError, type Profile } from './profile.ts';
import { rulesFor, type Circumstances, type Rule, type RuleSet } from './rules.ts';

export interface CompiledProfile {
  /** Eight bytes an instruction. */
  program: Uint8Array;
  /** Names that nobody knows here: calls of other kernels, or typing errors. They get the default action. */
  unknown: string[];
}

/**
 * Calls of other architectures kill the process, whatever the profile says of its own: a filter judges by number, and
 * the numbers of i386 and x32 mean other calls (seccomp(2), "Caveats"). libseccomp's default kills one thread only,
 * which leaves the rest waiting for it.
 */
const BAD_ARCHITECTURE = KILL_PROCESS;

function build(
  { defaultAction, architectures, rules }: RuleSet,
  architecture: Architecture,
): CompiledProfile {
  const filter = new Filter(defaultAction, architecture);
  try {
    filter.setBadArchitecture(BAD_ARCHITECTURE);
    for (const other of architectures) filter.addArchitecture(other);
    const unknown = new Set<string>();
    for (const { action, syscall, comparisons } of rules) {
      if (filter.knows(syscall)) filter.rule(action, syscall, comparisons);
      else unknown.add(syscall);
    }
    return { program: filter.exportBpf(), unknown: [...unknown] };
  } finally {
    filter.release();
  }
}

/** An argument that fulfils the comparison, if there is one. */
function fulfilling({ op, value, masked = 0n }: Comparison): bigint {
  if (op === 'MASKED_EQ') return masked;
  if (op === 'NE') return value ^ 1n;
  if (op === 'GT') return value + 1n;
  return op === 'LT' ? value - 1n : value;
}

function fulfils({ comparisons }: Rule, args: readonly bigint[]): boolean {
  return comparisons.every(({ argument, op, value, masked = 0n }) => {
    const actual = args[argument] ?? 0n;
    if (op === 'MASKED_EQ') return (actual & value) === masked;
    if (op === 'EQ') return actual === value;
    if (op === 'NE') return actual !== value;
    if (op === 'GE') return actual >= value;
    if (op === 'GT') return actual > value;
    return op === 'LE' ? actual <= value : actual < value;
  });
}

/** A rule that stands for "all other calls" gives way to those that pick some. */
const isFallback = ({ comparisons }: Rule) =>
  comparisons.every(({ op, value }) => op === 'GE' && value === 0n);

/**
 * libseccomp orders the rules of one call by itself, and not the same in each version: so each rule is tried on a
 * call that it is for, and must get its way, or a rule of the same call that the profile's author could expect.
 */
function holdAgainst({ program, unknown }: CompiledProfile, { rules }: RuleSet, architecture: Architecture) {
  const instructions = decode(program);
  const arch = AUDIT_ARCHITECTURES[architecture];
  for (const rule of rules) {
    const nr = syscallNumber(architecture, rule.syscall);
    if (nr === undefined || unknown.includes(rule.syscall)) continue;
    const args = Array.from({ length: 6 }, () => 0n);
    for (const comparison of rule.comparisons) args[comparison.argument] = fulfilling(comparison);
    const rivals = rules.filter((one) => one.syscall === rule.syscall && fulfils(one, args));
    const picked = rivals.filter((one) => !isFallback(one));
    const expected = picked.length > 0 ? picked : rivals;
    const { action } = interpretVerified(instructions, { nr, arch, args });
    if (expected.length === 0 || expected.some((one) => sameAction(one.action, action))) continue;
    throw new ProfileError(
      `libseccomp made ${printAction(action)} of ${rule.syscall} where the profile says ${printAction(rule.action)}`,
    );
  }
}

/**
 * @throws ProfileError when libseccomp cannot say what the profile says; Error when libseccomp is missing.
 * A pure function of profile, circumstances and libseccomp's version: `cache.ts` keeps its results.
 */
export function compileProfile(
  profile: Profile,
  circumstances: Partial<Circumstances> = {},
): CompiledProfile {
  const { capabilities = [], architecture = hostArchitecture(), kernel = release() } = circumstances;
  const rules = rulesFor(profile, { capabilities, architecture, kernel });
  const compiled = build(rules, architecture);
  holdAgainst(compiled, rules, architecture);
  return compiled;
}
