/**
 * Who opens files that are neither regular, directory nor link: the rooms that know pipes, terminals and devices name
 * themselves here, so that file systems need not know them.
 */
import { ENXIO } from '../../linux/errno.ts';
import { S_IFBLK, S_IFCHR } from '../../linux/stat.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import type { Inode } from './inode.ts';

export type Opener = (
  inode: Inode,
  dentry: Dentry,
  flags: number,
  task: Task,
) => FileDescription | number | Promise<FileDescription | number>;

const openers = new Map<string, Opener>();

function key(type: number, device: number): string {
  return type === S_IFCHR || type === S_IFBLK ? `${type}:${device}` : `${type}`;
}

/** @param type S_IFIFO, or S_IFCHR with a device number of `makeDevice` */
export function registerOpener(type: number, opener: Opener, device = 0): void {
  openers.set(key(type, device), opener);
}

/** -ENXIO where nobody knows the file: a socket's name, a device without a driver (open(2)). */
export function openSpecial(
  inode: Inode,
  dentry: Dentry,
  flags: number,
  task: Task,
): FileDescription | number | Promise<FileDescription | number> {
  const opener = openers.get(key(inode.type, inode.status.rdev));
  return opener ? opener(inode, dentry, flags, task) : -ENXIO;
}
