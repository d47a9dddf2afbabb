/**
 * The pages behind a mappable file, in the sandbox's memory file: one copy for read, write and every mapping, so that all
 * of them see each other's changes at once (Linux: the page cache, struct address_space).
 *
 * The bytes of a file lie in extents, each contiguous in the memory file and page-aligned in both.
 */
export interface FileExtent {
  /** Where in the memory file, bytes. */
  offset: number;
  /** How far it reaches from the position that was asked for, bytes. */
  length: number;
}

export interface FileMemory {
  /** The file's length in bytes. */
  readonly size: number;
  /**
   * The pages at `position` (a multiple of the page size), read from the host if need be, at most `length` bytes. Beyond
   * the end of the file the length is 0; the rest of the last page is zeros.
   */
  extent(position: number, length: number): FileExtent;
  /** Mappings hold the pages: they stay where they are until the last is released. */
  acquire(): void;
  release(): void;
  /** Hands what mappings have changed on to the host, where it shares the file (msync(2)). */
  flush?(): void;
  /** What names this content for caches of patched text (device, inode, change time); absent where it can change. */
  readonly identity?: string | undefined;
}
