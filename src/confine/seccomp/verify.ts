/** What the kernel checks before it takes a program: so that each run ends, inside it, and reads only what is there. */
import { CALL_BYTES } from './call.ts';
import {
  ALU,
  CLASS,
  JUMP,
  MAX_INSTRUCTIONS,
  MODE,
  RET_A,
  RET_K,
  SCRATCH_WORDS,
  TAX,
  TXA,
  X,
  isReturn,
  successors,
  type Instruction,
} from './bpf.ts';

export interface Fault {
  index: number;
  reason: string;
}

const operations = Object.values(ALU).filter((operation) => operation !== ALU.NEG);
const conditions = Object.values(JUMP).filter((condition) => condition !== JUMP.JA);
const withBoth = (base: number, codes: readonly number[]) =>
  codes.flatMap((one) => [base | one, base | one | X]);

/** All codes that seccomp_check_filter (kernel/seccomp.c) lets through; classic BPF for packets has more. */
const ALLOWED: ReadonlySet<number> = new Set([
  ...[MODE.ABS, MODE.LEN, MODE.IMM, MODE.MEM].map((mode) => CLASS.LD | mode),
  ...[MODE.LEN, MODE.IMM, MODE.MEM].map((mode) => CLASS.LDX | mode),
  CLASS.ST,
  CLASS.STX,
  RET_K,
  RET_A,
  TAX,
  TXA,
  ...withBoth(CLASS.ALU, operations),
  CLASS.ALU | ALU.NEG,
  CLASS.JMP | JUMP.JA,
  ...withBoth(CLASS.JMP, conditions),
]);

const touchesScratch = ({ code }: Instruction) =>
  code === (CLASS.LD | MODE.MEM) ||
  code === (CLASS.LDX | MODE.MEM) ||
  code === CLASS.ST ||
  code === CLASS.STX;
const isStore = ({ code }: Instruction) => code === CLASS.ST || code === CLASS.STX;

function operandFault({ code, k }: Instruction): string | undefined {
  if (!ALLOWED.has(code)) return `code 0x${code.toString(16)} is not among those that seccomp allows`;
  if (code === (CLASS.LD | MODE.ABS) && (k % 4 !== 0 || k >= CALL_BYTES)) {
    return `loads from byte ${k}: only whole words of the call’s ${CALL_BYTES} bytes can be loaded`;
  }
  if (code === (CLASS.ALU | ALU.DIV) && k === 0) return 'divides by zero';
  if ((code === (CLASS.ALU | ALU.LSH) || code === (CLASS.ALU | ALU.RSH)) && k >= 32) return `shifts by ${k}`;
  return undefined;
}

/** Scratch words that are written on every path, one bit each, before each instruction (check_load_and_stores). */
function scratchFault(program: readonly Instruction[]): Fault | undefined {
  const written = new Uint16Array(program.length).fill(0xffff);
  written[0] = 0;
  for (const [index, instruction] of program.entries()) {
    let words = written[index] as number;
    if (touchesScratch(instruction)) {
      const { k } = instruction;
      if (k >= SCRATCH_WORDS) return { index, reason: `uses M[${k}]: there are ${SCRATCH_WORDS} words` };
      if (isStore(instruction)) words |= 1 << k;
      else if (!(words & (1 << k)))
        return { index, reason: `reads M[${k}], which a path here has not written` };
    }
    for (const next of successors(program, index)) written[next] = (written[next] as number) & words;
  }
  return undefined;
}

/** The first reason for which the kernel would answer EINVAL; undefined when it would take the program. */
export function verify(program: readonly Instruction[]): Fault | undefined {
  if (program.length === 0) return { index: 0, reason: 'the program is empty' };
  if (program.length > MAX_INSTRUCTIONS) {
    return {
      index: MAX_INSTRUCTIONS,
      reason: `has ${program.length} instructions: at most ${MAX_INSTRUCTIONS}`,
    };
  }
  for (const [index, instruction] of program.entries()) {
    const reason = operandFault(instruction);
    if (reason) return { index, reason };
    const outside = successors(program, index).find((next) => next >= program.length);
    if (outside !== undefined) {
      const verb = (instruction.code & 7) === CLASS.JMP ? 'jumps' : 'runs';
      return { index, reason: `${verb} past the end, to ${outside} of ${program.length}` };
    }
  }
  const last = program.at(-1);
  if (last && !isReturn(last))
    return { index: program.length - 1, reason: 'the last instruction is no return' };
  return scratchFault(program);
}
