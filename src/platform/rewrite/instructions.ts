/** Instructions said again at another place. What depends on where it stands is said differently, or left where it is. */
import { decode, type Instruction } from './decode.ts';

/** An instruction that can be moved. */
export interface Moved {
  length: number;
  /** The same at another place, where `address` is the address it stood at. */
  code: number[];
  /** Nothing goes on after it: ret, jmp. */
  last: boolean;
}

const RET = 0xc3;
const JMP_REL8 = 0xeb;
const JMP_REL32 = 0xe9;
const LEA = 0x8d;
const MOV_IMMEDIATE = 0xb8;
const REX_WIDE = 0x48;
const REX_R = 4;

/** Calls, loops, and what is not meant for guests: it is not moved. Opcodes that need a look at ModRM have one below. */
const STAYS: ReadonlySet<number> = new Set([
  0xe0, 0xe1, 0xe2, 0xe3, 0xe8, 0xc2, 0xc8, 0xca, 0xcb, 0xcc, 0xcd, 0xcf, 0xf1, 0xf4, 0x0f00, 0x0f01, 0x0f05,
  0x0f07, 0x0f0b, 0x0f34, 0x0f35,
]);

/** `jmp *0(%rip)` and the address: reaches everywhere and changes no register. */
export function jumpTo(address: number): number[] {
  return [0xff, 0x25, 0, 0, 0, 0, ...quad(address)];
}

/** Eight bytes, lowest first. */
export function quad(value: number): number[] {
  const low = value | 0;
  const high = Math.floor(value / 2 ** 32);
  return [...dword(low), ...dword(high)];
}

/** The low four bytes. */
export function dword(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

/** @returns undefined for an instruction that is not known, or must not be moved */
export function move(text: Uint8Array, at: number, address: number): Moved | undefined {
  const found = decode(text, at);
  if (!found || stays(text, at, found)) return undefined;
  const { length, opcode } = found;
  const target = targetOf(text, at, address, found);
  if (target !== undefined) {
    if (length !== (opcode < 0x100 ? (opcode === JMP_REL32 ? 5 : 2) : 6)) return undefined;
    const unconditional = opcode === JMP_REL8 || opcode === JMP_REL32;
    const code = unconditional ? jumpTo(target) : conditional(opcode & 15, target);
    return { length, code, last: unconditional };
  }
  if (found.relative) return loadAddress(text, at, address, found);
  return { length, code: [...text.subarray(at, at + length)], last: opcode === RET };
}

function stays(text: Uint8Array, at: number, { opcode, modrm, vector }: Instruction): boolean {
  if (vector) return false;
  const operation = (text[at + modrm]! >> 3) & 7;
  // Indirect calls and jumps: our own patches are such. xabort and xbegin.
  if (opcode === 0xff) return operation >= 2 && operation <= 5;
  if (opcode === 0xc6 || opcode === 0xc7) return operation !== 0;
  return STAYS.has(opcode);
}

/** Where a jump leads that counts from its own end; undefined for what is none. */
function targetOf(text: Uint8Array, at: number, address: number, found: Instruction): number | undefined {
  const { opcode, length, vector } = found;
  if (vector) return undefined;
  const end = at + length;
  if (opcode === JMP_REL8 || (opcode >= 0x70 && opcode <= 0x7f)) {
    return address + length + ((text[end - 1]! << 24) >> 24);
  }
  const far = opcode === JMP_REL32 || (opcode >= 0x0f80 && opcode <= 0x0f8f);
  return far ? address + length + int32(text, end - 4) : undefined;
}

/** The opposite condition skips a jump to the target. */
function conditional(condition: number, target: number): number[] {
  const jump = jumpTo(target);
  return [0x70 | (condition ^ 1), jump.length, ...jump];
}

/** `lea distance(%rip),%register` becomes `mov $address,%register`. Other operands near the text cannot be reached. */
function loadAddress(text: Uint8Array, at: number, address: number, found: Instruction): Moved | undefined {
  const { length, opcode, rex, modrm } = found;
  if (opcode !== LEA || (rex & REX_WIDE) !== REX_WIDE || modrm !== 2) return undefined;
  const register = (text[at + modrm]! >> 3) & 7;
  const target = address + length + int32(text, at + modrm + 1);
  const prefix = rex & REX_R ? 0x49 : REX_WIDE;
  return { length, code: [prefix, MOV_IMMEDIATE + register, ...quad(target)], last: false };
}

export function int32(text: Uint8Array, at: number): number {
  return text[at]! | (text[at + 1]! << 8) | (text[at + 2]! << 16) | (text[at + 3]! << 24);
}

/** Does anything that looks like a jump lead to a byte of `text`? Looks as far as functions are long. */
export function isJumpedTo(text: Uint8Array, place: number): boolean {
  const start = Math.max(0, place - 0x8000);
  const end = Math.min(text.length - 6, place + 0x8000);
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if ((byte === JMP_REL32 || byte === 0xe8) && at + 5 + int32(text, at + 1) === place) return true;
    const far = byte === 0x0f && (text[at + 1]! & 0xf0) === 0x80;
    if (far && at + 6 + int32(text, at + 2) === place) return true;
    const short = byte === JMP_REL8 || (byte >= 0x70 && byte <= 0x7f) || (byte >= 0xe0 && byte <= 0xe3);
    if (short && at + 2 + ((text[at + 1]! << 24) >> 24) === place) return true;
  }
  return false;
}

/** From how many bytes before, and for how many beginnings, instructions are decoded to find where they begin. */
const SWEEP = 24;
const BEGINNINGS = 2;

/**
 * Does an instruction begin here? Whatever byte decoding starts from, after a few instructions it is in step with those
 * that are meant (in code; not in data). So all beginnings have to come here.
 */
export function isBoundary(text: Uint8Array, place: number): boolean {
  let agreed = 0;
  for (let start = place - SWEEP; start < place - SWEEP + BEGINNINGS; start++) {
    let at = start;
    while (at < place) {
      const found = decode(text, at);
      if (!found) break;
      at += found.length;
    }
    if (at > place) return false;
    if (at === place) agreed++;
  }
  return agreed > 0;
}
