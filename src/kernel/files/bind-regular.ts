/**
 * A regular file shared with the host. Its pages are kept as those of any file, so that it can be mapped; a write goes to
 * the host first and then into the pages that are there.
 */
import { constants, fsync, ftruncateSync, writeSync } from 'node:fs';
import { EFBIG, EOPNOTSUPP, EROFS } from '../../linux/errno.ts';
import { O_ACCMODE } from '../../linux/open-flags.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import type { IoVector } from '../memory/io-vector.ts';
import { changeOnHost, type Place, type Placed } from './bind-place.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import * as host from './host.ts';
import { HostBacking } from './host-backing.ts';
import { HostHandle } from './host-handle.ts';
import type { Attributes } from './inode.ts';
import type { PageBudget } from './page-budget.ts';
import { FilePages } from './pages.ts';
import { LARGEST_FILE, RegularInode } from './regular-inode.ts';
import type { Stat } from './stat.ts';
import type { Superblock } from './superblock.ts';
import { WriteBackMemory } from './write-back.ts';

const { O_RDONLY, O_RDWR } = constants;

export class BindRegular extends RegularInode implements Placed {
  readonly pages: FilePages;
  readonly #reader: HostHandle;
  readonly #writer: HostHandle;
  readonly #writeBack: WriteBackMemory;
  #place: Place;
  /** We have written since the host's status was read: a new time of change is then ours. */
  #wrote = false;
  /** Its last name is gone: the pages are all that there is. */
  #kept = false;

  constructor(superblock: Superblock, status: Stat, place: Place, budget: PageBudget) {
    super(superblock, status);
    this.#place = place;
    this.#reader = new HostHandle(() => host.open(this.path(), O_RDONLY));
    this.#writer = new HostHandle(() => host.open(this.path(), O_RDWR));
    const backing = new HostBacking(this.#reader, status, false);
    this.pages = new FilePages(superblock.memory, backing, budget);
    this.#writeBack = new WriteBackMemory(this.pages, this.#reader, this.#writer);
  }

  /** For one call of the host's. */
  path(): string {
    return this.#place.path();
  }

  /** The host has been asked again: has somebody else changed the content? */
  refresh(status: Stat, place: Place): void {
    this.#place = place;
    const { size, mtime } = this.status;
    const same = status.mtime.seconds === mtime.seconds && status.mtime.nanoseconds === mtime.nanoseconds;
    const ours = this.#wrote && status.size === this.pages.size;
    if (!(same && status.size === size) && !ours && !this.#kept) {
      this.#reader.close();
      this.pages.reload(new HostBacking(this.#reader, status, false));
    }
    this.#wrote = false;
    Object.assign(this.status, status, { dev: this.superblock.device });
  }

  #look(): void {
    if (this.#kept) return;
    const status = host.lstat(this.path());
    if (typeof status !== 'number' && status.ino === this.status.ino) this.refresh(status, this.#place);
  }

  override stat(): Stat {
    this.#look();
    return super.stat();
  }

  override open(dentry: Dentry, flags: number): FileDescription | number {
    const writes = (flags & O_ACCMODE) !== O_RDONLY;
    if (writes && this.superblock.readOnly) return -EROFS;
    const fd = (writes ? this.#writer : this.#reader).descriptor();
    if (fd < 0) return fd;
    return super.open(dentry, flags);
  }

  override read(io: IoVector, position: number): number {
    // At the end of what we know there may be more by now.
    if (position + io.remaining > this.pages.size) this.#look();
    return this.pages.read(io, position);
  }

  override write(io: IoVector, position: number): number {
    if (this.#kept) return super.write(io, position);
    if (position + io.remaining > LARGEST_FILE) return -EFBIG;
    const fd = this.#writer.descriptor();
    if (fd < 0) return fd;
    let done = 0;
    try {
      while (io.remaining > 0) {
        const { buffer, start, length } = io.stretch();
        const count = writeSync(fd, buffer, start, length, position + done);
        this.pages.writeThrough(buffer, start, count, position + done);
        io.advance(count);
        done += count;
      }
    } catch (error) {
      if (!(error instanceof Error) || !('errno' in error)) throw error;
      if (done === 0) return host.errnoOf(error);
    }
    this.#wrote = true;
    this.changed();
    return done;
  }

  override truncate(length: number): number {
    if (this.#kept) return super.truncate(length);
    if (length > LARGEST_FILE) return -EFBIG;
    const fd = this.#writer.descriptor();
    if (fd < 0) return fd;
    try {
      ftruncateSync(fd, length);
    } catch (error) {
      return host.errnoOf(error);
    }
    this.pages.resized(length);
    this.#wrote = true;
    this.changed();
    return 0;
  }

  /** Holes are zeros like any others to the host. */
  override allocate(position: number, length: number, keepSize: boolean, zero: boolean): number {
    if (this.#kept) return super.allocate(position, length, keepSize, zero);
    if (zero) return -EOPNOTSUPP;
    const end = position + length;
    return keepSize || end <= this.pages.size ? 0 : this.truncate(end);
  }

  override mapped(writable: boolean): FileMemory {
    return writable ? this.#writeBack : this.pages;
  }

  override sync(): number | Promise<number> {
    this.#writeBack.flush();
    const fd = this.#writer.descriptor();
    if (fd < 0) return 0;
    return new Promise((resolve) => {
      fsync(fd, (error) => resolve(error ? host.errnoOf(error) : 0));
    });
  }

  /** The name is about to go: descriptions that are open keep the content. */
  keep(): void {
    if (this.status.nlink > 1 || this.users === 0) return;
    this.pages.keepAll();
    this.#kept = true;
  }

  override setAttributes(attributes: Attributes): number {
    const error = changeOnHost(this.path(), this.status, attributes);
    this.#look();
    return error;
  }

  override discard(): boolean {
    const clean = this.users === 0 && this.pages.evictable;
    if (clean) this.free();
    return clean;
  }

  protected override free(): void {
    this.#reader.close();
    this.#writer.close();
    super.free();
  }

  override forgetIfUnused(): void {
    if (this.users === 0) this.#writer.close();
    super.forgetIfUnused();
  }
}
