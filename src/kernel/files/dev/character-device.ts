/** Devices of /dev that are nothing but code (null(4), random(4), full(4)). */
import { randomFillSync } from 'node:crypto';
import { EINVAL, ENOSPC } from '../../../linux/errno.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Dentry } from '../dentry.ts';
import { FileDescription } from '../description.ts';
import type { Stat } from '../stat.ts';

/** What a device does with bytes; @returns how many it moved, or -errno. */
export interface Device {
  minor: number;
  read(io: IoVector): number;
  write(io: IoVector): number;
}

/** Takes everything, without looking at it. */
function swallow(io: IoVector): number {
  const count = io.remaining;
  io.advance(count);
  return count;
}

/** Fills what is asked for, piece by piece. */
function fillWith(io: IoVector, fill: (buffer: Buffer, start: number, length: number) => void): number {
  const before = io.moved;
  while (io.remaining > 0) {
    const { buffer, start, length } = io.stretch();
    fill(buffer, start, length);
    io.advance(length);
  }
  return io.moved - before;
}

const zeros = (io: IoVector) =>
  fillWith(io, (buffer, start, length) => buffer.fill(0, start, start + length));
const random = (io: IoVector) =>
  fillWith(io, (buffer, start, length) => randomFillSync(buffer, start, length));

/** All of major number 1 (Documentation/admin-guide/devices.txt). */
export const DEVICES: Readonly<Record<string, Device>> = {
  null: { minor: 3, read: () => 0, write: swallow },
  zero: { minor: 5, read: zeros, write: swallow },
  full: { minor: 7, read: zeros, write: () => -ENOSPC },
  random: { minor: 8, read: random, write: swallow },
  urandom: { minor: 9, read: random, write: swallow },
};

export class CharacterDevice extends FileDescription {
  override readonly dentry: Dentry;
  readonly #device: Device;

  constructor(device: Device, dentry: Dentry, flags: number) {
    super(flags);
    this.dentry = dentry;
    this.#device = device;
  }

  get name(): string {
    return this.dentry.path;
  }

  stat(): Stat {
    return this.dentry.inode!.stat();
  }

  override read(io: IoVector): number {
    return this.#device.read(io);
  }

  override write(io: IoVector): number {
    return this.#device.write(io);
  }

  override readAt(io: IoVector): number {
    return this.#device.read(io);
  }

  override writeAt(io: IoVector): number {
    return this.#device.write(io);
  }

  override seek(offset: number, whence: number): number {
    return whence > 2 || offset < 0 ? -EINVAL : 0;
  }
}
