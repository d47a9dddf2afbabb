/** FIFOs by name: whoever opens the same inode meets at the same pipe. */
import { S_IFIFO } from '../../linux/stat.ts';
import { Fifo } from './special/fifo.ts';
import { registerOpener } from './special-files.ts';
import type { SpecialInode } from './tmpfs.ts';

export function registerFifos(): void {
  registerOpener(S_IFIFO, (inode, dentry, flags, task) => {
    const special = inode as SpecialInode;
    const fifo = (special.endpoint ??= new Fifo()) as Fifo;
    return fifo.open(flags, dentry.path, () => inode.stat(), task);
  });
}
