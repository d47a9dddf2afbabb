/** Keeping descriptions open while a call waits for them or a message carries them: their descriptors may be closed meanwhile. */
import type { FileDescription } from '../description.ts';

/**
 * Releasing one may let go of others (a socket with descriptors under way in it, with descriptors under way in those …):
 * they go one after the other, because a guest can make such a chain longer than any stack.
 */
const leaving: FileDescription[] = [];
let busy = false;

export function hold(descriptions: Iterable<FileDescription>): void {
  for (const description of descriptions) description.references++;
}

export function letGo(descriptions: Iterable<FileDescription>): void {
  for (const description of descriptions) if (--description.references === 0) leaving.push(description);
  if (busy) return;
  busy = true;
  for (let next = leaving.pop(); next; next = leaving.pop()) next.release();
  busy = false;
}
