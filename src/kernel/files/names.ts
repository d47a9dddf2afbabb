/** Making, removing and moving names: the checks that Linux makes in fs/namei.c, then the directory's own part, then the dentries. */
import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  EMLINK,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EXDEV,
} from '../../linux/errno.ts';
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_MOVE_SELF,
} from '../../linux/inotify.ts';
import { S_IFDIR, S_IFMT, S_ISGID } from '../../linux/stat.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import type { Inode, NewFile } from './inode.ts';
import { child, lookupParent, newLastName, startOf, type LastName } from './path.ts';
import { MAY_EXECUTE, MAY_WRITE, mayRemove, permission } from './permissions.ts';
import { moveEvent, nameEvent, selfEvent } from './special/fs-notify.ts';
import { pathsChanged } from './walk-cache.ts';

const MOST_NAMES = 65_000;

/** Owner and permissions of what `task` makes in `directory` (inode_init_owner, fs/inode.c). */
export function newFile(task: Task, directory: Inode, mode: number): NewFile {
  const { credentials } = task;
  const inherits = (directory.status.mode & S_ISGID) !== 0;
  return {
    mode: (mode & ~task.fs.umask) | (inherits && (mode & S_IFMT) === S_IFDIR ? S_ISGID : 0),
    uid: credentials.fsuid,
    gid: inherits ? directory.status.gid : credentials.fsgid,
  };
}

/** The directory and last name of a path that is to be made or removed. Fails with EBADF. */
export function lastName(task: Task, directory: number, path: string): LastName | number {
  const start = startOf(task, directory, path);
  if (typeof start === 'number') return start;
  const last = newLastName(task);
  const error = lookupParent(task, start, path, last);
  return error < 0 ? error : last;
}

/** May `task` make this name? Then `make` does, and the new dentry is returned. */
export function makeName(
  task: Task,
  last: LastName,
  make: (directory: Inode, name: string) => Inode | number,
): Dentry | number {
  const { directory, name } = last;
  if (name === '') return -EEXIST;
  const known = child(directory, name, task);
  if (typeof known !== 'number') return -EEXIST;
  if (known !== -ENOENT) return known;
  const inode = directory.inode!;
  if (inode.superblock.readOnly) return -EROFS;
  if (inode.status.nlink === 0) return -ENOENT;
  const error = permission(inode, task.credentials, MAY_WRITE | MAY_EXECUTE);
  if (error < 0) return error;
  const made = make(inode, name);
  return typeof made === 'number' ? made : place(directory, name, made);
}

/** Names a file that has just been made. */
function place(directory: Dentry, name: string, inode: Inode): Dentry {
  const absent = directory.known(name);
  if (absent) directory.drop(absent);
  nameEvent(directory.inode!, IN_CREATE, name, inode);
  const dentry = directory.add(name, inode);
  dentry.pinned = true;
  return dentry;
}

/** A name is gone; where the host would bring it back, that it is gone has to be remembered. */
function vacate(directory: Dentry, dentry: Dentry): void {
  directory.drop(dentry);
  if (directory.inode!.remembersAbsence) directory.add(dentry.name, undefined).pinned = true;
}

export function removeName(task: Task, last: LastName, wantsDirectory: boolean): number {
  const { directory, name, slash } = last;
  if (name === '') return wantsDirectory ? specialDirectory(directory) : -EISDIR;
  const dentry = child(directory, name, task);
  if (typeof dentry === 'number') return dentry;
  if (!dentry.parent) return -EBUSY;
  const inode = dentry.inode!;
  const error = directory.inode!.superblock.readOnly
    ? -EROFS
    : mayRemove(directory.inode!, inode, task.credentials);
  if (error < 0) return error;
  if (wantsDirectory) {
    if (!inode.isDirectory) return -ENOTDIR;
    const empty = isEmpty(dentry, task);
    if (empty < 0) return empty;
  } else if (inode.isDirectory) return -EISDIR;
  else if (slash) return -ENOTDIR;
  const removed = directory.inode!.remove(name, inode);
  if (removed < 0) return removed;
  dentry.unlinked = true;
  vacate(directory, dentry);
  if (inode.isDirectory || inode.isSymlink) pathsChanged();
  nameEvent(directory.inode!, IN_DELETE, name, inode);
  if (inode.isDirectory || inode.status.nlink === 0) selfEvent(inode, IN_DELETE_SELF);
  return 0;
}

/** rmdir(2) of a path that ends in `.`, `..` or `/`: what `directory` is then can only be told roughly. */
function specialDirectory(directory: Dentry): number {
  return directory.parent ? -EINVAL : -EBUSY;
}

/** 0, or -ENOTEMPTY, or -EBUSY when something is mounted below. */
function isEmpty(dentry: Dentry, task: Task): number {
  const names = dentry.inode!.list(dentry, task);
  if (typeof names === 'number') return names;
  return names.length === 0 ? 0 : -ENOTEMPTY;
}

export function linkName(task: Task, file: Dentry, last: LastName): number {
  const inode = file.inode!;
  if (inode.isDirectory) return -EPERM;
  if (inode.status.nlink >= MOST_NAMES) return -EMLINK;
  if (inode.superblock !== last.directory.inode!.superblock) return -EXDEV;
  const made = makeName(task, last, (directory, name) => {
    if (last.slash) return -ENOENT;
    const error = directory.link(name, inode);
    return error < 0 ? error : inode;
  });
  return typeof made === 'number' ? made : 0;
}

export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;

export function renameName(task: Task, from: LastName, to: LastName, flags: number): number {
  if (from.name === '' || to.name === '') return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
  const source = from.directory.inode!;
  const target = to.directory.inode!;
  if (source.superblock !== target.superblock) return -EXDEV;
  const moved = child(from.directory, from.name, task);
  if (typeof moved === 'number') return moved;
  const there = child(to.directory, to.name, task);
  if (typeof there === 'number' && there !== -ENOENT) return there;
  const replaced = typeof there === 'number' ? undefined : there;
  const error = checkRename(task, { from, to, moved, replaced, flags });
  if (error < 0) return error;
  if (replaced?.inode === moved.inode) return 0;
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  const renamed = source.rename({
    name: from.name,
    inode: moved.inode!,
    toDirectory: target,
    toName: to.name,
    replaced: replaced?.inode,
    exchange,
  });
  if (renamed < 0) return renamed;
  moveDentry(moved, from.directory, to, replaced, exchange);
  pathsChanged();
  moveEvent(
    { directory: source, name: from.name, events: IN_MOVED_FROM },
    { directory: target, name: to.name, events: IN_MOVED_TO },
    moved.inode!,
  );
  selfEvent(moved.inode!, IN_MOVE_SELF);
  return 0;
}

interface Move {
  from: LastName;
  to: LastName;
  moved: Dentry;
  replaced: Dentry | undefined;
  flags: number;
}

function checkRename(task: Task, { from, to, moved, replaced, flags }: Move): number {
  const source = from.directory.inode!;
  const target = to.directory.inode!;
  if (flags & RENAME_NOREPLACE && replaced) return -EEXIST;
  if (flags & RENAME_EXCHANGE && !replaced) return -ENOENT;
  if (source.superblock.readOnly) return -EROFS;
  if (!moved.parent || (replaced && !replaced.parent)) return -EBUSY;
  // A directory cannot go below itself, nor take the place of what it lies in.
  if (to.directory.isBelow(moved)) return -EINVAL;
  if (replaced && from.directory.isBelow(replaced)) return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
  const inode = moved.inode!;
  const { credentials } = task;
  let error = mayRemove(source, inode, credentials);
  if (error === 0 && replaced) error = mayRemove(target, replaced.inode!, credentials);
  if (error === 0) error = permission(target, credentials, MAY_WRITE | MAY_EXECUTE);
  if (error < 0) return error;
  if (!inode.isDirectory && (from.slash || (to.slash && !(flags & RENAME_EXCHANGE)))) return -ENOTDIR;
  if (!replaced || flags & RENAME_EXCHANGE) return 0;
  if (inode.isDirectory !== replaced.inode!.isDirectory) return inode.isDirectory ? -ENOTDIR : -EISDIR;
  return inode.isDirectory ? isEmpty(replaced, task) : 0;
}

function moveDentry(
  moved: Dentry,
  directory: Dentry,
  to: LastName,
  replaced: Dentry | undefined,
  exchange: boolean,
): void {
  const oldName = moved.name;
  if (replaced && !exchange) replaced.unlinked = true;
  vacate(directory, moved);
  settle(moved, to.directory, to.name);
  if (replaced && exchange) settle(replaced, directory, oldName);
}

function settle(dentry: Dentry, directory: Dentry, name: string): void {
  dentry.name = name;
  dentry.parent = directory;
  dentry.pinned = true;
  directory.put(dentry);
}
