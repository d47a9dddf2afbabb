/** The path that one call takes through a filter, and why. */
import { printAction } from './actions.ts';
import { isJump, isReturn, type Instruction } from './bpf.ts';
import type { Call } from './call.ts';
import { disassemble, printLine, type Line } from './disassemble.ts';
import { interpret, type Run } from './interpret.ts';

export interface Trace extends Run {
  steps: { line: Line; /** What A was left at, or whether the jump was taken. */ seen: string }[];
}

function seen(instruction: Instruction, line: Line, at: number, next: number | undefined, a: number): string {
  if (isReturn(instruction)) return '';
  if (!isJump(instruction)) return `A = 0x${a.toString(16)}`;
  if (!line.jump) return '';
  const taken = at + 1 + instruction.jt;
  return next === taken && instruction.jt !== instruction.jf ? 'yes' : 'no';
}

/** @throws ProgramError when the kernel would not take the program */
export function trace(program: readonly Instruction[], call: Call): Trace {
  const run = interpret(program, call);
  const lines = disassemble(program);
  const steps = run.path.map((at, step) => {
    const line = lines[at] as Line;
    const a = run.accumulator[step] as number;
    return { line, seen: seen(program[at] as Instruction, line, at, run.path[step + 1], a) };
  });
  return { ...run, steps };
}

export function printTrace({ steps, action, executed }: Trace, length: number): string {
  const path = steps.map(({ line, seen: found }) => `${printLine(line).padEnd(64)}${found}`.trimEnd());
  return [...path, `${printAction(action)} after ${executed} of ${length} instructions`, ''].join('\n');
}
