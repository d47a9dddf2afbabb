/** What every regular file can do, wherever its bytes come from. */
import { EFBIG, EPERM } from '../../linux/errno.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE } from '../../linux/fcntl.ts';
import { O_TRUNC } from '../../linux/open-flags.ts';
import { S_ISGID, S_ISUID } from '../../linux/stat.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import { Inode } from './inode.ts';
import type { FilePages } from './pages.ts';
import { RegularFile } from './regular-file.ts';
import { setNow, type Stat } from './stat.ts';

/** s_maxbytes: what ext4 allows, and far below where doubles stop being exact. */
export const LARGEST_FILE = 2 ** 44;

export abstract class RegularInode extends Inode {
  abstract readonly pages: FilePages;
  /** Seals of a memfd (fcntl(2), F_ADD_SEALS); undefined: it cannot have any. */
  seals: number | undefined;

  override stat(): Stat {
    this.status.size = this.pages.size;
    return this.status;
  }

  override open(dentry: Dentry, flags: number): FileDescription | number {
    if (flags & O_TRUNC) {
      const error = this.truncate(0);
      if (error < 0) return error;
    }
    return new RegularFile(dentry, this, flags);
  }

  /** What a mapping shows. @param writable by a description that may write */
  mapped(_writable: boolean): FileMemory {
    return this.pages;
  }

  /** fsync(2). */
  sync(): number | Promise<number> {
    return 0;
  }

  read(io: IoVector, position: number): number {
    return this.pages.read(io, position);
  }

  /** Fails with EFBIG and, at the sandbox's limit, with ENOMEM. */
  write(io: IoVector, position: number): number {
    const end = position + io.remaining;
    if (end > LARGEST_FILE) return -EFBIG;
    if (this.seals && this.#sealed(end)) return -EPERM;
    const written = this.pages.write(io, position);
    this.changed();
    return written;
  }

  /** Do the seals forbid a write that reaches to `end`? */
  #sealed(end: number): boolean {
    if (this.seals! & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return true;
    return (this.seals! & F_SEAL_GROW) !== 0 && end > this.pages.size;
  }

  /** fallocate(2). @param keepSize the length stays as it is @param zero the bytes become zero */
  allocate(position: number, length: number, keepSize: boolean, zero: boolean): number {
    const end = position + length;
    if (end > LARGEST_FILE) return -EFBIG;
    if (this.seals && this.#sealed(keepSize ? 0 : end)) return -EPERM;
    const { pages } = this;
    if (zero && position < pages.size) pages.zero(position, Math.min(length, pages.size - position));
    if (!keepSize && end > pages.size) pages.truncate(end);
    this.changed();
    return 0;
  }

  override truncate(length: number): number {
    if (length > LARGEST_FILE) return -EFBIG;
    if (this.seals) {
      if (this.seals & F_SEAL_SHRINK && length < this.pages.size) return -EPERM;
      if (this.seals & F_SEAL_GROW && length > this.pages.size) return -EPERM;
    }
    this.pages.truncate(length);
    this.changed();
    return 0;
  }

  /** Sets the times, and takes set-user-ID away (write(2)). */
  changed(): void {
    const { status } = this;
    setNow(status.mtime);
    setNow(status.ctime);
    if (status.mode & (S_ISUID | S_ISGID)) status.mode &= ~(S_ISUID | S_ISGID);
  }

  protected override free(): void {
    this.pages.free();
  }
}
