/** Areas of a guest's address space (Linux: struct vm_area_struct): what may be done there, and what it shows. */
import type { Protection } from '../../platform/platform.ts';
import type { FileMemory } from './file-memory.ts';
import type { Range } from './range-list.ts';

/** A file as mappings know it; the rest is for /proc/PID/maps. */
export interface MappedFile {
  readonly memory: FileMemory;
  readonly name: string;
  readonly device: number;
  readonly inode: number;
}

export interface Vma extends Range {
  protection: Protection;
  /** What mprotect(2) may set: a shared mapping of a file that is not open for writing stays read-only. */
  allowed: Protection;
  /** MAP_SHARED, or MAP_PRIVATE. */
  shared: boolean;
  /** Absent: anonymous memory. An area holds its file's pages. */
  file: MappedFile | undefined;
  /** Position in the file at `start`. */
  fileOffset: number;
  /** DONT_FORK, WIPE_ON_FORK. */
  flags: number;
  /** `[heap]`, `[stack]`, `[vdso]`, or nothing. */
  name: string;
}

export const DONT_FORK = 1;
export const WIPE_ON_FORK = 2;

export function splitVma(vma: Vma, at: number): Vma {
  vma.file?.memory.acquire();
  const fileOffset = vma.file ? vma.fileOffset + at - vma.start : 0;
  const rest = { ...vma, start: at, fileOffset };
  vma.end = at;
  return rest;
}

/** Can two areas, one where the other ends, be one? */
export function mergeable(low: Vma, high: Vma): boolean {
  return (
    low.end === high.start &&
    low.protection === high.protection &&
    low.allowed === high.allowed &&
    low.shared === high.shared &&
    low.flags === high.flags &&
    low.name === high.name &&
    low.file?.memory === high.file?.memory &&
    (!low.file || low.fileOffset + low.end - low.start === high.fileOffset)
  );
}
