/** Descriptors of the host's files, opened when they are needed; a bounded number is kept open. */
import { close } from './host.ts';

const MOST_OPEN = 128;

/** Handles with an open descriptor, in the order of their opening. */
const opened = new Set<HostHandle>();

export class HostHandle {
  readonly #open: () => number;
  #fd = -1;

  /** @param open makes a descriptor, or answers -errno */
  constructor(open: () => number) {
    this.#open = open;
  }

  /** Valid until the next call of any handle's. @returns a descriptor or -errno */
  descriptor(): number {
    if (this.#fd >= 0) return this.#fd;
    const fd = this.#open();
    if (fd < 0) return fd;
    this.#fd = fd;
    opened.add(this);
    if (opened.size > MOST_OPEN) closeOldest(this);
    return fd;
  }

  close(): void {
    if (this.#fd < 0) return;
    opened.delete(this);
    close(this.#fd);
    this.#fd = -1;
  }
}

function closeOldest(except: HostHandle): void {
  for (const handle of opened) {
    if (handle !== except) return handle.close();
  }
}
