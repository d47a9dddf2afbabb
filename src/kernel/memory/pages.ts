/**
 * Which page of the memory file a guest sees at an address: what page tables are to Linux. Knows nothing of what the
 * guest may do there, except to pass it on to the host.
 *
 * Invariant: the guest's host process has a mapping exactly where there is a piece here, once queued changes are done.
 */
import { WINDOW, type MemoryFile } from '../../platform/memory-file.ts';
import type { AddressSpace, Protection } from '../../platform/platform.ts';
import { RangeList, type Range } from './range-list.ts';
import type { TextProvider } from './text-provider.ts';

/** Whose the pages of a piece are: this address space's alone, a file's, or a text provider's. */
export type Owner = 'own' | 'file' | 'text';

export interface Piece extends Range {
  /** Where `start` is in the memory file. */
  offset: number;
  owner: Owner;
}

export class Pages {
  readonly memory: MemoryFile;
  readonly space: AddressSpace;
  readonly text: TextProvider | undefined;
  readonly #pieces = new RangeList<Piece>(splitPiece);
  readonly #retire: (action: () => void) => boolean;
  /** Text that is held although it is not shown any more: by where it is in the memory file, how much of it. */
  readonly #heldText = new Map<number, number>();

  /** @param retire puts an action off until no thread can reach unmapped pages any more; false: do it at once */
  constructor(
    memory: MemoryFile,
    space: AddressSpace,
    text: TextProvider | undefined,
    retire: (action: () => void) => boolean,
  ) {
    this.memory = memory;
    this.space = space;
    this.text = text;
    this.#retire = retire;
  }

  get pieces(): readonly Piece[] {
    return this.#pieces.items;
  }

  at(address: number): Piece | undefined {
    return this.#pieces.at(address);
  }

  /** The pieces of a range, none reaching beyond it. */
  between(start: number, end: number): Piece[] {
    return this.#pieces.between(start, end);
  }

  /** Calls back for every part of a range that shows nothing. */
  eachGap(start: number, end: number, visit: (start: number, end: number) => void): void {
    let at = start;
    while (at < end) {
      const next = this.#pieces.items[this.#pieces.indexFrom(at)];
      const stop = next === undefined ? end : Math.min(end, next.start);
      if (at < stop) visit(at, stop);
      at = next === undefined || stop === end ? end : next.end;
    }
  }

  /** Calls back for every part of a range that lies in one piece. */
  eachPart(start: number, end: number, visit: (piece: Piece, start: number, end: number) => void): void {
    this.#pieces.eachPart(start, end, visit);
  }

  /** Shows pages where there are none. */
  show(address: number, length: number, protection: Protection, offset: number, owner: Owner): void {
    this.add(address, length, offset, owner);
    this.space.map(address, length, protection, offset);
  }

  /** The same, for a caller that tells the host itself. */
  add(address: number, length: number, offset: number, owner: Owner): void {
    const before = this.#pieces.endingAt(address);
    // A heap that grows page by page stays one piece.
    if (before?.owner === 'own' && owner === 'own' && continues(before, offset)) before.end += length;
    else this.#pieces.add({ start: address, end: address + length, offset, owner });
  }

  /**
   * Gives a piece other pages. A thread that waits in a call of patched text goes on in a part of it that lies elsewhere: the
   * text is held as long as the address space lives.
   */
  replace(piece: Piece, protection: Protection, offset: number, owner: Owner): void {
    const { start, end } = piece;
    if (piece.owner !== 'text' || this.#heldText.has(piece.offset)) this.#letGo({ ...piece });
    else this.#heldText.set(piece.offset, end - start);
    piece.offset = offset;
    piece.owner = owner;
    this.space.map(start, end - start, protection, offset);
  }

  /** Nothing is shown any more between two addresses. */
  drop(start: number, end: number): void {
    const gone = this.#pieces.take(start, end);
    if (gone.length === 0) return;
    const last = gone[gone.length - 1]!;
    this.space.unmap(gone[0]!.start, last.end - gone[0]!.start);
    for (const piece of gone) this.#letGo(piece);
  }

  /** The same for text that is patched for where it lies. */
  dropText(start: number, end: number): void {
    for (const piece of this.between(start, end)) {
      if (piece.owner === 'text') this.drop(piece.start, piece.end);
    }
  }

  /** The host process ends, or is shown nothing more: only the pages are let go. */
  forget(): void {
    for (const piece of this.#pieces.items.splice(0)) this.#letGo(piece);
    for (const [offset, length] of this.#heldText) {
      this.#letGo({ start: 0, end: length, offset, owner: 'text' });
    }
    this.#heldText.clear();
  }

  protect(start: number, end: number, protection: Protection): void {
    let from = start;
    let to = start;
    for (let index = this.#pieces.indexFrom(start); index < this.#pieces.items.length; index++) {
      const piece = this.#pieces.items[index]!;
      if (piece.start >= end) break;
      if (piece.start > to) {
        if (to > from) this.space.protect(from, to - from, protection);
        from = piece.start;
      }
      to = Math.min(piece.end, end);
    }
    if (to > from) this.space.protect(from, to - from, protection);
  }

  /** Shows elsewhere what is shown between two addresses. */
  move(start: number, end: number, to: number, protection: Protection): void {
    const moved = this.#pieces.take(start, end);
    if (moved.length > 0) this.space.unmap(start, end - start);
    for (const { start: from, end: until, offset, owner } of moved) {
      this.show(from - start + to, until - from, protection, offset, owner);
    }
  }

  copy(from: number, to: number, length: number): void {
    const source = this.memory.windows[Math.floor(from / WINDOW)]!;
    this.memory.faultIn(from, length);
    this.memory.write(to, source, from % WINDOW, length);
  }

  #letGo(piece: Piece): void {
    if (piece.owner === 'file') return;
    if (!this.#retire(() => this.#free(piece))) this.#free(piece);
  }

  #free({ start, end, offset, owner }: Piece): void {
    if (owner === 'own') this.memory.free(offset, end - start);
    else this.text!.release(offset, end - start);
  }
}

/** Does an extent follow a piece's pages, in the same window? */
function continues(piece: Piece, offset: number): boolean {
  return offset === piece.offset + piece.end - piece.start && offset % WINDOW !== 0;
}

function splitPiece(piece: Piece, at: number): Piece {
  const rest = { ...piece, start: at, offset: piece.offset + at - piece.start };
  piece.end = at;
  return rest;
}
