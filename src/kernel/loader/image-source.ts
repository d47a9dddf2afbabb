/** Where the loader gets programs from: the files room opens them, and has looked whether they may be executed. */
import { WINDOW, type MemoryFile } from '../../platform/memory-file.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import type { MappedFile } from '../memory/vma.ts';

export interface ImageSource {
  /**
   * A regular file that the task may execute, by a path as the task sees it; or -errno (EACCES, ENOENT, ELOOP, …).
   * The loader lets it go with `close`; mappings hold its pages by themselves.
   */
  open(path: string): MappedFile | number;
  close(file: MappedFile): void;
}

/** A copy of a file's bytes, shorter at its end. */
export function readFile(memory: MemoryFile, file: FileMemory, position: number, length: number): Buffer {
  const wanted = Math.max(0, Math.min(length, file.size - position));
  const bytes = Buffer.alloc(wanted);
  let done = 0;
  while (done < wanted) {
    const skip = (position + done) % 4096;
    const extent = file.extent(position + done - skip, wanted - done + skip);
    const part = Math.min(extent.length - skip, wanted - done);
    if (part <= 0) return bytes.subarray(0, done);
    const start = (extent.offset % WINDOW) + skip;
    memory.windows[Math.floor(extent.offset / WINDOW)]!.copy(bytes, done, start, start + part);
    done += part;
  }
  return bytes;
}
