/**
 * How handlers reach a guest's memory. Every method that takes an address throws the failure EFAULT where the guest
 * could not do the same access itself. Addresses and 64-bit values are doubles, exact to 2^53.
 *
 * Guests are hostile and have threads: what was read once may be different when it is read again. Read it once.
 */
export interface UserMemory {
  readU8(address: number): number;
  readU16(address: number): number;
  /** Signed, as ints are. */
  readI32(address: number): number;
  readU32(address: number): number;
  /** A signed 64-bit value as a double: exact between ±2^53. */
  readI64(address: number): number;
  writeU8(address: number, value: number): void;
  writeU16(address: number, value: number): void;
  /** Takes signed and unsigned values alike. */
  writeU32(address: number, value: number): void;
  writeI64(address: number, value: number): void;

  /** A copy. */
  readBytes(address: number, length: number): Buffer;
  writeBytes(address: number, bytes: Uint8Array): void;
  zero(address: number, length: number): void;
  /**
   * The bytes up to a NUL as a latin1 string, one character a byte: names in this kernel are bytes, as in Linux.
   * Fails with ENAMETOOLONG when there is no NUL within `limit` bytes.
   */
  readString(address: number, limit?: number): string;

  /**
   * The longest contiguous stretch at `address`, at most `length` bytes, as a place in one of the memory's windows.
   * It is valid until the handler next waits; the returned object is one and the same, overwritten at each call.
   */
  stretch(address: number, length: number, write: boolean): Stretch;
}

export interface Stretch {
  /** A whole window; `start` and `length` say which part is meant. */
  buffer: Buffer;
  start: number;
  length: number;
}
