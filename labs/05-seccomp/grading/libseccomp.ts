/** Tells libseccomp what a submission wants it told. */
import { hostCannot, seccomp, wrong, type Student } from 'ring3/grade';
import { z } from 'zod';
import type { Policy, Rule } from '../exercise.ts';
import { drawAction, drawCondition, drawNumbers, otherAction } from './draw.ts';
import { kernelAction } from './oracle.ts';
import type { Random } from 'ring3/grade';

const action = z.union([
  z.strictObject({ do: z.enum(['allow', 'log', 'trap', 'kill-thread', 'kill-process']) }),
  z.strictObject({ do: z.enum(['errno', 'trace']), data: z.int().min(0).max(0xffff) }),
]);
const word = z
  .bigint()
  .min(0n)
  .max((1n << 64n) - 1n);
const planned = z.object({
  defaultAction: action,
  badArchitecture: action.optional(),
  rules: z
    .array(
      z.object({
        action,
        syscall: z.int().min(0).max(0xffff),
        comparisons: z
          .array(
            z.object({
              argument: z.int().min(0).max(5),
              op: z.enum(seccomp.OPERATORS),
              value: word,
              masked: word.optional(),
            }),
          )
          .max(6),
      }),
    )
    .max(2000),
});

export const hostArchitecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';

/** Each call has one rule, or an exception with one condition and then a rule for all the others. */
export function drawForLibseccomp(random: Random): Policy {
  const otherwise = drawAction(random);
  const rules = drawNumbers(random, 6, 300).flatMap((syscall, at): Rule[] => {
    const wide = drawCondition(random, random.pick(['==', '!=', '<', '<=', '>', '>=', 'masked']), 64);
    const narrow = drawCondition(random, at % 2 ? '==' : 'masked', 32);
    const condition = at % 3 === 0 ? wide : narrow;
    const exception = { syscall, action: otherAction(random, otherwise), when: at < 5 ? [[condition]] : [] };
    if (at < 2 || at === 5) return [exception];
    return [exception, { syscall, action: otherAction(random, otherwise, exception.action), when: [] }];
  });
  return { architecture: hostArchitecture, rules, otherwise };
}

function libseccompHere(): void {
  try {
    seccomp.libseccompVersion();
  } catch (error) {
    hostCannot('libseccomp', (error as Error).message);
  }
}

/** The program that libseccomp makes of the submission's plan. */
export async function throughLibseccomp(student: Student, policy: Policy): Promise<seccomp.Instruction[]> {
  libseccompHere();
  const { defaultAction, badArchitecture, rules } = await student.call('plan', [policy], {
    returns: planned,
  });
  let filter: seccomp.Filter | undefined;
  try {
    filter = new seccomp.Filter(kernelAction(defaultAction));
    if (badArchitecture) filter.setBadArchitecture(kernelAction(badArchitecture));
    for (const { action: one, syscall, comparisons } of rules) {
      const plain = comparisons.map(({ masked, ...rest }) =>
        masked === undefined ? rest : { ...rest, masked },
      );
      filter.rule(kernelAction(one), syscall, plain);
    }
    return seccomp.decode(filter.exportBpf());
  } catch (error) {
    return wrong({
      expected: 'rules that libseccomp takes',
      seen: (error as Error).message,
      read: 'README.md#the-same-through-libseccomp',
    });
  } finally {
    filter?.release();
  }
}
