/** How much of a guest's memory is there: numbers for /proc, getrusage and mincore(2). */
import { PAGE } from '../../platform/memory-file.ts';
import { roundUp, type GuestMemory } from './guest-memory.ts';

export interface Usage {
  /** All that is mapped, in bytes (VmSize). */
  size: number;
  /** What exists of its own pages (RssAnon). */
  own: number;
  /** Pages of files that it shows (RssFile), whether touched or not. */
  file: number;
}

export function usageOf(mm: GuestMemory): Usage {
  const usage = { size: mm.areas.mapped, own: 0, file: 0 };
  for (const { start, end, offset, owner } of mm.pages.pieces) {
    if (owner === 'own') usage.own += existing(mm, offset, end - start);
    else usage.file += end - start;
  }
  return usage;
}

/** The same for a part: what exists there, in bytes. */
export function residentBetween(mm: GuestMemory, start: number, end: number): number {
  let sum = 0;
  mm.pages.eachPart(start, end, (piece, from, to) => {
    const offset = piece.offset + from - piece.start;
    sum += piece.owner === 'own' ? existing(mm, offset, to - from) : to - from;
  });
  return sum;
}

/** A byte a page: 1 where it exists. */
export function residency(mm: GuestMemory, start: number, end: number): Uint8Array {
  const pages = new Uint8Array((end - start) / PAGE);
  mm.pages.eachPart(start, end, (piece, from, to) => {
    const first = piece.offset + from - piece.start;
    const populated = mm.memory.populated(first, to - from);
    for (let index = 0; index < populated.length; index += 2) {
      const page = (from - start + populated[index]! - first) / PAGE;
      pages.fill(1, page, page + roundUp(populated[index + 1]!) / PAGE);
    }
  });
  return pages;
}

function existing(mm: GuestMemory, offset: number, length: number): number {
  const populated = mm.memory.populated(offset, length);
  let sum = 0;
  for (let index = 1; index < populated.length; index += 2) sum += populated[index]!;
  return sum;
}
