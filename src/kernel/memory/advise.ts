/** madvise(2), as far as the advice changes what a program sees. */
import { EINVAL, ENOMEM } from '../../linux/errno.ts';
import { MADV, PROT_WRITE } from '../../linux/mman.ts';
import { PAGE } from '../../platform/memory-file.ts';
import { outOfMemory, roundUp, type GuestMemory } from './guest-memory.ts';
import type { Piece } from './pages.ts';
import { populate } from './population.ts';
import { DONT_FORK, WIPE_ON_FORK, type Vma } from './vma.ts';

/** Advice that changes nothing but speed; MADV_FREE leaves the pages until memory is short, which here is never. */
const WITHOUT_EFFECT: ReadonlySet<number> = new Set([
  MADV.MADV_NORMAL,
  MADV.MADV_RANDOM,
  MADV.MADV_SEQUENTIAL,
  MADV.MADV_WILLNEED,
  MADV.MADV_FREE,
  MADV.MADV_MERGEABLE,
  MADV.MADV_UNMERGEABLE,
  MADV.MADV_HUGEPAGE,
  MADV.MADV_NOHUGEPAGE,
  MADV.MADV_DONTDUMP,
  MADV.MADV_DODUMP,
  MADV.MADV_COLD,
  MADV.MADV_PAGEOUT,
  MADV.MADV_COLLAPSE,
]);

/** How areas are changed by the advice that is about fork(2): flags to set and to clear. */
const FLAGS = new Map<number, { set: number; clear: number }>([
  [MADV.MADV_DONTFORK, { set: DONT_FORK, clear: 0 }],
  [MADV.MADV_DOFORK, { set: 0, clear: DONT_FORK }],
  [MADV.MADV_WIPEONFORK, { set: WIPE_ON_FORK, clear: 0 }],
  [MADV.MADV_KEEPONFORK, { set: 0, clear: WIPE_ON_FORK }],
]);

/** @returns 0 or -errno; what is mapped is advised even if other parts are not (ENOMEM), as on Linux */
export function advise(mm: GuestMemory, address: number, length: number, advice: number): number {
  const end = address + roundUp(length);
  if (address % PAGE !== 0 || !(length >= 0)) return -EINVAL;
  const act = actionOf(mm, advice);
  if (!act) return -EINVAL;
  if (length === 0) return 0;
  if (!mm.areas.contains(address, end)) return -ENOMEM;
  const result = act(address, end);
  if (result < 0) return result;
  return mm.areas.covers(address, end) ? 0 : -ENOMEM;
}

function actionOf(mm: GuestMemory, advice: number): ((start: number, end: number) => number) | undefined {
  if (WITHOUT_EFFECT.has(advice)) return () => 0;
  const flags = FLAGS.get(advice);
  if (flags) return (start, end) => changeFlags(mm, start, end, flags);
  switch (advice) {
    case MADV.MADV_DONTNEED:
    case MADV.MADV_DONTNEED_LOCKED:
      return (start, end) => discard(mm, start, end);
    case MADV.MADV_POPULATE_READ:
      return (start, end) => populateAll(mm, start, end, 0);
    case MADV.MADV_POPULATE_WRITE:
      return (start, end) => populateAll(mm, start, end, PROT_WRITE);
    default:
      return undefined;
  }
}

function changeFlags(
  mm: GuestMemory,
  start: number,
  end: number,
  { set, clear }: { set: number; clear: number },
): number {
  const areas = mm.areas.between(start, end);
  const anonymous = areas.every((vma) => !vma.file && !vma.shared);
  if (set === WIPE_ON_FORK && !anonymous) return -EINVAL;
  for (const vma of areas) vma.flags = (vma.flags | set) & ~clear;
  mm.areas.merge(start, end);
  return 0;
}

/** Private pages are again what they were when they were mapped: zeros, or what the file has. */
function discard(mm: GuestMemory, start: number, end: number): number {
  mm.areas.eachPart(start, end, (vma, from, to) => {
    mm.pages.eachPart(from, to, (piece, first, last) => {
      if (piece.owner !== 'own') return;
      if (vma.file) readAgain(mm, vma, piece, first, last);
      else mm.memory.discard(piece.offset + first - piece.start, last - first);
    });
  });
  return 0;
}

function readAgain(mm: GuestMemory, vma: Vma, piece: Piece, start: number, end: number): void {
  let at = start;
  while (at < end) {
    const target = piece.offset + at - piece.start;
    const { offset, length } = vma.file!.memory.extent(vma.fileOffset + at - vma.start, end - at);
    if (length === 0) return mm.memory.discard(target, end - at);
    const whole = Math.min(end - at, roundUp(length));
    mm.pages.copy(offset, target, whole);
    at += whole;
  }
}

function populateAll(mm: GuestMemory, start: number, end: number, needed: number): number {
  let result = 0;
  mm.areas.eachPart(start, end, (vma, from, to) => {
    if (result < 0) return;
    if (vma.protection === 0 || needed & ~vma.protection) result = -EINVAL;
    else result = tryPopulate(mm, vma, from, to);
  });
  return result;
}

function tryPopulate(mm: GuestMemory, vma: Vma, start: number, end: number): number {
  const STEP = 32 * 2 ** 20;
  try {
    for (let at = start; at < end; at += STEP) populate(mm.pages, vma, at, Math.min(end, at + STEP));
    return 0;
  } catch (error) {
    return outOfMemory(error);
  }
}
