/** Pages from a file of the host. Descriptors are opened when bytes are needed, and a bounded number is kept open. */
import { closeSync, constants, readSync } from 'node:fs';
import { EIO } from '../../linux/errno.ts';
import { fail } from '../failure.ts';
import { open } from './host.ts';
import type { Backing } from './pages.ts';
import type { Stat } from './stat.ts';

const MOST_OPEN = 64;

/** The descriptors that are open, in the order of their last opening. */
const opened = new Map<HostBacking, number>();

export class HostBacking implements Backing {
  length: number;
  readonly identity: string | undefined;
  readonly #path: string;

  /** @param lasting the content is taken not to change, so that it can be named */
  constructor(path: string, status: Stat, lasting: boolean) {
    this.#path = path;
    this.length = status.size;
    const { dev, ino, mtime } = status;
    this.identity = lasting
      ? `${dev}:${ino}:${mtime.seconds}.${mtime.nanoseconds}:${status.size}`
      : undefined;
  }

  /** Can it be read? Open fails where the host refuses, not the first read. @returns 0 or -errno */
  prepare(): number {
    return Math.min(0, this.#descriptor());
  }

  fill(buffer: Buffer, start: number, length: number, position: number): void {
    const fd = this.#descriptor();
    if (fd < 0) return fail(-fd);
    let done = 0;
    try {
      while (done < length) {
        const count = readSync(fd, buffer, start + done, length - done, position + done);
        if (count === 0) break;
        done += count;
      }
    } catch {
      fail(EIO);
    }
    if (position + length >= this.length) this.close();
  }

  /** Usually the last block has been read, and the descriptor is of no more use. */
  close(): void {
    const fd = opened.get(this);
    if (fd === undefined) return;
    opened.delete(this);
    closeSync(fd);
  }

  #descriptor(): number {
    const known = opened.get(this);
    if (known !== undefined) return known;
    if (opened.size >= MOST_OPEN) opened.keys().next().value?.close();
    const fd = open(this.#path, constants.O_RDONLY);
    if (fd >= 0) opened.set(this, fd);
    return fd;
  }
}
