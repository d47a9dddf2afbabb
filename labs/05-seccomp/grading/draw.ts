/** Policies and calls, drawn so that each task needs one thing more than the tasks it rests on. */
import type { Random } from 'ring3/grade';
import type { Action, Condition, Operator, Policy, Rule } from '../exercise.ts';
import { AUDIT_ARCH, type TestCall } from './oracle.ts';

export type Width = Condition['width'];
export const ARCHITECTURES = ['x86-64', 'arm64'] as const;

const WORD = 0xffff_ffffn;

const KINDS = ['errno', 'allow', 'kill-process', 'trap', 'trace', 'kill-thread', 'log'] as const;

function actionOf(random: Random, kind: Action['do']): Action {
  if (kind === 'errno') return { do: kind, data: random.int(1, 4000) };
  return kind === 'trace' ? { do: kind, data: random.int(1, 0xffff) } : { do: kind };
}

export function drawAction(random: Random): Action {
  return actionOf(random, random.pick(KINDS));
}

const text = (action: Action) => JSON.stringify(action);

/** An action that none of `others` is, so that a mistake shows. */
export function otherAction(random: Random, ...others: Action[]): Action {
  for (;;) {
    const action = drawAction(random);
    if (!others.some((other) => text(other) === text(action))) return action;
  }
}

export function drawNumbers(random: Random, count: number, most = 460): number[] {
  return random.shuffle(Array.from({ length: most + 1 }, (_, number) => number)).slice(0, count);
}

function word(random: Random): bigint {
  return BigInt(random.int(0, 0xffff_ffff));
}

/** With both halves in use: neither is 0, and they differ. */
export function drawValue(random: Random, width: Width): bigint {
  const low = (word(random) | 0x10n) & 0xffff_ff7fn;
  return width === 32 ? low : low | (((word(random) | 0x80n) & 0xffff_ffefn) << 32n);
}

export function drawCondition(random: Random, op: Operator, width: Width): Condition {
  const argument = random.int(0, 5);
  if (op !== 'masked') return { argument, width, op, value: drawValue(random, width) };
  const mask = drawValue(random, width) | (width === 64 ? 0x8000_0001_0000_0011n : 0x8000_0011n);
  return { argument, width, op, mask, value: drawValue(random, width) & mask };
}

/** Values about the edge of a condition: equal, one off, and each half alone. */
export function edges(random: Random, { op, value, mask = 0n, width }: Condition): bigint[] {
  const all = (1n << 64n) - 1n;
  const near = [value, value + 1n, value - 1n, value ^ 1n, value ^ (1n << 63n), value ^ (1n << 32n)];
  const halves = [value & WORD, value & ~WORD & all, (value & WORD) | (word(random) << 32n), 0n, all];
  const swapped = (value >> 32n) | ((value & WORD) << 32n);
  const crossed = [value + (1n << 32n) - 5n, value - (1n << 32n) + 5n, swapped];
  const under =
    op === 'masked' ? [value | (all & ~mask), (value | (drawValue(random, width) & ~mask)) & all] : [];
  return [...near, ...halves, ...crossed, ...under].map((one) => one & all);
}

export function call(policy: Policy, nr: number, args: bigint[] = []): TestCall {
  const filled = Array.from({ length: 6 }, (_, at) => args[at] ?? 0n);
  return { nr, arch: AUDIT_ARCH[policy.architecture], args: filled };
}

/** Six arguments at random but for one. */
export function around(
  random: Random,
  policy: Policy,
  nr: number,
  { argument }: Condition,
  value: bigint,
): TestCall {
  const args = Array.from({ length: 6 }, () => drawValue(random, 64));
  args[argument] = value;
  return call(policy, nr, args);
}

/** Rules for every call that they name, with every kind of action from seven rules on. */
export function drawPlain(random: Random, count: number, kind: Action['do'] = 'errno'): Policy {
  const otherwise = actionOf(random, kind);
  const rules = drawNumbers(random, count).map((syscall, at): Rule => {
    const action = actionOf(random, KINDS[at % KINDS.length] as Action['do']);
    const differs = text(action) !== text(otherwise);
    return { syscall, action: differs ? action : otherAction(random, otherwise), when: [] };
  });
  return { architecture: random.pick(ARCHITECTURES), rules, otherwise };
}

/** One rule with these conditions, and nothing else. */
export function drawSingle(random: Random, when: Condition[][]): Policy {
  const [syscall] = drawNumbers(random, 1) as [number];
  const rules = [{ syscall, action: actionOf(random, 'errno'), when }];
  return { architecture: random.pick(ARCHITECTURES), rules, otherwise: { do: 'allow' } };
}

/** As many different errnos as wanted. */
export function drawErrnos(random: Random, count: number): Action[] {
  return drawNumbers(random, count, 3000).map((number) => ({ do: 'errno', data: number + 1 }));
}
