/**
 * A copy of an address space for fork(2). Private pages that exist are copied at once: for the hundreds that a shell has
 * this is cheaper than the faults of copy-on-write. Pages of files and shared ones are shown as they are.
 */
import { PROT_NONE } from '../../linux/mman.ts';
import { PAGE } from '../../platform/memory-file.ts';
import type { AddressSpace, Protection } from '../../platform/platform.ts';
import { GuestMemory, outOfMemory } from './guest-memory.ts';
import type { Piece } from './pages.ts';
import { populateAhead } from './population.ts';
import { DONT_FORK, WIPE_ON_FORK, type Vma } from './vma.ts';

/** Up to so many bytes it costs more to ask which pages exist than to copy them all. */
const NOT_ASKED = 16 * PAGE;

/** Copies that touch share an extent of at most so many bytes, and with it calls of the host. */
const LARGEST_RUN = 32 * 2 ** 20;

/** @returns the copy in `space`, or -ENOMEM: then nothing of it is left, and the caller releases the space */
export function fork(parent: GuestMemory, space: AddressSpace): GuestMemory | number {
  const child = new GuestMemory(parent.memory, space, parent.pages.text);
  child.limit = parent.limit;
  child.heapStart = parent.heapStart;
  child.heapEnd = parent.heapEnd;
  const copier = new Copier(child);
  try {
    for (const vma of parent.areas.items) {
      if (vma.flags & DONT_FORK) continue;
      const copy = addArea(child, vma);
      if (vma.flags & WIPE_ON_FORK) populateAhead(child.pages, copy, copy.start, copy.end);
      else
        parent.pages.eachPart(vma.start, vma.end, (piece, start, end) => copier.add(vma, piece, start, end));
    }
    copier.finish();
    return child;
  } catch (error) {
    child.release();
    return outOfMemory(error);
  }
}

function addArea(child: GuestMemory, vma: Vma): Vma {
  const copy = { ...vma };
  vma.file?.memory.acquire();
  child.areas.items.push(copy);
  child.areas.mapped += vma.end - vma.start;
  return copy;
}

/** A part of one of the parent's pieces, in one area. */
interface Part {
  start: number;
  end: number;
  offset: number;
  protection: Protection;
}

/** Gets the parent's parts in ascending order; gathers those that touch and must be copied. */
class Copier {
  readonly #child: GuestMemory;
  #run: Part[] = [];
  /** The call of the host that is not made yet, because the next may be part of it. */
  readonly #pending: Part = { start: 0, end: 0, offset: 0, protection: PROT_NONE };

  constructor(child: GuestMemory) {
    this.#child = child;
  }

  add(vma: Vma, piece: Piece, start: number, end: number): void {
    const offset = piece.offset + start - piece.start;
    const part = { start, end, offset, protection: vma.protection };
    if (piece.owner === 'own') {
      const sparse = !vma.file && this.#child.memory.overcommits(end - start);
      return sparse ? this.#gatherTouched(part) : this.#gather(part);
    }
    this.#copyRun();
    if (piece.owner === 'text') this.#child.pages.text!.acquire(offset, end - start);
    this.#child.pages.add(start, end - start, offset, piece.owner);
    this.#show(part);
  }

  finish(): void {
    this.#copyRun();
    this.#flush();
  }

  #gather(part: Part): void {
    const first = this.#run[0];
    const touches = first && this.#run[this.#run.length - 1]!.end === part.start;
    if (!touches || part.end - first.start > LARGEST_RUN) this.#copyRun();
    this.#run.push(part);
  }

  /** Near the sandbox's limit the child gets only what exists; the rest is zeros, when it is touched. */
  #gatherTouched({ start, end, offset, protection }: Part): void {
    const populated = this.#child.memory.populated(offset, end - start);
    for (let index = 0; index < populated.length; index += 2) {
      const from = start + populated[index]! - offset;
      this.#gather({ start: from, end: from + populated[index + 1]!, offset: populated[index]!, protection });
    }
  }

  #copyRun(): void {
    const run = this.#run;
    if (run.length === 0) return;
    this.#run = [];
    const { memory, pages } = this.#child;
    const { start } = run[0]!;
    const length = run[run.length - 1]!.end - start;
    const existing: number[] = [];
    for (const part of run) this.#addExisting(existing, part, start);
    const target = memory.allocate(length, existing);
    pages.add(start, length, target, 'own');
    let index = 0;
    for (const part of run) {
      const { offset } = part;
      const relative = part.start - start;
      for (; index < existing.length && existing[index]! < part.end - start; index += 2) {
        const at = existing[index]!;
        pages.copy(offset + at - relative, target + at, existing[index + 1]!);
      }
      part.offset = target + relative;
      this.#show(part);
    }
  }

  /** Appends where pages of a part exist, relative to the run's start. */
  #addExisting(existing: number[], part: Part, start: number): void {
    const length = part.end - part.start;
    const relative = part.start - start;
    if (length <= NOT_ASKED) {
      existing.push(relative, length);
      return;
    }
    const populated = this.#child.memory.populated(part.offset, length);
    for (let index = 0; index < populated.length; index += 2) {
      existing.push(populated[index]! - part.offset + relative, populated[index + 1]!);
    }
  }

  #show({ start, end, offset, protection }: Part): void {
    const pending = this.#pending;
    const follows = start === pending.end && protection === pending.protection;
    if (!follows || offset !== pending.offset + pending.end - pending.start) {
      this.#flush();
      pending.start = start;
      pending.offset = offset;
      pending.protection = protection;
    }
    pending.end = end;
  }

  #flush(): void {
    const { start, end, offset, protection } = this.#pending;
    if (end > start) this.#child.space.map(start, end - start, protection, offset);
  }
}
