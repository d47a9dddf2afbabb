/** Arguments of the common kinds. What an address points to is shown if it can be read, else the address. */
import type { UserMemory } from '../memory/user-memory.ts';
import { hex } from './names.ts';
import { quote, quoteHex, SHOWN } from './quote.ts';
import { late, type Decode, type Late, type TracedCall } from './row.ts';

/** Names are shown whole. */
const PATH_MAX = 4096;
/** Elements of a list that are shown. */
const LISTED = 32;
export const AT_FDCWD = -100;

export const integer: Decode = (value) => `${value | 0}`;
export const unsigned: Decode = (value) => `${value >>> 0}`;
export const size: Decode = (value) =>
  value < 0 ? BigInt.asUintN(64, BigInt(value)).toString() : `${value}`;
export const offset: Decode = (value) => `${value}`;
export const hexadecimal: Decode = hex;
export const pointer: Decode = (value) => (value === 0 ? 'NULL' : hex(value));
export const octal: Decode = (value) => {
  const text = (value & 0xffff).toString(8);
  return text.length < 3 ? text.padStart(3, '0') : `0${text}`;
};
export const folder: Decode = (value) => ((value | 0) === AT_FDCWD ? 'AT_FDCWD' : `${value | 0}`);
/** -1 is "leave as it is". */
export const id: Decode = (value) => `${value | 0}`;

/** Never fails: the guest may have given any address, and may be gone by the time the call is over. */
export function reading(address: number, call: TracedCall, read: (memory: UserMemory) => string): string {
  if (address === 0) return 'NULL';
  if (call.task.dead) return hex(address);
  try {
    return read(call.task.memory);
  } catch {
    return hex(address);
  }
}

/** What the kernel reads. */
export function given(read: (memory: UserMemory, address: number, call: TracedCall) => string): Decode {
  return (address, call) => reading(address, call, (memory) => read(memory, address, call));
}

/** What the kernel writes, once it has. */
export function filled(read: (memory: UserMemory, address: number, call: TracedCall) => string): Late {
  const decode = given(read);
  return late((address, call) => (call.result! < 0 ? pointer(address, call) : decode(address, call)));
}

export const path: Decode = given((memory, address) => quote(memory.readString(address, PATH_MAX)));

/** A string up to a NUL that is no name: cut. */
export const text: Decode = given((memory, address) => shortString(memory, address));

export function shortString(memory: UserMemory, address: number): string {
  const all = memory.readString(address, 1 << 17);
  return quote(all.slice(0, SHOWN), all.length > SHOWN);
}

export function bytesAt(memory: UserMemory, address: number, length: number): string {
  const shown = Math.min(length, SHOWN);
  return quote(memory.readBytes(address, shown).toString('latin1'), length > shown);
}

/** @param lengthAt place of the argument that has the length */
export function input(lengthAt: number): Decode {
  return given((memory, address, { args }) => bytesAt(memory, address, args[lengthAt]!));
}

/** As much as the result says. */
export const output: Late = filled((memory, address, { result }) => bytesAt(memory, address, result!));

export const randomOutput: Late = filled((memory, address, { result }) => {
  const shown = Math.min(result!, SHOWN);
  return quoteHex(memory.readBytes(address, shown), result! > shown);
});

/** Elements one behind another. */
export function list(
  memory: UserMemory,
  address: number,
  count: number,
  step: number,
  element: (memory: UserMemory, address: number) => string,
): string {
  const shown = Math.max(0, Math.min(count, LISTED));
  const texts = Array.from({ length: shown }, (_, index) => element(memory, address + index * step));
  if (count > shown) texts.push('...');
  return `[${texts.join(', ')}]`;
}

export const int32 = (memory: UserMemory, address: number): string => `${memory.readI32(address)}`;

/** `[3, 4]` */
export function integers(count: number): Late {
  return filled((memory, address) => list(memory, address, count, 4, int32));
}

/** `[1]`: one integer that the kernel writes. */
export const integerOut: Late = integers(1);

/** argv: strings up to a null pointer. */
export const strings: Decode = given((memory, address) => {
  const texts: string[] = [];
  for (let at = address; ; at += 8) {
    const string = memory.readI64(at);
    if (string === 0) break;
    if (texts.length === LISTED) {
      texts.push('...');
      break;
    }
    texts.push(shortString(memory, string));
  }
  return `[${texts.join(', ')}]`;
});

/** envp: only how many. */
export const environment: Decode = given((memory, address) => {
  let count = 0;
  while (count < 1 << 16 && memory.readI64(address + count * 8) !== 0) count++;
  return `${hex(address)} /* ${count} var${count === 1 ? '' : 's'} */`;
});
