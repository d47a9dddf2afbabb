/** Answers that nobody gives by mistake: they are wrong, and break neither the grader nor this process. */
import { expect, it } from 'vitest';
import { random } from '../../src/lab/random.ts';
import type { Student } from '../../src/lab/student/session.ts';
import { compiled } from '../../labs/05-seccomp/grading/judge.ts';
import { drawPlain } from '../../labs/05-seccomp/grading/draw.ts';
import { drawHarmless, holdAgainstKernel } from '../../labs/05-seccomp/grading/kernel.ts';
import { drawForLibseccomp, throughLibseccomp } from '../../labs/05-seccomp/grading/libseccomp.ts';
import { assemble, compile, plan } from '../../labs/05-seccomp/solution.ts';
import { needsLibseccomp } from '../support/libseccomp.ts';

/** As the session would, `returns` included. */
function answering(answer: unknown): Student {
  const call = (
    _name: string,
    _args: unknown[],
    options: { returns?: { safeParse(value: unknown): unknown } },
  ) => {
    const parsed = options.returns?.safeParse(answer) as { success: boolean; data: unknown } | undefined;
    if (parsed && !parsed.success)
      return Promise.reject(Object.assign(new Error('type'), { name: 'WrongAnswer' }));
    return Promise.resolve(parsed ? parsed.data : answer);
  };
  return { call, attempt: call } as unknown as Student;
}

async function outcome(task: () => Promise<unknown> | void): Promise<string> {
  try {
    await task();
    return 'passed';
  } catch (error) {
    // By name: the graders’ ring3/grade is the built one, ours the source.
    return (error as Error).name === 'WrongAnswer' ? 'wrong' : `${(error as Error).stack}`;
  }
}

const draw = random(5);
const ret = { code: 6, jt: 0, jf: 0, k: 0x7fff_0000 };

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['no list', { length: 1 }],
  ['no instructions', []],
  ['a number', [1]],
  ['NaN', [{ ...ret, k: Number.NaN }]],
  ['a negative jump', [{ code: 5, jt: 0, jf: 0, k: -1 }, ret]],
  ['an endless loop', [{ code: 5, jt: 0, jf: 0, k: 0xffff_ffff }, ret]],
  ['5,000 instructions', Array.from({ length: 5000 }, () => ret)],
  ['a packet filter', [{ code: 0x28, jt: 0, jf: 0, k: 12 }, ret]],
])('compile gives %s', async (_, answer) => {
  const policy = drawPlain(draw, 5);
  expect(await outcome(() => compiled(answering(answer), policy))).toBe('wrong');
});

const { policy, calls } = drawHarmless(draw);

it.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['half an instruction', new Uint8Array(4)],
  ['zeros', new Uint8Array(80)],
  ['a megabyte', new Uint8Array(1 << 20)],
  ['kill, always', assemble([{ ...ret, k: 0x8000_0000 }])],
  ['a question to nobody (NOTIFY)', assemble([{ ...ret, k: 0x7fc0_0000 }])],
])('assemble gives %s', async (_, bytes) => {
  expect(await outcome(() => holdAgainstKernel(policy, bytes, calls))).toBe('wrong');
});

it('the right program passes', async () => {
  expect(await outcome(() => holdAgainstKernel(policy, assemble(compile(policy)), calls))).toBe('passed');
});

it.for<[string, object]>([
  ['an errno that is none', { defaultAction: { do: 'errno', data: 5000 } }],
  ['notify', { defaultAction: { do: 'notify' } }],
  ['a call of 2^31', { rules: [{ action: { do: 'allow' }, syscall: 2 ** 31, comparisons: [] }] }],
  ['the seventh argument', { rules: [rule({ argument: 6, op: 'EQ', value: 0n })] }],
  ['65 bits', { rules: [rule({ argument: 0, op: 'EQ', value: 1n << 64n })] }],
  ['an operator that is none', { rules: [rule({ argument: 0, op: 'toString', value: 0n })] }],
])('plan gives %s', async ([, part], context) => {
  needsLibseccomp(context);
  const wanted = drawForLibseccomp(draw);
  expect(await outcome(() => throughLibseccomp(answering({ ...plan(wanted), ...part }), wanted))).toBe(
    'wrong',
  );
});

function rule(comparison: object) {
  return { action: { do: 'trap' }, syscall: 1, comparisons: [comparison] };
}

it('the right plan passes', async (context) => {
  needsLibseccomp(context);
  const wanted = drawForLibseccomp(draw);
  expect(await outcome(() => throughLibseccomp(answering(plan(wanted)), wanted))).toBe('passed');
});
