/**
 * Gives areas their pages. Areas of ordinary size get all of them at once, which costs no more than one mapping of the
 * host's, because the memory file is sparse; huge ones get a part at a time, when it is first touched.
 */
import { PROT_EXEC, PROT_NONE, PROT_WRITE } from '../../linux/mman.ts';
import { PAGE, WINDOW } from '../../platform/memory-file.ts';
import { Failure } from '../failure.ts';
import type { Pages, Piece } from './pages.ts';
import type { Vma } from './vma.ts';

/** Ranges up to so many bytes are given all their pages when they are mapped; of files, that must be read first, up to so many. */
const AT_ONCE = 32 * 2 ** 20;
const FILE_AT_ONCE = 8 * 2 ** 20;

/** How much of a larger one comes at a time, aligned. */
export const PART = 2 * 2 ** 20;

/** Gives pages to what has become accessible between two addresses of an area. Throws OutOfMemory. */
export function populateAhead(pages: Pages, vma: Vma, start: number, end: number): void {
  const length = end - start;
  // Near the sandbox's limit pages are counted when they are touched.
  const small = vma.file ? length <= FILE_AT_ONCE : length <= AT_ONCE && !pages.memory.overcommits(length);
  if (small) populate(pages, vma, start, end);
}

/** Gives pages to the part that an address lies in. @returns false if the file has none there. Throws OutOfMemory. */
export function populateAt(pages: Pages, vma: Vma, address: number): boolean {
  const part = Math.floor(address / PART) * PART;
  populate(pages, vma, Math.max(part, vma.start), Math.min(part + PART, vma.end));
  return pages.at(address) !== undefined;
}

export function populate(pages: Pages, vma: Vma, start: number, end: number): void {
  if (vma.protection === PROT_NONE) return;
  pages.eachGap(start, end, (from, to) => {
    if (vma.file) fillFromFile(pages, vma, from, to);
    else pages.show(from, to - from, vma.protection, pages.memory.allocate(to - from), 'own');
  });
}

/** A private area becomes writable: pages that others can see are replaced by copies. Throws OutOfMemory. */
export function unshare(pages: Pages, vma: Vma): void {
  for (const piece of pages.between(vma.start, vma.end)) {
    if (piece.owner !== 'own') copyPiece(pages, piece, vma);
  }
}

function copyPiece(pages: Pages, piece: Piece, vma: Vma): void {
  const length = piece.end - piece.start;
  const offset = pages.memory.allocateDirty(length);
  if (piece.owner === 'text') copyFile(pages, vma, piece, offset);
  else pages.copy(piece.offset, offset, length);
  pages.replace(piece, vma.protection, offset, 'own');
}

/** What is patched is the platform's text, not the guest's. */
function copyFile(pages: Pages, vma: Vma, { start, end }: Piece, to: number): void {
  let at = start;
  while (at < end) {
    const target = to + at - start;
    const { offset, length } = fileExtent(vma, vma.fileOffset + at - vma.start, end - at);
    if (length === 0) return pages.memory.discard(target, end - at);
    pages.copy(offset, target, length);
    at += length;
  }
}

/** A private area of a file becomes executable: its text is shown instead. */
export function showText(pages: Pages, vma: Vma): void {
  if (!pages.text) return;
  for (const piece of pages.between(vma.start, vma.end)) {
    if (piece.owner !== 'file') continue;
    const offset = textOf(pages, vma, piece.start, piece.end - piece.start);
    if (offset >= 0) pages.replace(piece, vma.protection, offset, 'text');
  }
}

function fillFromFile(pages: Pages, vma: Vma, start: number, end: number): void {
  let at = start;
  while (at < end) {
    const position = vma.fileOffset + at - vma.start;
    const { offset, length } = fileExtent(vma, position, end - at);
    if (length === 0) return; // Beyond the end of the file: SIGBUS, unless the file grows (mmap(2)).
    fillPart(pages, vma, at, offset, length);
    at += length;
  }
}

function fillPart(pages: Pages, vma: Vma, at: number, offset: number, length: number): void {
  const { protection, shared } = vma;
  if (!shared && protection & PROT_WRITE) {
    const own = pages.memory.allocateDirty(length);
    pages.copy(offset, own, length);
    return pages.show(at, length, protection, own, 'own');
  }
  const text = !shared && protection & PROT_EXEC ? textOf(pages, vma, at, length) : -1;
  if (text >= 0) pages.show(at, length, protection, text, 'text');
  else pages.show(at, length, protection, offset, 'file');
}

function textOf(pages: Pages, vma: Vma, address: number, length: number): number {
  if (!pages.text) return -1;
  return pages.text.text(vma.file!.memory, vma.fileOffset + address - vma.start, length, address);
}

/** Whole pages in one window. A file that cannot be read has none: its pages are SIGBUS, as on Linux. */
function fileExtent(vma: Vma, position: number, most: number): { offset: number; length: number } {
  try {
    const { offset, length } = vma.file!.memory.extent(position, most);
    const whole = Math.min(most, Math.ceil(length / PAGE) * PAGE);
    return { offset, length: Math.min(whole, WINDOW - (offset % WINDOW)) };
  } catch (error) {
    if (error instanceof Failure) return { offset: 0, length: 0 };
    throw error;
  }
}
