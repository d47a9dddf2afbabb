/** Moves bytes between buffers without making an object for it where that can be had. */

/** From so few bytes on, a loop costs less than a call. */
const FEW = 16;

/**
 * Buffers of a memory file's windows are mostly one and the same, and copyWithin then needs no view: a subarray costs as
 * much as copying a page.
 */
export function copyBytes(
  from: Buffer,
  fromStart: number,
  to: Buffer,
  toStart: number,
  length: number,
): void {
  if (length <= FEW) {
    for (let i = 0; i < length; i++) to[toStart + i] = from[fromStart + i]!;
  } else if (from === to) {
    to.copyWithin(toStart, fromStart, fromStart + length);
  } else {
    to.set(from.subarray(fromStart, fromStart + length), toStart);
  }
}
