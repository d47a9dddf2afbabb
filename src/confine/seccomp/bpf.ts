/**
 * Classic BPF as seccomp takes it: two registers A and X, sixteen words of scratch memory M, jumps forward only, and
 * the call to judge as the only input (struct sock_filter, include/uapi/linux/filter.h; seccomp(2)).
 */

/** Eight bytes: a little-endian u16 `code`, u8 `jt`, u8 `jf`, u32 `k`. Jumps count from the next instruction. */
export interface Instruction {
  code: number;
  /** How many instructions a conditional jump skips when its condition holds. */
  jt: number;
  /** And when it does not. */
  jf: number;
  k: number;
}

/** Bits 0–2 of a code. */
export const CLASS = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, RET: 6, MISC: 7 } as const;
/** Where a load reads: bits 5–7. ABS is the call's data at byte `k`. */
export const MODE = { IMM: 0x00, ABS: 0x20, MEM: 0x60, LEN: 0x80 } as const;
/** What arithmetic does: bits 4–7. */
export const ALU = {
  ADD: 0x00,
  SUB: 0x10,
  MUL: 0x20,
  DIV: 0x30,
  OR: 0x40,
  AND: 0x50,
  LSH: 0x60,
  RSH: 0x70,
  NEG: 0x80,
  XOR: 0xa0,
} as const;
/** When a jump is taken: bits 4–7. JSET: A and the operand have a bit in common. */
export const JUMP = { JA: 0x00, JEQ: 0x10, JGT: 0x20, JGE: 0x30, JSET: 0x40 } as const;
/** The operand is X, not k: bit 3. */
export const X = 0x08;
export const RET_K = CLASS.RET;
export const RET_A = CLASS.RET | 0x10;
export const TAX = CLASS.MISC;
export const TXA = CLASS.MISC | 0x80;

/** BPF_MAXINSNS. */
export const MAX_INSTRUCTIONS = 4096;
export const SCRATCH_WORDS = 16;
const SIZE = 8;

export class ProgramError extends Error {
  override name = 'ProgramError';
}

/** What struct sock_fprog points to. @throws RangeError when a field does not fit. */
export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(SIZE * program.length);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    inRange(index, 'code', code, 0xffff);
    inRange(index, 'jt', jt, 0xff);
    inRange(index, 'jf', jf, 0xff);
    inRange(index, 'k', k, 0xffff_ffff);
    view.setUint16(SIZE * index, code, true);
    view.setUint8(SIZE * index + 2, jt);
    view.setUint8(SIZE * index + 3, jf);
    view.setUint32(SIZE * index + 4, k, true);
  }
  return bytes;
}

function inRange(index: number, field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`instruction ${index}: ${field} is ${value}, and must be from 0 to ${most}`);
}

/** @throws ProgramError unless these can be instructions; whether they make sense, `verify` says. */
export function decode(bytes: Uint8Array): Instruction[] {
  if (bytes.length === 0) throw new ProgramError('the program is empty');
  if (bytes.length % SIZE !== 0) {
    throw new ProgramError(`${bytes.length} bytes are no BPF program: instructions have ${SIZE} bytes each`);
  }
  const count = bytes.length / SIZE;
  if (count > MAX_INSTRUCTIONS) {
    throw new ProgramError(`${count} instructions are too many: the kernel takes ${MAX_INSTRUCTIONS}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, index) => ({
    code: view.getUint16(SIZE * index, true),
    jt: view.getUint8(SIZE * index + 2),
    jf: view.getUint8(SIZE * index + 3),
    k: view.getUint32(SIZE * index + 4, true),
  }));
}

export const isJump = ({ code }: Instruction): boolean => (code & 7) === CLASS.JMP;
export const isReturn = ({ code }: Instruction): boolean => (code & 7) === CLASS.RET;

/** The instructions that may follow the one at `index`; none after a return. May lie outside a wrong program. */
export function successors(program: readonly Instruction[], index: number): number[] {
  const instruction = program[index];
  if (!instruction || isReturn(instruction)) return [];
  if (!isJump(instruction)) return [index + 1];
  if ((instruction.code & 0xf0) === JUMP.JA) return [index + 1 + instruction.k];
  return [index + 1 + instruction.jt, index + 1 + instruction.jf];
}
