/** open(2), from the path to the description. */
import {
  EACCES,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
} from '../../linux/errno.ts';
import * as O from '../../linux/open-flags.ts';
import { S_IFREG } from '../../linux/stat.ts';
import type { Task } from '../tasks/task.ts';
import { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import { makeName, newFile } from './names.ts';
import { child, followLast, lookup, lookupParent, newLastName } from './path.ts';
import { PathFile } from './path-file.ts';
import { isOwner, MAY_READ, MAY_WRITE, permission } from './permissions.ts';

export type Opened = FileDescription | number | Promise<FileDescription | number>;

/** What a description keeps of the flags that it was opened with (fcntl(2), F_GETFL). */
const NOT_KEPT = O.O_CREAT | O.O_EXCL | O.O_NOCTTY | O.O_TRUNC | O.O_CLOEXEC;

/** @param start where a relative path begins. @returns a description that no descriptor refers to yet, or -errno */
export function openPath(task: Task, start: Dentry, path: string, flags: number, mode: number): Opened {
  if (flags & O.O_PATH) return openAsPath(task, start, path, flags);
  if ((flags & O.O_TMPFILE) === O.O_TMPFILE) return openUnnamed(task, start, path, flags, mode);
  if (flags & O.O_CREAT) return openOrCreate(task, start, path, flags, mode);
  const found = lookup(task, start, path, !(flags & O.O_NOFOLLOW));
  return typeof found === 'number' ? found : openDentry(task, found, flags);
}

/** Opens a file that is there, if `task` may. */
export function openDentry(task: Task, dentry: Dentry, flags: number): Opened {
  const inode = dentry.inode!;
  if (inode.isSymlink) return -ELOOP;
  const writes = (flags & O.O_ACCMODE) !== O.O_RDONLY;
  if (inode.isDirectory) {
    if (writes || flags & O.O_CREAT) return -EISDIR;
  } else if (flags & O.O_DIRECTORY) return -ENOTDIR;
  const reads = (flags & O.O_ACCMODE) !== O.O_WRONLY;
  const wanted = (reads ? MAY_READ : 0) | (writes || flags & O.O_TRUNC ? MAY_WRITE : 0);
  const error = permission(inode, task.credentials, wanted);
  if (error < 0) return error;
  if (flags & O.O_NOATIME && !isOwner(inode, task.credentials)) return -EPERM;
  return inode.open(dentry, inode.isRegular ? flags & ~(NOT_KEPT & ~O.O_TRUNC) : flags & ~NOT_KEPT, task);
}

function openAsPath(task: Task, start: Dentry, path: string, flags: number): Opened {
  const found = lookup(task, start, path, !(flags & O.O_NOFOLLOW));
  if (typeof found === 'number') return found;
  if (flags & O.O_DIRECTORY && !found.inode!.isDirectory) return -ENOTDIR;
  return new PathFile(found, flags & (O.O_PATH | O.O_DIRECTORY | O.O_NOFOLLOW));
}

function openOrCreate(task: Task, start: Dentry, path: string, flags: number, mode: number): Opened {
  if (flags & O.O_DIRECTORY) return -EINVAL;
  const last = newLastName(task);
  let error: Dentry | number = lookupParent(task, start, path, last);
  for (;;) {
    if (typeof error !== 'number') return openDentry(task, error, flags);
    if (error < 0) return error;
    if (last.name === '' || last.slash) return -EISDIR;
    const found = child(last.directory, last.name, task);
    if (typeof found === 'number') {
      if (found !== -ENOENT) return found;
      return createAndOpen(task, last, flags, mode);
    }
    if (flags & O.O_EXCL) return -EEXIST;
    if (!found.inode!.isSymlink) return openExisting(task, last.directory, found, flags);
    if (flags & O.O_NOFOLLOW) return -ELOOP;
    error = followLast(task, found, last);
  }
}

/** Others' files in /tmp are not opened by accident (proc(5), fs.protected_regular). */
function openExisting(task: Task, directory: Dentry, found: Dentry, flags: number): Opened {
  const sticky = (directory.inode!.status.mode & 0o1002) === 0o1002;
  const { uid } = found.inode!.status;
  const stranger = uid !== task.credentials.fsuid && uid !== directory.inode!.status.uid;
  if (sticky && stranger && found.inode!.isRegular) return -EACCES;
  return openDentry(task, found, flags);
}

/** Whoever makes a file may open it as he likes, whatever its permissions say. */
function createAndOpen(
  task: Task,
  last: ReturnType<typeof newLastName>,
  flags: number,
  mode: number,
): Opened {
  const made = makeName(task, last, (directory, name) =>
    directory.create(name, newFile(task, directory, S_IFREG | (mode & 0o7777))),
  );
  if (typeof made === 'number') return made;
  return made.inode!.open(made, flags & ~NOT_KEPT, task);
}

/** O_TMPFILE: a file without a name. */
function openUnnamed(task: Task, start: Dentry, path: string, flags: number, mode: number): Opened {
  if ((flags & O.O_ACCMODE) === O.O_RDONLY) return -EINVAL;
  const found = lookup(task, start, path, true);
  if (typeof found === 'number') return found;
  const directory = found.inode!;
  if (!directory.isDirectory) return -ENOTDIR;
  const error = permission(directory, task.credentials, MAY_WRITE);
  if (error < 0) return error;
  if (directory.superblock.revalidates) return -EOPNOTSUPP;
  const inode = directory.create('', newFile(task, directory, S_IFREG | (mode & 0o7777)));
  if (typeof inode === 'number') return inode;
  inode.status.nlink = 0;
  const dentry = new Dentry(`#${inode.status.ino}`, found, inode);
  dentry.unlinked = true;
  return inode.open(dentry, flags & ~NOT_KEPT, task);
}
