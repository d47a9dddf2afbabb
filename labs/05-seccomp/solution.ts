import type { Instruction } from 'ring3';
import type { Action, Comparison, Condition, FilterPlan, Policy, Rule, Share } from './exercise.ts';

const LOAD = 0x20;
const AND = 0x54;
const JUMP = 0x05;
const JEQ = 0x15;
const JGT = 0x25;
const JGE = 0x35;
const JSET = 0x45;
const RETURN = 0x06;

const NR = 0;
const ARCH = 4;
const AUDIT_ARCH = { 'x86-64': 0xc000_003e, arm64: 0xc000_00b7 };
const X32_BIT = 0x4000_0000;

const ACTIONS = {
  'kill-process': 0x8000_0000,
  'kill-thread': 0,
  trap: 0x0003_0000,
  errno: 0x0005_0000,
  trace: 0x7ff0_0000,
  log: 0x7ffc_0000,
  allow: 0x7fff_0000,
};
const KILL: Action = { do: 'kill-process' };

const op = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });

function ret(action: Action): Instruction {
  return op(RETURN, (ACTIONS[action.do] | ('data' in action ? action.data : 0)) >>> 0);
}

export function assemble(program: Instruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * program.length);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(8 * index, fitting(code, 0xffff), true);
    view.setUint8(8 * index + 2, fitting(jt, 0xff));
    view.setUint8(8 * index + 3, fitting(jf, 0xff));
    view.setUint32(8 * index + 4, fitting(k, 0xffff_ffff), true);
  });
  return bytes;
}

function fitting(value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new RangeError(`${value} does not fit: it must be from 0 to ${most}`);
}

/** Five or six instructions before every filter of ours; afterwards A holds the number of the call. */
function prologue({ architecture }: Policy): Instruction[] {
  const own = [op(LOAD, ARCH), op(JEQ, AUDIT_ARCH[architecture], 1, 0), ret(KILL), op(LOAD, NR)];
  return architecture === 'x86-64' ? [...own, op(JSET, X32_BIT, 0, 1), ret(KILL)] : own;
}

export function compile(policy: Policy): Instruction[] {
  return [...prologue(policy), ...policy.rules.flatMap(ruleCode), ret(policy.otherwise)];
}

/** Comes in with A as it may be, and leaves by its end when the rule is not for the call. */
function ruleCode({ syscall, action, when }: Rule): Instruction[] {
  const body = when.length === 0 ? [ret(action)] : when.flatMap((all) => [...allOf(all), ret(action)]);
  // The long jump, whose distance has 32 bits: a body can be longer than a byte says.
  return [op(LOAD, NR), op(JEQ, syscall, 1, 0), op(JUMP, body.length), ...body];
}

/** Leaves by its end when all conditions hold, else past the one instruction that follows. */
function allOf(conditions: Condition[]): Instruction[] {
  let code: Instruction[] = [];
  for (const condition of conditions.toReversed())
    code = [...oneCondition(condition, code.length + 1), ...code];
  return code;
}

const low = (value: bigint) => Number(value & 0xffff_ffffn);
const high = (value: bigint) => Number(value >> 32n);

/** Leaves by its end when the condition holds, else `after` instructions further. */
function oneCondition(
  { argument, width, op: operator, value, mask = 0n }: Condition,
  after: number,
): Instruction[] {
  const at = 16 + 8 * argument;
  const [l, h] = [low(value), high(value)];
  const loadLow = op(LOAD, at);
  const loadHigh = op(LOAD, at + 4);
  const wide = width === 64;
  switch (operator) {
    case '==': {
      const lower = [loadLow, op(JEQ, l, 0, after)];
      return wide ? [loadHigh, op(JEQ, h, 0, after + 2), ...lower] : lower;
    }
    case '!=': {
      const lower = [loadLow, op(JEQ, l, after, 0)];
      return wide ? [loadHigh, op(JEQ, h, 0, 2), ...lower] : lower;
    }
    case 'masked': {
      const lower = [loadLow, op(AND, low(mask)), op(JEQ, l, 0, after)];
      return wide ? [loadHigh, op(AND, high(mask)), op(JEQ, h, 0, after + 3), ...lower] : lower;
    }
    case '>':
    case '>=': {
      const lower = [loadLow, op(operator === '>' ? JGT : JGE, l, 0, after)];
      return wide ? [loadHigh, op(JGT, h, 3, 0), op(JEQ, h, 0, after + 2), ...lower] : lower;
    }
    case '<':
    case '<=': {
      const lower = [loadLow, op(operator === '<=' ? JGT : JGE, l, after, 0)];
      return wide ? [loadHigh, op(JGT, h, after + 3, 0), op(JEQ, h, 0, 2), ...lower] : lower;
    }
  }
}

export function plan(policy: Policy): FilterPlan {
  const rules: FilterPlan['rules'] = [];
  const calls = new Set(policy.rules.map(({ syscall }) => syscall));
  for (const syscall of calls) {
    // What the rules before have left over, as alternatives: at first, every call.
    let left: Comparison[][] = [[]];
    for (const { action, when } of policy.rules.filter((rule) => rule.syscall === syscall)) {
      const [condition] = when[0] ?? [];
      const mine = condition ? [[comparison(condition)]] : left;
      rules.push(...mine.map((comparisons) => ({ action, syscall, comparisons })));
      left = condition ? complement(condition).map((one) => [one]) : [];
    }
  }
  // libseccomp refuses rules that say the default action: they change nothing.
  const differs = ({ action }: { action: Action }) => ret(action).k !== ret(policy.otherwise).k;
  return { defaultAction: policy.otherwise, badArchitecture: KILL, rules: rules.filter(differs) };
}

const OPS = { '==': 'EQ', '!=': 'NE', '<': 'LT', '<=': 'LE', '>': 'GT', '>=': 'GE' } as const;
const OPPOSITE = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** libseccomp compares 64 bits; an int is the 64 bits under a mask. */
function comparison({ argument, width, op: operator, value, mask = 0n }: Condition): Comparison {
  if (operator === 'masked') return { argument, op: 'MASKED_EQ', value: mask, masked: value };
  if (width === 32) return { argument, op: 'MASKED_EQ', value: 0xffff_ffffn, masked: value };
  return { argument, op: OPS[operator], value };
}

/** There is no MASKED_NE: a word differs when one of its bits does. */
function complement(condition: Condition): Comparison[] {
  const { op: operator, width, argument, value } = condition;
  if (operator !== 'masked' && width === 64) return [comparison({ ...condition, op: OPPOSITE[operator] })];
  const mask = operator === 'masked' ? (condition.mask ?? 0n) : 0xffff_ffffn;
  const bits = Array.from({ length: 64 }, (_, at) => 1n << BigInt(at)).filter((bit) => mask & bit);
  return bits.map((bit) => ({ argument, op: 'MASKED_EQ', value: bit, masked: ~value & bit }));
}

/** Numbers from `from` up to the next range's that get the same action. */
interface Range {
  from: number;
  action: Action;
}

export function compileFast(policy: Policy, shares: Share[]): Instruction[] {
  const first = new Map<number, Action>();
  for (const { syscall, action } of policy.rules) if (!first.has(syscall)) first.set(syscall, action);
  const action = (syscall: number) => first.get(syscall) ?? policy.otherwise;
  const hot = shares.filter(({ share }) => share >= 0.02).sort((a, b) => b.share - a.share);
  const front = hot.flatMap(({ syscall }) => [op(JEQ, syscall, 0, 1), ret(action(syscall))]);
  return [...prologue(policy), ...front, ...search(ranges([...first.keys()], action))];
}

function ranges(calls: number[], action: (syscall: number) => Action): Range[] {
  const edges = [...new Set([0, ...calls.flatMap((call) => [call, call + 1])])].sort((a, b) => a - b);
  const all = edges.map((from) => ({ from, action: action(from) }));
  return all.filter((range, at) => at === 0 || ret(range.action).k !== ret(all[at - 1]!.action).k);
}

/** Halve what is left by one comparison, until one range is left. */
function search(all: Range[]): Instruction[] {
  const middle = all.length >> 1;
  if (middle === 0) return [ret(all[0]!.action)];
  const below = search(all.slice(0, middle));
  const above = search(all.slice(middle));
  const from = all[middle]!.from;
  if (below.length <= 255) return [op(JGE, from, below.length, 0), ...below, ...above];
  return [op(JGE, from, 0, 1), op(JUMP, below.length), ...below, ...above];
}
