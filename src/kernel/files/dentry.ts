/**
 * A name in a directory, and the file that it refers to, if any (Linux: struct dentry). The dentries known form a tree
 * across all mounts; in it, looking up a name that was seen before is one access to a map.
 *
 * Every directory has exactly one dentry. A file with hard links has one a name.
 */
import type { Inode } from './inode.ts';
import { pathsChanged, type WalkCache } from './walk-cache.ts';

/** Guests can ask for any number of names, there or not; beyond so many, those that can be asked for again are forgotten. */
const MOST_KNOWN = 100_000;

let known = 0;
let limit = MOST_KNOWN;

export class Dentry {
  name: string;
  parent: Dentry | undefined;
  /** Undefined: there is known to be no such file. */
  inode: Inode | undefined;
  /** The root of what is mounted on this directory. */
  mounted: Dentry | undefined;
  /** For the root of a mounted file system: the directory it is mounted on. */
  covers: Dentry | undefined;
  /** Its file has lost this name; descriptions may still refer to it. */
  unlinked = false;
  /** Never forgotten: the host would say something else about this name. Made, moved here, or removed (a whiteout). */
  pinned = false;
  children: Map<string, Dentry> | undefined;
  /** A whole walk has ended here: the next one is worth remembering. */
  walked = false;
  /** Where whole paths from here led, for walks that need not be repeated. */
  walks: WalkCache | undefined;

  constructor(name: string, parent: Dentry | undefined, inode: Inode | undefined) {
    this.name = name;
    this.parent = parent;
    this.inode = inode;
  }

  /** The child of that name as far as it is known. */
  known(name: string): Dentry | undefined {
    return this.children?.get(name);
  }

  /** Remembers a child. */
  add(name: string, inode: Inode | undefined): Dentry {
    if (++known > limit) forgetClean(this);
    const child = new Dentry(name, this, inode);
    (this.children ??= new Map()).set(name, child);
    return child;
  }

  /** A dentry that has come from elsewhere takes the place of what had its name. */
  put(child: Dentry): void {
    (this.children ??= new Map()).set(child.name, child);
  }

  /** Forgets a child; the next look-up asks its file system again. */
  drop(child: Dentry): void {
    if (this.children?.get(child.name) === child) this.children.delete(child.name);
  }

  /** Its directory; for the root of a mount, the directory that it is mounted on. */
  get above(): Dentry | undefined {
    return this.parent ?? this.covers;
  }

  /** Is it `other`, or does it lie below it, mounts included? */
  isBelow(other: Dentry): boolean {
    return liesBelow(this, other);
  }

  /** The absolute path below `root`, or undefined when it lies elsewhere. */
  pathFrom(root: Dentry): string | undefined {
    return this.isBelow(root) ? pathBetween(root, this) : undefined;
  }

  /** The path from the topmost root, as /proc/PID/fd shows it. */
  get path(): string {
    return `${pathBetween(undefined, this)}${this.unlinked ? ' (deleted)' : ''}`;
  }
}

function liesBelow(dentry: Dentry, other: Dentry): boolean {
  for (let place: Dentry | undefined = dentry; place; place = place.above) {
    if (place === other) return true;
  }
  return false;
}

function pathBetween(root: Dentry | undefined, dentry: Dentry): string {
  let path = '';
  for (let place: Dentry | undefined = dentry; place && place !== root; place = place.above) {
    if (place.parent) path = `/${place.name}${path}`;
  }
  return path === '' ? '/' : path;
}

/** Forgets names that the host can tell again, in the whole tree that `inside` is part of. */
function forgetClean(inside: Dentry): void {
  let top = inside;
  while (top.above) top = top.above;
  const pending = [top];
  known = 0;
  for (let place = pending.pop(); place; place = pending.pop()) {
    if (place.mounted) pending.push(place.mounted);
    for (const child of place.children?.values() ?? []) {
      if (!child.pinned && (!child.inode || child.inode.discard())) {
        place.children!.delete(child.name);
        continue;
      }
      known++;
      if (child.children || child.mounted) pending.push(child);
    }
  }
  // Where most must stay, looking again soon would cost more than it frees.
  limit = Math.max(MOST_KNOWN, known * 2);
  pathsChanged();
}
