/** What becomes of a guest's access that the host refused. */
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR } from '../../linux/mman.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { OutOfMemory } from '../../platform/out-of-memory.ts';
import { permits, type GuestMemory } from './guest-memory.ts';
import { populateAt } from './population.ts';

export interface FaultSignal {
  /** SIGSEGV, SIGBUS; SIGKILL when the sandbox has no memory left. */
  signal: number;
  /** si_code (sigaction(2)). */
  code: number;
}

/** @returns undefined when the access can be tried again */
export function fault(
  mm: GuestMemory,
  address: number,
  write: boolean,
  execute: boolean,
): FaultSignal | undefined {
  const vma = mm.areas.at(address);
  if (!vma) return { signal: SIGNALS.SIGSEGV, code: SEGV_MAPERR };
  if (!permits(vma.protection, write, execute)) return { signal: SIGNALS.SIGSEGV, code: SEGV_ACCERR };
  const piece = mm.pages.at(address);
  if (piece) {
    // Another thread's call has changed it since. If not, the host has no memory for the page, and nothing helps.
    if (mm.refusedAgain(address)) return { signal: SIGNALS.SIGBUS, code: BUS_ADRERR };
    const start = Math.max(piece.start, vma.start);
    const length = Math.min(piece.end, vma.end) - start;
    mm.space.map(start, length, vma.protection, piece.offset + start - piece.start);
    return undefined;
  }
  try {
    if (populateAt(mm.pages, vma, address)) return undefined;
    return { signal: SIGNALS.SIGBUS, code: BUS_ADRERR };
  } catch (error) {
    if (error instanceof OutOfMemory) return { signal: SIGNALS.SIGKILL, code: 0 };
    throw error;
  }
}
