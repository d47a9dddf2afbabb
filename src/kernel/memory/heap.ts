/** The heap of brk(2): one area that grows and shrinks at its end. */
import { PROT_READ, PROT_WRITE } from '../../linux/mman.ts';
import { roundUp, type GuestMemory } from './guest-memory.ts';

/** Beyond all that a guest may use: the heap of a position-independent program lies at 0x5555.... */
const MOST = 2 ** 47;

/** @returns the heap's end: the one asked for, or the old one if that is not possible */
export function brk(mm: GuestMemory, end: number): number {
  if (end < mm.heapStart || end > MOST) return mm.heapEnd;
  const from = roundUp(mm.heapEnd);
  const to = roundUp(end);
  if (to < from) mm.remove(to, from);
  if (to > from && !grow(mm, from, to)) return mm.heapEnd;
  mm.heapEnd = end;
  return end;
}

function grow(mm: GuestMemory, from: number, to: number): boolean {
  const mapped = mm.map({
    address: from,
    length: to - from,
    protection: PROT_READ | PROT_WRITE,
    placement: 'keep',
    name: '[heap]',
  });
  return mapped === from;
}
