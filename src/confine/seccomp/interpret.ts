/** Runs a filter over one call, as the kernel would, and keeps the path that it took. */
import { actionOf, type Action } from './actions.ts';
import { ALU, CLASS, JUMP, MODE, ProgramError, RET_A, TAX, X, type Instruction } from './bpf.ts';
import { CALL_BYTES, callWords, type Call } from './call.ts';
import { verify } from './verify.ts';

export interface Run {
  action: Action;
  /** What the program returned, all 32 bits. */
  value: number;
  /** The instructions that ran, in order. */
  path: number[];
  /** How many. */
  executed: number;
  /** A after each instruction of the path. */
  accumulator: number[];
}

function calculate(operation: number, a: number, operand: number): number {
  switch (operation) {
    case ALU.ADD:
      return a + operand;
    case ALU.SUB:
      return a - operand;
    case ALU.MUL:
      return Math.imul(a, operand);
    case ALU.DIV:
      return Math.floor(a / operand);
    case ALU.OR:
      return a | operand;
    case ALU.AND:
      return a & operand;
    case ALU.LSH:
      return a << (operand & 31);
    case ALU.RSH:
      return a >>> (operand & 31);
    case ALU.XOR:
      return a ^ operand;
    default:
      return -a;
  }
}

function holds(condition: number, a: number, operand: number): boolean {
  if (condition === JUMP.JEQ) return a === operand;
  if (condition === JUMP.JGT) return a > operand;
  if (condition === JUMP.JGE) return a >= operand;
  return (a & operand) !== 0;
}

class Machine {
  a = 0;
  private x = 0;
  private scratch = new Uint32Array(16);
  private words: Uint32Array;

  constructor(words: Uint32Array) {
    this.words = words;
  }

  /** One instruction that is no return. Gives how many to skip, or undefined for a division by zero. */
  step({ code, jt, jf, k }: Instruction): number | undefined {
    const kind = code & 7;
    const operand = code & X ? this.x : k;
    if (kind === CLASS.JMP) {
      if ((code & 0xf0) === JUMP.JA) return k;
      return holds(code & 0xf0, this.a, operand) ? jt : jf;
    }
    if (kind === CLASS.LD) this.a = this.load(code & 0xe0, k);
    else if (kind === CLASS.LDX) this.x = this.load(code & 0xe0, k);
    else if (kind === CLASS.ST) this.scratch[k] = this.a;
    else if (kind === CLASS.STX) this.scratch[k] = this.x;
    else if (kind === CLASS.ALU) {
      if ((code & 0xf0) === ALU.DIV && operand === 0) return undefined;
      this.a = calculate(code & 0xf0, this.a, operand) >>> 0;
    } else if (code === TAX) this.x = this.a;
    else this.a = this.x;
    return 0;
  }

  private load(mode: number, k: number): number {
    if (mode === MODE.ABS) return this.words[k >> 2] as number;
    if (mode === MODE.MEM) return this.scratch[k] as number;
    return mode === MODE.LEN ? CALL_BYTES : k;
  }
}

/** @throws ProgramError when the kernel would not take the program. */
export function interpret(program: readonly Instruction[], call: Call): Run {
  const fault = verify(program);
  if (fault) throw new ProgramError(`instruction ${fault.index} ${fault.reason}`);
  return interpretVerified(program, call);
}

/** As `interpret`, for a program that `verify` has found right: for those who run one program many times. */
export function interpretVerified(program: readonly Instruction[], call: Call): Run {
  const machine = new Machine(callWords(call));
  const path: number[] = [];
  const accumulator: number[] = [];
  const end = (value: number): Run => {
    return { action: actionOf(value), value, path, executed: path.length, accumulator };
  };
  for (let at = 0; ; at++) {
    const instruction = program[at] as Instruction;
    path.push(at);
    const isReturn = (instruction.code & 7) === CLASS.RET;
    const skip = isReturn ? 0 : machine.step(instruction);
    accumulator.push(machine.a);
    if (isReturn) return end(instruction.code === RET_A ? machine.a : instruction.k);
    // The kernel's translation to eBPF ends a program that divides by zero, with 0: KILL_THREAD.
    if (skip === undefined) return end(0);
    at += skip;
  }
}
