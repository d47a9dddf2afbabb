/** mremap(2): a mapping grows, shrinks or moves. Pages move with their addresses; nothing is copied. */
import { EFAULT, EINVAL, ENOMEM } from '../../linux/errno.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';
import { roundUp, type GuestMemory } from './guest-memory.ts';
import { populateAhead } from './population.ts';
import type { Vma } from './vma.ts';

export interface Remapping {
  address: number;
  oldLength: number;
  newLength: number;
  /** May it move, or where must it go? */
  mayMove: boolean;
  target?: number | undefined;
}

/** @returns the address, which is a new one if it moved; or -errno */
export function remap(
  mm: GuestMemory,
  { address, oldLength, newLength, mayMove, target }: Remapping,
): number {
  const from = roundUp(oldLength);
  const to = roundUp(newLength);
  const end = address + from;
  if (!(from > 0 && to > 0)) return -EINVAL;
  const vma = mm.areas.at(address);
  // More than one area is an EFAULT on Linux too (mremap(2)), as long as it is not only to shrink.
  if (!vma || !mm.areas.covers(address, end)) return -EFAULT;
  if (target !== undefined) return moveTo(mm, address, from, to, target);
  if (to <= from) {
    if (to < from) mm.remove(address + to, end);
    return address;
  }
  if (vma.end < end) return -EFAULT;
  if (mm.areas.mapped + to - from > mm.limit) return -ENOMEM;
  if (end === vma.end && canGrow(mm, end, to - from)) return grow(mm, vma, address, end, to - from);
  return mayMove ? move(mm, address, from, to, mm.areas.findFree(to)) : -ENOMEM;
}

function canGrow(mm: GuestMemory, end: number, by: number): boolean {
  return mm.areas.contains(end, end + by) && mm.areas.mappedBetween(end, end + by) === 0;
}

function grow(mm: GuestMemory, vma: Vma, address: number, end: number, by: number): number {
  const fileOffset = vma.file ? vma.fileOffset + vma.end - vma.start : 0;
  const added = mm.insert({ ...vma, start: end, end: end + by, fileOffset });
  return added < 0 ? added : address;
}

function moveTo(mm: GuestMemory, address: number, from: number, to: number, target: number): number {
  const overlaps = target < address + from && address < target + to;
  if (target % 4096 !== 0 || overlaps || !mm.areas.contains(target, target + to)) return -EINVAL;
  const gone = mm.areas.mappedBetween(target, target + to);
  if (mm.areas.mapped - gone + Math.max(0, to - from) > mm.limit) return -ENOMEM;
  if (mm.areas.at(address)!.end < address + Math.min(from, to)) return -EFAULT;
  mm.remove(target, target + to);
  return move(mm, address, from, to, target);
}

/** Takes `from` bytes to a free place of `to` bytes. */
function move(mm: GuestMemory, address: number, from: number, to: number, target: number): number {
  if (target < 0 || mm.areas.full) return -ENOMEM;
  const kept = Math.min(from, to);
  if (kept < from) mm.remove(address + kept, address + from);
  mm.user.flush();
  const [vma] = mm.areas.take(address, address + kept);
  const moved = { ...vma!, start: target, end: target + to };
  // Patched text belongs to its address: it is looked up anew.
  if (moved.file && !moved.shared) mm.pages.dropText(address, address + kept);
  mm.pages.move(address, address + kept, target, moved.protection);
  mm.areas.add(moved);
  mm.areas.mapped += to - kept;
  try {
    populateAhead(mm.pages, moved, target, target + to);
  } catch (error) {
    // The pages that are missing are looked for again when they are touched.
    if (!(error instanceof OutOfMemory)) throw error;
  }
  mm.areas.merge(target, target + to);
  return target;
}
