/**
 * What a program finds on its stack when it starts (System V ABI, AMD64 supplement, "Initial Stack and Register State"):
 * argc, pointers to the arguments and to the environment, the auxiliary vector; above them what they point to.
 */
import { E2BIG } from '../../linux/errno.ts';

export interface StackContent {
  argv: readonly string[];
  environment: readonly string[];
  /** The path of the program (AT_EXECFN). */
  path: string;
  /** AT_PLATFORM. */
  platform: string;
  /** 16 bytes for AT_RANDOM. */
  random: Uint8Array;
}

/** Bytes that lie at `start`, up to the top of the stack, and where parts of them are. */
export interface StackImage {
  bytes: Buffer;
  stackPointer: number;
  /** `/proc/PID/cmdline` and `environ` read these. */
  argumentsStart: number;
  argumentsEnd: number;
  environmentEnd: number;
  /** The auxiliary vector, for `/proc/PID/auxv`. */
  auxv: Buffer;
}

/** Where the auxiliary vector points into the stack. */
export interface StackPlaces {
  path: number;
  platform: number;
  random: number;
}

/** Linux: MAX_ARG_STRLEN. */
const LONGEST = 131_072;
/** A quarter of the stack, but never more than three quarters of 8 MiB, nor less than 128 KiB (execve(2)). */
const LEAST = 131_072;
const MOST = 6 * 2 ** 20;
const ALIGNMENT = 16;

/** @returns 0, or -E2BIG for more arguments and environment than a stack of so many bytes may hold */
export function checkArguments(content: StackContent, stackSize: number): number {
  const most = Math.min(MOST, Math.max(LEAST, stackSize / 4));
  let sum = content.path.length + 1;
  for (const text of [...content.argv, ...content.environment]) {
    if (text.length + 1 > LONGEST) return -E2BIG;
    sum += text.length + 1 + 8;
  }
  return sum > most ? -E2BIG : 0;
}

/** @param auxv given the addresses of what it points to, returns pairs of type and value, without AT_NULL */
export function buildStack(
  top: number,
  content: StackContent,
  auxv: (places: StackPlaces) => number[],
): StackImage {
  const texts = [...content.argv, ...content.environment, content.path];
  const strings = Buffer.from(texts.map((text) => `${text}\0`).join(''), 'latin1');
  const stringsStart = top - 8 - strings.length;
  const addresses = addressesOf(texts, stringsStart);
  const platform = Buffer.from(`${content.platform}\0`, 'latin1');
  const places = {
    path: addresses[texts.length - 1]!,
    platform: stringsStart - platform.length,
    random: stringsStart - platform.length - 16,
  };
  const vector = [...auxv(places), 0, 0];
  const argc = content.argv.length;
  const words = [argc, ...addresses.slice(0, argc), 0, ...addresses.slice(argc, -1), 0, ...vector];
  const stackPointer = Math.floor((places.random - words.length * 8) / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(top - stackPointer);
  words.forEach((word, index) => writeWord(bytes, index * 8, word));
  bytes.set(content.random.subarray(0, 16), places.random - stackPointer);
  bytes.set(platform, places.platform - stackPointer);
  bytes.set(strings, stringsStart - stackPointer);
  const auxvStart = (words.length - vector.length) * 8;
  return {
    bytes,
    stackPointer,
    argumentsStart: stringsStart,
    argumentsEnd: addresses[argc]!,
    environmentEnd: places.path,
    auxv: Buffer.from(bytes.subarray(auxvStart, auxvStart + vector.length * 8)),
  };
}

function addressesOf(texts: readonly string[], start: number): number[] {
  let at = start;
  return texts.map((text) => {
    const address = at;
    at += text.length + 1;
    return address;
  });
}

function writeWord(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value >>> 0, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32) >>> 0, at + 4);
}
