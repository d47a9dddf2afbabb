/** What a policy means, without any BPF: the answer that every program is held against. */
import type { seccomp } from 'ring3/grade';
import type { Action, Condition, Policy } from '../exercise.ts';

type KernelAction = seccomp.Action;

export const AUDIT_ARCH = { 'x86-64': 0xc000_003e, arm64: 0xc000_00b7 } as const;
export const X32_BIT = 0x4000_0000;
export const OTHER_ARCHITECTURES = [0x4000_0003, 0x4000_0028, 0x8000_0016, 0xc000_00f3];

export interface TestCall {
  nr: number;
  arch: number;
  args: bigint[];
}

function holds({ argument, width, op, value, mask = 0n }: Condition, args: readonly bigint[]): boolean {
  const whole = args[argument] ?? 0n;
  const actual = width === 32 ? whole & 0xffff_ffffn : whole;
  switch (op) {
    case '==':
      return actual === value;
    case '!=':
      return actual !== value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case 'masked':
      return (actual & mask) === value;
  }
}

export function decide({ architecture, rules, otherwise }: Policy, { nr, arch, args }: TestCall): Action {
  if (arch !== AUDIT_ARCH[architecture]) return { do: 'kill-process' };
  if (architecture === 'x86-64' && nr & X32_BIT) return { do: 'kill-process' };
  const rule = rules.find(
    ({ syscall, when }) =>
      syscall === nr &&
      (when.length === 0 || when.some((all) => all.every((condition) => holds(condition, args)))),
  );
  return rule?.action ?? otherwise;
}

/** Our words for an action, and the kernel's. */
export function kernelAction(action: Action): KernelAction {
  switch (action.do) {
    case 'errno':
      return { name: 'ERRNO', data: action.data };
    case 'trace':
      return { name: 'TRACE', data: action.data };
    case 'kill-thread':
      return { name: 'KILL_THREAD' };
    case 'kill-process':
      return { name: 'KILL_PROCESS' };
    default:
      return { name: action.do.toUpperCase() as 'ALLOW' | 'LOG' | 'TRAP' };
  }
}
