/** From a path to a file (path_resolution(7)). */
import { ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from '../../linux/errno.ts';
import { AT_FDCWD } from '../../linux/open-flags.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import { MAY_EXECUTE, permission } from './permissions.ts';
import { WalkCache } from './walk-cache.ts';

/** MAXSYMLINKS of include/linux/namei.h, NAME_MAX and PATH_MAX of limits.h. */
const MOST_LINKS = 40;
const LONGEST_NAME = 255;
export const LONGEST_PATH = 4096;

const SLASH = 47;

/** Where a path ends, for calls that make or remove a name. One object, overwritten by the next walk. */
export interface LastName {
  directory: Dentry;
  /** Empty when the path ends in nothing that could be made: `/`, `.` or `..`; `directory` is then what it names. */
  name: string;
  /** Was it followed by a slash, so that only a directory can be meant? */
  slash: boolean;
}

/** The part of a walk that outlives a function call. */
const walk = { links: 0, cacheable: true };

/** What a relative path begins at. Fails with EBADF. @returns -ENOTDIR for a descriptor that is no directory */
export function startOf(task: Task, directory: number, path: string): Dentry | number {
  if (path.charCodeAt(0) === SLASH) return task.fs.root;
  if (directory === AT_FDCWD) return task.fs.cwd;
  const { dentry } = task.files.get(directory);
  return dentry?.inode?.isDirectory ? dentry : -ENOTDIR;
}

/** The top of what is mounted there. */
export function mountedOn(dentry: Dentry): Dentry {
  let place = dentry;
  while (place.mounted) place = place.mounted;
  return place;
}

function parentOf(place: Dentry, root: Dentry): Dentry {
  let here = place;
  while (here !== root) {
    if (here.parent) return mountedOn(here.parent);
    if (!here.covers) return here;
    here = here.covers;
  }
  return here;
}

/** The child of that name, which may be known to be absent. @returns -errno when there is none, or the host refuses */
export function child(directory: Dentry, name: string, task?: Task): Dentry | number {
  const known = directory.known(name);
  const inode = directory.inode!;
  if (known !== undefined && !inode.superblock.revalidates) {
    if (known.inode === undefined) return -ENOENT;
    return known.mounted ? mountedOn(known) : known;
  }
  if (known?.mounted) return mountedOn(known);
  if (name.length > LONGEST_NAME) return -ENAMETOOLONG;
  const found = inode.lookup(name, task);
  if (typeof found === 'number') {
    if (known) forget(directory, known);
    else if (found === -ENOENT && inode.remembersAbsence) directory.add(name, undefined);
    return found;
  }
  if (known?.inode === found) return known;
  if (known) forget(directory, known);
  return directory.add(name, found);
}

/** The host has taken the name away, or given it to another file. */
function forget(directory: Dentry, known: Dentry): void {
  directory.drop(known);
  known.unlinked = true;
}

/**
 * @param follow a link at the end is followed; a path that ends in a slash always does
 * @returns the file's dentry, or -errno
 */
export function lookup(task: Task, start: Dentry, path: string, follow: boolean): Dentry | number {
  const { root } = task.fs;
  const origin = path.charCodeAt(0) === SLASH ? root : start;
  const cached = origin.walks?.get(path, follow, root, task.credentials);
  if (cached !== undefined) return cached;
  walk.links = 0;
  walk.cacheable = true;
  const found = walkFrom(task, origin, path, follow, undefined);
  if (typeof found === 'number') return found;
  if (!walk.cacheable) return found;
  // Most paths are walked once: a program that looks at every file of a tree would only fill the cache and empty it.
  if (found.walked) (origin.walks ??= new WalkCache()).set(path, follow, root, task.credentials, found);
  found.walked = true;
  return found;
}

/** As `lookup`, with the directory that a relative path begins at given as a descriptor. Fails with EBADF. */
export function lookupAt(task: Task, directory: number, path: string, follow: boolean): Dentry | number {
  const start = startOf(task, directory, path);
  return typeof start === 'number' ? start : lookup(task, start, path, follow);
}

/** The directory and the name that a path ends in, whether or not there is such a file. @returns 0 or -errno */
export function lookupParent(task: Task, start: Dentry, path: string, last: LastName): number {
  walk.links = 0;
  return continueParent(task, start, path, last);
}

/** The same in the middle of following links, which `followLast` counts. */
function continueParent(task: Task, start: Dentry, path: string, last: LastName): number {
  last.name = '';
  last.slash = false;
  const origin = path.charCodeAt(0) === SLASH ? task.fs.root : start;
  const found = walkFrom(task, origin, path, true, last);
  if (typeof found === 'number') return found;
  last.directory = found;
  return 0;
}

/** The last name was a link: goes on to the name that it leads to. @returns a dentry for a link of /proc; else 0 or -errno */
export function followLast(task: Task, link: Dentry, last: LastName): Dentry | number {
  const target = linkTarget(link, task);
  if (typeof target !== 'string') return target;
  return continueParent(task, last.directory, target, last);
}

/** Where a link leads: a text, or for those of /proc the file itself. */
function linkTarget(link: Dentry, task: Task): string | Dentry | number {
  if (++walk.links > MOST_LINKS) return -ELOOP;
  const magic = link.inode!.follow(task);
  if (magic === undefined) return link.inode!.readlink(task);
  walk.cacheable = false;
  return magic;
}

export function newLastName(task: Task): LastName {
  return { directory: task.fs.root, name: '', slash: false };
}

function searchable(place: Dentry, task: Task): number {
  const inode = place.inode!;
  if (!inode.isDirectory) return -ENOTDIR;
  if (inode.superblock.revalidates) walk.cacheable = false;
  return task.credentials.fsuid === 0 ? 0 : permission(inode, task.credentials, MAY_EXECUTE);
}

function stopBefore(last: LastName, directory: Dentry, name: string, slash: boolean): Dentry | number {
  if (name.length > LONGEST_NAME) return -ENAMETOOLONG;
  last.name = name;
  last.slash = slash;
  return directory;
}

/**
 * Walks along `path`. With `last`, stops before the last name, stores it there, and returns the directory; otherwise
 * returns the file itself.
 */
function walkFrom(
  task: Task,
  start: Dentry,
  path: string,
  follow: boolean,
  last: LastName | undefined,
): Dentry | number {
  let place = start;
  let rest = path;
  for (let at = skipSlashes(rest, 0); at < rest.length;) {
    const error = searchable(place, task);
    if (error < 0) return error;
    const slash = rest.indexOf('/', at);
    const end = slash < 0 ? rest.length : slash;
    const name = rest.slice(at, end);
    at = skipSlashes(rest, end);
    if (name === '.' || name === '..') {
      if (name === '..') place = parentOf(place, task.fs.root);
      continue;
    }
    const final = at === rest.length;
    if (last && final) return stopBefore(last, place, name, slash >= 0);
    const next = child(place, name, task);
    if (typeof next === 'number') return next;
    if (!next.inode!.isSymlink || (final && slash < 0 && !follow)) {
      place = next;
      continue;
    }
    const target = linkTarget(next, task);
    if (typeof target === 'number') return target;
    if (typeof target !== 'string') {
      place = target;
      continue;
    }
    if (target.charCodeAt(0) === SLASH) place = task.fs.root;
    rest = target + rest.slice(end);
    if (rest.length > MOST_LINKS * LONGEST_PATH) return -ENAMETOOLONG;
    at = skipSlashes(rest, 0);
  }
  return endAt(place, rest);
}

/** The file at the end of a path, which must be a directory where the path ends in a slash. */
function endAt(place: Dentry, path: string): Dentry | number {
  if (path.length === 0) return -ENOENT;
  const directoryWanted = path.charCodeAt(path.length - 1) === SLASH;
  return directoryWanted && !place.inode!.isDirectory ? -ENOTDIR : place;
}

function skipSlashes(path: string, from: number): number {
  let at = from;
  while (path.charCodeAt(at) === SLASH) at++;
  return at;
}
