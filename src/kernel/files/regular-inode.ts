/** What every regular file can do, wherever its bytes come from. */
import { EFBIG } from '../../linux/errno.ts';
import { O_TRUNC } from '../../linux/open-flags.ts';
import { S_ISGID, S_ISUID } from '../../linux/stat.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import { Inode } from './inode.ts';
import type { FileLocks } from './locks.ts';
import type { FilePages } from './pages.ts';
import { RegularFile } from './regular-file.ts';
import { setNow, type Stat } from './stat.ts';

/** s_maxbytes: what ext4 allows, and far below where doubles stop being exact. */
export const LARGEST_FILE = 2 ** 44;

export abstract class RegularInode extends Inode {
  abstract readonly pages: FilePages;
  /** Locks of fcntl(2) and flock(2); made when the first is taken. */
  locks: FileLocks | undefined;
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

  read(io: IoVector, position: number): number {
    return this.pages.read(io, position);
  }

  /** Fails with EFBIG and, at the sandbox's limit, with ENOMEM. */
  write(io: IoVector, position: number): number {
    if (position + io.remaining > LARGEST_FILE) return -EFBIG;
    const written = this.pages.write(io, position);
    this.changed();
    return written;
  }

  override truncate(length: number): number {
    if (length > LARGEST_FILE) return -EFBIG;
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
