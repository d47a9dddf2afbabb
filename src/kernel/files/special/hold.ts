/** Keeping descriptions open while a call waits for them: another thread may close their descriptors meanwhile. */
import type { FileDescription } from '../description.ts';

export function hold(descriptions: Iterable<FileDescription>): void {
  for (const description of descriptions) description.references++;
}

export function letGo(descriptions: Iterable<FileDescription>): void {
  for (const description of descriptions) if (--description.references === 0) description.release();
}
