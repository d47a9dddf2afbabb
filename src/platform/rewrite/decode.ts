/**
 * How long x86-64's instructions are, and which of their bytes are what (Intel SDM volume 2, chapter 2 and appendix A).
 * What this does not know has no length; it knows what compilers make.
 */

export interface Instruction {
  length: number;
  /** 0x0f.., 0x0f38.., 0x0f3a.. are the longer opcodes; the same for those with VEX and EVEX prefixes. */
  opcode: number;
  /** The REX prefix, or 0. */
  rex: number;
  /** Where ModRM is, counted from the first byte; 0: there is none. */
  modrm: number;
  /** An operand's address counts from the end of the instruction. */
  relative: boolean;
  /** It has a VEX or EVEX prefix. */
  vector: boolean;
}

/** Kinds of operands, as bits. */
const MODRM = 1;
const IMM8 = 2;
/** 32 bits, or 16 behind a 66. */
const IMM = 4;
/** 32 bits always: a distance. */
const REL32 = 8;
/** 64 bits with REX.W, else as IMM. */
const IMM64 = 16;
/** An address of 64 bits. */
const OFFSET = 32;
const IMM16 = 64;
const UNKNOWN = 128;

const ONE_BYTE = table(0, [
  [0x00, 0x3f, (opcode) => [MODRM, MODRM, MODRM, MODRM, IMM8, IMM, UNKNOWN, UNKNOWN][opcode & 7]!],
  [0x40, 0x4f, UNKNOWN],
  [0x60, 0x67, UNKNOWN],
  [0x63, 0x63, MODRM],
  [0x68, 0x68, IMM],
  [0x69, 0x69, MODRM | IMM],
  [0x6a, 0x6a, IMM8],
  [0x6b, 0x6b, MODRM | IMM8],
  [0x70, 0x7f, IMM8],
  [0x80, 0x80, MODRM | IMM8],
  [0x81, 0x81, MODRM | IMM],
  [0x82, 0x82, UNKNOWN],
  [0x83, 0x83, MODRM | IMM8],
  [0x84, 0x8f, MODRM],
  [0x9a, 0x9a, UNKNOWN],
  [0xa0, 0xa3, OFFSET],
  [0xa8, 0xa8, IMM8],
  [0xa9, 0xa9, IMM],
  [0xb0, 0xb7, IMM8],
  [0xb8, 0xbf, IMM64],
  [0xc0, 0xc1, MODRM | IMM8],
  [0xc2, 0xc2, IMM16],
  [0xc4, 0xc5, UNKNOWN],
  [0xc6, 0xc6, MODRM | IMM8],
  [0xc7, 0xc7, MODRM | IMM],
  [0xc8, 0xc8, IMM16 | IMM8],
  [0xca, 0xca, IMM16],
  [0xcd, 0xcd, IMM8],
  [0xce, 0xce, UNKNOWN],
  [0xd0, 0xd3, MODRM],
  [0xd4, 0xd6, UNKNOWN],
  [0xd8, 0xdf, MODRM],
  [0xe0, 0xe7, IMM8],
  [0xe8, 0xe9, REL32],
  [0xea, 0xea, UNKNOWN],
  [0xeb, 0xeb, IMM8],
  [0xf6, 0xf7, MODRM],
  [0xfe, 0xff, MODRM],
]);

/** Behind 0f. */
const TWO_BYTES = table(MODRM, [
  [0x04, 0x09, 0],
  [0x04, 0x04, UNKNOWN],
  [0x0a, 0x0f, UNKNOWN],
  [0x0b, 0x0b, 0],
  [0x0d, 0x0d, MODRM],
  [0x24, 0x27, UNKNOWN],
  [0x30, 0x37, 0],
  [0x38, 0x3f, UNKNOWN],
  [0x70, 0x73, MODRM | IMM8],
  [0x77, 0x77, 0],
  [0x80, 0x8f, REL32],
  [0xa0, 0xa2, 0],
  [0xa4, 0xa4, MODRM | IMM8],
  [0xa6, 0xa7, UNKNOWN],
  [0xa8, 0xaa, 0],
  [0xac, 0xac, MODRM | IMM8],
  [0xba, 0xba, MODRM | IMM8],
  [0xc2, 0xc2, MODRM | IMM8],
  [0xc4, 0xc6, MODRM | IMM8],
  [0xc8, 0xcf, 0],
]);

type Row = [first: number, last: number, kind: number | ((opcode: number) => number)];

function table(ordinary: number, rows: Row[]): Uint8Array {
  const kinds = new Uint8Array(256).fill(ordinary);
  for (const [first, last, kind] of rows) {
    for (let opcode = first; opcode <= last; opcode++) {
      kinds[opcode] = typeof kind === 'number' ? kind : kind(opcode);
    }
  }
  return kinds;
}

const OPERAND_SIZE = 0x66;
const PREFIXES: ReadonlySet<number> = new Set([
  0x26,
  0x2e,
  0x36,
  0x3e,
  0x64,
  0x65,
  OPERAND_SIZE,
  0xf0,
  0xf2,
  0xf3,
]);
const LONGEST = 15;

/** @returns undefined for what is not known, or so near to the end of `text` that it might not be all there */
export function decode(text: Uint8Array, at: number): Instruction | undefined {
  if (at < 0 || at + 2 * LONGEST > text.length) return undefined;
  let next = at;
  let short = false;
  while (PREFIXES.has(text[next]!)) {
    if (text[next++] === OPERAND_SIZE) short = true;
    if (next - at === LONGEST) return undefined;
  }
  const vector = vectorOpcode(text, next);
  if (vector) return finish(text, at, next + vector.length, vector.opcode, 0, short, true);
  const rex = (text[next]! & 0xf0) === 0x40 ? text[next++]! : 0;
  let opcode = text[next++]!;
  if (opcode === 0x0f) {
    opcode = 0x0f00 | text[next++]!;
    if (opcode === 0x0f38 || opcode === 0x0f3a) opcode = (opcode << 8) | text[next++]!;
  }
  return finish(text, at, next, opcode, rex, short, false);
}

/** The opcode behind a VEX or EVEX prefix, and how long both are together. */
function vectorOpcode(text: Uint8Array, at: number): { opcode: number; length: number } | undefined {
  const first = text[at]!;
  if (first === 0xc5) return { opcode: 0x0f00 | text[at + 2]!, length: 3 };
  if (first !== 0xc4 && first !== 0x62) return undefined;
  const length = first === 0xc4 ? 4 : 5;
  const map = text[at + 1]! & (first === 0xc4 ? 31 : 7);
  const escape = map === 1 ? 0x0f : map === 2 ? 0x0f38 : map === 3 ? 0x0f3a : -1;
  return { opcode: (escape << 8) | text[at + length - 1]!, length };
}

function finish(
  text: Uint8Array,
  at: number,
  operands: number,
  opcode: number,
  rex: number,
  short: boolean,
  vector: boolean,
): Instruction | undefined {
  const kind = opcode < 0 ? UNKNOWN : kindOf(opcode);
  if (kind & UNKNOWN) return undefined;
  let end = operands;
  let relative = false;
  if (kind & MODRM) {
    const modrm = text[operands]!;
    relative = (modrm & 0xc7) === 5;
    end += addressing(text, operands);
    const testing = (opcode === 0xf6 || opcode === 0xf7) && (modrm & 0x38) < 0x10;
    if (testing) end += opcode === 0xf6 ? 1 : short ? 2 : 4;
  }
  end += immediates(kind, short, (rex & 8) !== 0);
  const length = end - at;
  if (length > LONGEST) return undefined;
  return { length, opcode, rex, modrm: kind & MODRM ? operands - at : 0, relative, vector };
}

function kindOf(opcode: number): number {
  if (opcode < 0x100) return ONE_BYTE[opcode]!;
  if (opcode < 0x1000) return TWO_BYTES[opcode & 0xff]!;
  return opcode >> 8 === 0x0f3a ? MODRM | IMM8 : MODRM;
}

/** ModRM, SIB and displacement. */
function addressing(text: Uint8Array, at: number): number {
  const modrm = text[at]!;
  const mode = modrm >> 6;
  if (mode === 3) return 1;
  const rm = modrm & 7;
  const sib = rm === 4 ? 1 : 0;
  const base = sib ? text[at + 1]! & 7 : rm;
  return 1 + sib + (mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0);
}

function immediates(kind: number, short: boolean, wide: boolean): number {
  let length = kind & IMM8 ? 1 : 0;
  if (kind & IMM16) length += 2;
  if (kind & REL32) length += 4;
  if (kind & OFFSET) length += 8;
  if (kind & IMM || (kind & IMM64 && !wide)) length += short ? 2 : 4;
  else if (kind & IMM64) length += 8;
  return length;
}
