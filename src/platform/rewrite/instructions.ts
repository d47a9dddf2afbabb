/**
 * As much of x86-64's instructions as stands behind system calls in compiled code: how long they are, and how they are
 * said again at another place (Intel SDM volume 2, appendix A). What is not known here is left where it is.
 */

/** An instruction that can be moved. */
export interface Moved {
  length: number;
  /** The same at another place, where `address` is the address it stood at. */
  code: number[];
  /** Nothing goes on after it: ret, jmp. */
  last: boolean;
}

const CMP_RAX_IMM32 = 0x3d;
const RET = 0xc3;
const NOP = 0x90;
const JMP_REL8 = 0xeb;
const JMP_REL32 = 0xe9;

/** `jmp *0(%rip)` and the address: reaches everywhere and changes no register. */
export function jumpTo(address: number): number[] {
  return [0xff, 0x25, 0, 0, 0, 0, ...quad(address)];
}

/** Eight bytes, lowest first. */
export function quad(value: number): number[] {
  const bytes: number[] = [];
  for (let index = 0, left = value; index < 8; index++, left = Math.floor(left / 256)) bytes.push(left % 256);
  return bytes;
}

/** @returns undefined for an instruction that is not known, or must not be moved */
export function move(text: Uint8Array, at: number, address: number): Moved | undefined {
  return branch(text, at, address) ?? plain(text, at);
}

function branch(text: Uint8Array, at: number, address: number): Moved | undefined {
  const first = text[at]!;
  if (first === JMP_REL8) return { length: 2, code: jumpTo(address + 2 + int8(text, at + 1)), last: true };
  if (first === JMP_REL32) return { length: 5, code: jumpTo(address + 5 + int32(text, at + 1)), last: true };
  if (first >= 0x70 && first <= 0x7f) return conditional(first & 15, 2, address + 2 + int8(text, at + 1));
  const second = text[at + 1]!;
  if (first === 0x0f && second >= 0x80 && second <= 0x8f) {
    return conditional(second & 15, 6, address + 6 + int32(text, at + 2));
  }
  return undefined;
}

/** The opposite condition skips a jump to the target. */
function conditional(condition: number, length: number, target: number): Moved {
  const jump = jumpTo(target);
  return { length, code: [0x70 | (condition ^ 1), jump.length, ...jump], last: false };
}

function plain(text: Uint8Array, at: number): Moved | undefined {
  const length = lengthOf(text, at);
  if (length === 0) return undefined;
  const code = [...text.subarray(at, at + length)];
  return { length, code, last: code[0] === RET };
}

/** @returns 0 when it is not known, or depends on where it stands */
function lengthOf(text: Uint8Array, at: number): number {
  const prefixed = (text[at]! & 0xf0) === 0x40 ? 1 : 0;
  const opcode = text[at + prefixed]!;
  const rest = operands(text, at + prefixed, opcode, (text[at]! & 0xf8) === 0x48 && prefixed === 1);
  return rest === 0 ? 0 : prefixed + rest;
}

function operands(text: Uint8Array, at: number, opcode: number, wide: boolean): number {
  if (opcode === RET || opcode === NOP || (opcode >= 0x50 && opcode <= 0x5f) || opcode === 0xc9) return 1;
  if (opcode === CMP_RAX_IMM32 || opcode === 0xa9 || opcode === 0x25) return 5;
  if (opcode >= 0xb8 && opcode <= 0xbf) return wide ? 9 : 5;
  // op r/m,r and op r,r/m of add, or, and, sub, xor, cmp; test, mov, lea, movslq
  const arithmetic = opcode < 0x40 && (opcode & 7) < 4 && (opcode & 6) !== 4;
  if (
    arithmetic ||
    opcode === 0x85 ||
    opcode === 0x89 ||
    opcode === 0x8b ||
    opcode === 0x8d ||
    opcode === 0x63
  ) {
    return withModRm(text, at, 0);
  }
  if (opcode === 0x83) return withModRm(text, at, 1);
  if (opcode === 0x81 || opcode === 0xc7) return withModRm(text, at, 4);
  if (opcode === 0x0f && text[at + 1] === 0x1f) {
    const rest = withModRm(text, at + 1, 0);
    return rest === 0 ? 0 : 1 + rest;
  }
  return 0;
}

/** Opcode, ModRM, SIB, displacement and so many bytes of immediate; 0 for an operand relative to rip. */
function withModRm(text: Uint8Array, at: number, immediate: number): number {
  const modrm = text[at + 1]!;
  const mode = modrm >> 6;
  const rm = modrm & 7;
  if (mode === 3) return 2 + immediate;
  if (mode === 0 && rm === 5) return 0;
  const sib = rm === 4 ? 1 : 0;
  const noBase = sib === 1 && mode === 0 && (text[at + 2]! & 7) === 5;
  const displacement = mode === 1 ? 1 : mode === 2 || noBase ? 4 : 0;
  return 2 + sib + displacement + immediate;
}

function int8(text: Uint8Array, at: number): number {
  return (text[at]! << 24) >> 24;
}

export function int32(text: Uint8Array, at: number): number {
  return text[at]! | (text[at + 1]! << 8) | (text[at + 2]! << 16) | (text[at + 3]! << 24);
}

/** Does anything that looks like a jump lead to a byte of `text` in [from, to)? Looks as far as functions are long. */
export function isJumpedTo(text: Uint8Array, from: number, to: number): boolean {
  const hits = (target: number): boolean => target >= from && target < to;
  const start = Math.max(0, from - 0x8000);
  const end = Math.min(text.length - 6, to + 0x8000);
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if ((byte === JMP_REL32 || byte === 0xe8) && hits(at + 5 + int32(text, at + 1))) return true;
    if (byte === 0x0f && (text[at + 1]! & 0xf0) === 0x80 && hits(at + 6 + int32(text, at + 2))) return true;
    const short = byte === JMP_REL8 || (byte >= 0x70 && byte <= 0x7f) || (byte >= 0xe0 && byte <= 0xe3);
    if (short && hits(at + 2 + int8(text, at + 1))) return true;
  }
  return false;
}
