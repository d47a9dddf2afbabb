/** A descriptor opened with O_PATH: it names a file and can do nothing with it (open(2)). */
import { EBADF } from '../../linux/errno.ts';
import type { Dentry } from './dentry.ts';
import { FileDescription } from './description.ts';
import type { Stat } from './stat.ts';

export class PathFile extends FileDescription {
  override readonly dentry: Dentry;

  constructor(dentry: Dentry, flags: number) {
    super(flags);
    this.dentry = dentry;
    dentry.inode!.users++;
  }

  get name(): string {
    return this.dentry.path;
  }

  override get readable(): boolean {
    return false;
  }

  override get writable(): boolean {
    return false;
  }

  stat(): Stat {
    return this.dentry.inode!.stat();
  }

  override seek(): number {
    return -EBADF;
  }

  override ioctl(): number {
    return -EBADF;
  }

  override sync(): number {
    return -EBADF;
  }

  override truncate(): number {
    return -EBADF;
  }

  override memory(): number {
    return -EBADF;
  }

  override release(): void {
    this.dentry.inode!.users--;
    this.dentry.inode!.forgetIfUnused();
  }
}
