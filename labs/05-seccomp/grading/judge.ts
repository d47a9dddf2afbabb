/** Runs a submission's program by hand over calls, and says where it is not the policy. */
import { seccomp, wrong, type Student } from 'ring3/grade';
import { z } from 'zod';
import type { Policy, Share } from '../exercise.ts';
import { AUDIT_ARCH, decide, kernelAction, type TestCall } from './oracle.ts';

type Program = seccomp.Instruction[];
const { actionValue, disassemble, interpretVerified, printAction, printLine, verify } = seccomp;

const instruction = z.object({
  code: z.int().min(0).max(0xffff),
  jt: z.int().min(0).max(0xff),
  jf: z.int().min(0).max(0xff),
  k: z.int().min(0).max(0xffff_ffff),
});
const program = z.array(instruction).max(10_000);

export type Compiler = 'compile' | 'compileFast';

/** The program, of which the kernel would not say EINVAL. */
export async function compiled(student: Student, policy: Policy, shares?: Share[]): Promise<Program> {
  const name: Compiler = shares ? 'compileFast' : 'compile';
  const made = await student.call(name, shares ? [policy, shares] : [policy], { returns: program });
  const fault = verify(made);
  if (fault) {
    wrong({
      expected: 'a program that the kernel takes',
      seen: `instruction ${fault.index}${fault.index < made.length ? ` (${listed(made, fault.index)})` : ''} ${fault.reason}`,
      read: 'README.md#the-machine',
    });
  }
  return made;
}

function listed(made: Program, index: number): string {
  const line = disassemble(made)[index];
  return line ? printLine(line).trim().replace(/ +/g, ' ') : '';
}

export function describe({ nr, arch, args }: TestCall): string {
  const name =
    Object.entries(AUDIT_ARCH).find(([, token]) => token === arch)?.[0] ?? `0x${arch.toString(16)}`;
  const shown = args.some((value) => value !== 0n)
    ? ` with ${args.map((value) => `0x${value.toString(16)}`).join(', ')}`
    : '';
  return `call ${nr} of ${name}${shown}`;
}

const asText = (value: unknown) =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? `0x${part.toString(16)}` : part,
  );

/** Where a policy is short enough, the explanation holds it: the whole case on one line. */
function policyText(policy: Policy, { nr }: TestCall): string {
  const rules = policy.rules.filter(({ syscall }) => syscall === nr);
  return rules.length > 0 ? ` (rules of ${nr}: ${asText(rules).slice(0, 300)})` : ' (no rule is for it)';
}

export function holdAgainst(policy: Policy, made: Program, calls: readonly TestCall[], read: string): void {
  for (const one of calls) {
    const expected = kernelAction(decide(policy, one));
    const run = interpretVerified(made, one);
    if (actionValue(run.action) === actionValue(expected)) continue;
    const last = run.path.at(-1) as number;
    wrong({
      expected: `${printAction(expected)} for ${describe(one)}${policyText(policy, one)}`,
      seen: `${printAction(run.action)} after ${run.executed} instructions; the last: ${listed(made, last)}`,
      read: `README.md#${read}`,
    });
  }
}

/** Instructions executed for a call. */
export function executed(made: Program, one: TestCall): number {
  return interpretVerified(made, one).executed;
}
