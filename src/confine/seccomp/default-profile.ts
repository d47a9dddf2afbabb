/** The groups of `default-groups.ts` as an OCI profile, which other runtimes can load as well. */
import { ERRNO, type ErrnoName } from '../../linux/errno.ts';
import type { Capability } from '../../linux/capabilities.ts';
import { DEFAULT_ERRNO, DEFAULT_GROUPS, type Condition, type Group } from './default-groups.ts';
import type { ProfileInput } from './profile.ts';

type RuleInput = NonNullable<ProfileInput['syscalls']>[number];

const words = (text: string): string[] => text.trim().split(/\s+/);

function argument({ argument: index, mask, value }: Condition) {
  return { index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' as const };
}

function refusal(name: ErrnoName): Pick<RuleInput, 'action' | 'errnoRet'> {
  return { action: 'SCMP_ACT_ERRNO', errnoRet: ERRNO[name] };
}

/** One rule for each set of conditions: any of them will do. */
function pick(sets: readonly (readonly Condition[])[], base: RuleInput): RuleInput[] {
  return sets.map((set) => ({ ...base, args: set.map(argument) }));
}

const ALLOWED = { action: 'SCMP_ACT_ALLOW' } as const;

/** Without regard to `unless`. What gets the default errno needs no rule. */
function plainRules(group: Group): RuleInput[] {
  const base = { names: words(group.calls), comment: group.reason };
  const { allow, refuse, otherwise = DEFAULT_ERRNO } = group;
  if (allow === 'always') return [{ ...base, ...ALLOWED }];
  const rest = otherwise === DEFAULT_ERRNO ? [] : [{ ...base, ...refusal(otherwise) }];
  if (allow) return [...pick(allow, { ...base, ...ALLOWED }), ...rest];
  if (refuse) return [{ ...base, ...ALLOWED }, ...pick(refuse, { ...base, ...refusal(otherwise) })];
  return rest;
}

function rules(group: Group): RuleInput[] {
  if (!group.unless) return plainRules(group);
  const caps: Capability[] = [group.unless];
  const allowed = { names: words(group.calls), comment: group.reason, ...ALLOWED, includes: { caps } };
  return [allowed, ...plainRules(group).map((rule) => ({ ...rule, excludes: { caps } }))];
}

/** For `ring3 seccomp default`, and for whoever wants to start from it. JSON-able. */
export function defaultProfile(): ProfileInput {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ERRNO[DEFAULT_ERRNO],
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
    ],
    syscalls: DEFAULT_GROUPS.flatMap(rules),
  };
}
