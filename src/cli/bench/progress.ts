/** One line that is written over and over, on a terminal only. */
import type { WriteStream } from 'node:tty';

/** Milliseconds: a faster eye there is not, and writing disturbs what is measured. */
const INTERVAL = 100;
const BAR = 20;

export interface Progress {
  show(done: number, total: number, what: string): void;
  clear(): void;
}

export function progressLine(stream: Pick<WriteStream, 'isTTY' | 'write'>): Progress {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  const began = performance.now();
  let last = -INTERVAL;
  return {
    show(done, total, what) {
      const now = performance.now();
      if (now - last < INTERVAL) return;
      last = now;
      const filled = Math.round((done / total) * BAR);
      const left = done > 0 ? `, ${Math.ceil((((now - began) / done) * (total - done)) / 1000)} s left` : '';
      stream.write(`\r[${'#'.repeat(filled).padEnd(BAR)}] ${what}${left}\x1b[K`);
    },
    clear: () => void stream.write('\r\x1b[K'),
  };
}
