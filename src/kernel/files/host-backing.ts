/** Pages from a file of the host. */
import { EIO } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import { read } from './host.ts';
import type { HostHandle } from './host-handle.ts';
import type { Backing } from './pages.ts';
import type { Stat } from './stat.ts';

export class HostBacking implements Backing {
  length: number;
  readonly identity: string | undefined;
  readonly #handle: HostHandle;

  /** @param lasting the content is taken not to change, so that it can be named */
  constructor(handle: HostHandle, status: Stat, lasting: boolean) {
    this.#handle = handle;
    this.length = status.size;
    const { dev, ino, mtime } = status;
    this.identity = lasting
      ? `${dev}:${ino}:${mtime.seconds}.${mtime.nanoseconds}:${status.size}`
      : undefined;
  }

  /** Can it be read? Open fails where the host refuses, not the first read. @returns 0 or -errno */
  prepare(): number {
    return Math.min(0, this.#handle.descriptor());
  }

  fill(buffer: Buffer, start: number, length: number, position: number): void {
    const fd = this.#handle.descriptor();
    if (fd < 0) return fail(-fd);
    if (read(fd, buffer, start, length, position) < 0) fail(EIO);
    // Mostly the last block has been read, and the descriptor is of no more use.
    if (position + length >= this.length) this.#handle.close();
  }
}
