/**
 * All memory of a sandbox: one memfd, mapped into Node in windows of 1 GiB and into guests in pieces (gVisor:
 * pgalloc.MemoryFile). Copying to and from a guest is then an array access, and no system call.
 *
 * This class hands out extents. It keeps pages that were freed, because a page that exists already is cheaper to copy to
 * or to clear than a new one is to fault in; the host gets back what exceeds a bound.
 */
export const PAGE = 4096;
export const WINDOW = 2 ** 30;

export interface MemoryFile {
  /** Where in the windows a byte of the file is: `windows[floor(offset / WINDOW)][offset % WINDOW]`. */
  readonly windows: readonly Buffer[];
  /**
   * Whole pages that are zero, contiguous and inside one window. @param length a multiple of PAGE, at most WINDOW
   * @param overwritten pairs of start (relative to the extent, ascending) and length, page-aligned, that the caller writes
   *   at once: they hold whatever was there
   * @returns their offset. Throws OutOfMemory when the sandbox's limit would be exceeded.
   */
  allocate(length: number, overwritten?: readonly number[]): number;
  /** As `allocate`, for a caller that will overwrite every byte: the pages hold whatever was there. */
  allocateDirty(length: number): number;
  /**
   * Could more exist than the sandbox's limit, if `length` more were allocated and all of it touched? Then only what is needed at
   * once should be, so that the limit is met when pages are touched.
   */
  overcommits(length: number): boolean;
  /** Told of bytes in one window that the caller will read or write at once: cheaper than one page fault after the other. */
  faultIn(offset: number, length: number): void;
  /** Copies a page or more into one window. New pages need not be cleared for it, nor mapped. */
  write(offset: number, from: Buffer, start: number, length: number): void;
  /** Any page-aligned part of what was allocated. */
  free(offset: number, length: number): void;
  /** Makes pages zero that stay allocated, and gives large runs of them back to the host (madvise(2), MADV_DONTNEED). */
  discard(offset: number, length: number): void;
  /** Bytes between `offset` and `offset + length` that exist (were touched), as pairs of start and length (lseek(2), SEEK_DATA). */
  populated(offset: number, length: number): number[];
  /**
   * When the limit is reached, `giveUp` frees what can be had again, and says whether there was any. It is called in the middle
   * of an allocation, and must leave alone what the caller of that is using.
   */
  onShortage?(giveUp: () => boolean): void;
  /** Bytes allocated now. */
  readonly used: number;
}
