/** Who may do what with a file (path_resolution(7), "Permissions"; capabilities(7)). */
import { EACCES, EPERM, EROFS } from '../../linux/errno.ts';
import { S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK, S_ISVTX } from '../../linux/stat.ts';
import { inGroup, type Credentials } from '../tasks/credentials.ts';
import type { Inode } from './inode.ts';

export const MAY_READ = 4;
export const MAY_WRITE = 2;
export const MAY_EXECUTE = 1;

function isDevice(type: number): boolean {
  return type === S_IFCHR || type === S_IFBLK || type === S_IFIFO || type === S_IFSOCK;
}

/** @param mask of MAY_READ, MAY_WRITE and MAY_EXECUTE (search, for a directory). @returns 0, -EACCES or -EROFS */
export function permission(inode: Inode, credentials: Credentials, mask: number): number {
  if (mask & MAY_WRITE && inode.superblock.readOnly && !isDevice(inode.type)) return -EROFS;
  const { mode, uid, gid } = inode.status;
  if (credentials.fsuid === 0) {
    // Root may do all but execute what nobody may execute.
    return mask & MAY_EXECUTE && !inode.isDirectory && (mode & 0o111) === 0 ? -EACCES : 0;
  }
  const shift = credentials.fsuid === uid ? 6 : inGroup(credentials, gid) ? 3 : 0;
  return ((mode >> shift) & mask) === mask ? 0 : -EACCES;
}

/** May the owner's things be done: chmod, utimensat? */
export function isOwner(inode: Inode, credentials: Credentials): boolean {
  return credentials.fsuid === 0 || credentials.fsuid === inode.status.uid;
}

/** May `child` lose its name in `directory`? */
export function mayRemove(directory: Inode, child: Inode, credentials: Credentials): number {
  const error = permission(directory, credentials, MAY_WRITE | MAY_EXECUTE);
  if (error < 0) return error;
  if (!(directory.status.mode & S_ISVTX) || isOwner(child, credentials)) return 0;
  return credentials.fsuid === directory.status.uid ? 0 : -EPERM;
}
