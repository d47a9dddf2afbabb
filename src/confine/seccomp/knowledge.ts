/**
 * What is known before each instruction: which part of the call A holds, and of which architecture the call is.
 * Jumps go forward only, so that one pass suffices; where paths meet, what they do not agree on is forgotten.
 */
import { auditArchitectureName, type AuditArchitecture } from '../../linux/architectures.ts';
import { ALU, CLASS, JUMP, MODE, TXA, successors, type Instruction } from './bpf.ts';
import { fieldName } from './call.ts';

export interface Knowledge {
  /** `nr`, `args[1].low`, `args[0].low & 0x7e020000`; undefined when A holds something else. */
  a: string | undefined;
  /** Known after a comparison with it that came out equal. */
  architecture: AuditArchitecture | undefined;
}

const NOTHING: Knowledge = { a: undefined, architecture: undefined };

function meet(one: Knowledge | undefined, other: Knowledge): Knowledge {
  if (!one) return other;
  return {
    a: one.a === other.a ? one.a : undefined,
    architecture: one.architecture === other.architecture ? one.architecture : undefined,
  };
}

function accumulatorAfter({ code, k }: Instruction, a: string | undefined): string | undefined {
  if (code === (CLASS.LD | MODE.ABS)) return fieldName(k);
  if (code === (CLASS.ALU | ALU.AND)) return a === undefined ? undefined : `${a} & 0x${k.toString(16)}`;
  const changes = (code & 7) === CLASS.LD || (code & 7) === CLASS.ALU || code === TXA;
  return changes ? undefined : a;
}

/** Per instruction; undefined where no path leads. */
export function knowledge(program: readonly Instruction[]): (Knowledge | undefined)[] {
  const before: (Knowledge | undefined)[] = Array.from({ length: program.length });
  before[0] = NOTHING;
  for (const [index, instruction] of program.entries()) {
    const here = before[index];
    if (!here) continue;
    const after = { ...here, a: accumulatorAfter(instruction, here.a) };
    const [taken, otherwise] = successors(program, index);
    const isArchitecture = here.a === 'arch' && instruction.code === (CLASS.JMP | JUMP.JEQ);
    const architecture = isArchitecture ? auditArchitectureName(instruction.k) : undefined;
    if (taken !== undefined) {
      before[taken] = meet(before[taken], architecture ? { ...after, architecture } : after);
    }
    if (otherwise !== undefined) before[otherwise] = meet(before[otherwise], after);
  }
  return before;
}
