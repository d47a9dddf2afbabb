/**
 * Floating-point and vector registers in a signal frame: the XSAVE area as the processor lays it out, with a note of its size in
 * bytes that the processor leaves to software (arch/x86/kernel/fpu/signal.c).
 */
import { EFAULT } from '../../linux/errno.ts';
import * as F from '../../linux/signal-frame-x86-64.ts';
import { fail } from '../failure.ts';
import type { UserMemory } from '../memory/user-memory.ts';

/** MXCSR bits that every processor with a zero mask field allows (Intel SDM, volume 1, 11.6.6). */
const DEFAULT_MXCSR_MASK = 0xffbf;
const INITIAL_MXCSR = 0x1f80;
const INITIAL_CONTROL_WORD = 0x37f;
/** Bits of the header (Intel SDM, volume 1, 13.4.2). */
const X87_AND_SSE = 3;

/**
 * How long the area is. The platform got it from a signal frame of the host's, which says so; what follows is not ours.
 */
export function areaLength(state: Buffer): number {
  if (state.readUInt32LE(F.FX_SW_BYTES) !== F.FP_XSTATE_MAGIC1) return F.FXSAVE_SIZE;
  const length = state.readUInt32LE(F.FX_SW_BYTES + 16);
  const sane = length >= F.FXSAVE_SIZE + F.XSAVE_HEADER_SIZE && length + 4 <= state.length;
  return sane ? length : F.FXSAVE_SIZE;
}

/** Fails with EFAULT. */
export function writeExtendedState(memory: UserMemory, address: number, state: Buffer): void {
  const length = areaLength(state);
  memory.writeBytes(address, state.subarray(0, length > F.FXSAVE_SIZE ? length + 4 : length));
}

/**
 * Takes over what the frame says, but for the note of the size, which stays the host's; a frame without an area resets
 * everything. Fails with EFAULT.
 */
export function restoreExtendedState(memory: UserMemory, address: number, state: Buffer): void {
  const mask = state.readUInt32LE(F.FX_MXCSR_MASK) || DEFAULT_MXCSR_MASK;
  const length = areaLength(state);
  const present = address === 0 ? reset(state, length) : load(memory, address, state, length);
  state.writeUInt32LE((state.readUInt32LE(F.FX_MXCSR) & mask) >>> 0, F.FX_MXCSR);
  state.writeUInt32LE(mask, F.FX_MXCSR_MASK);
  if (length === F.FXSAVE_SIZE) return;
  // Reserved bits of the header would make the processor refuse the area.
  const allowed = state.readUInt32LE(F.FX_SW_BYTES + 8);
  state.fill(0, F.FXSAVE_SIZE, F.FXSAVE_SIZE + F.XSAVE_HEADER_SIZE);
  state.writeUInt32LE((present & allowed) >>> 0, F.FXSAVE_SIZE);
}

/** @returns which parts of the area hold something: x87 and SSE, when the frame has nothing else */
function load(memory: UserMemory, address: number, state: Buffer, length: number): number {
  if (address % 64 !== 0) fail(EFAULT);
  const legacy = memory.readBytes(address, F.FXSAVE_SIZE);
  const extended = length > F.FXSAVE_SIZE && isExtended(memory, address, legacy, length);
  const rest = extended ? memory.readBytes(address + F.FXSAVE_SIZE, length - F.FXSAVE_SIZE) : undefined;
  legacy.copy(state, 0, 0, F.FX_SW_BYTES);
  rest?.copy(state, F.FXSAVE_SIZE);
  return rest ? rest.readUInt32LE(0) : X87_AND_SSE;
}

function isExtended(memory: UserMemory, address: number, legacy: Buffer, length: number): boolean {
  if (legacy.readUInt32LE(F.FX_SW_BYTES) !== F.FP_XSTATE_MAGIC1) return false;
  if (legacy.readUInt32LE(F.FX_SW_BYTES + 16) !== length) return false;
  return memory.readU32(address + length) === F.FP_XSTATE_MAGIC2;
}

function reset(state: Buffer, length: number): number {
  state.fill(0, 0, F.FX_SW_BYTES);
  state.fill(0, F.FXSAVE_SIZE, length);
  state.writeUInt16LE(INITIAL_CONTROL_WORD, 0);
  state.writeUInt32LE(INITIAL_MXCSR, F.FX_MXCSR);
  return X87_AND_SSE;
}
