/** The directories of a group: one of v2, and one for each v1 hierarchy that it was made in. */
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { CgroupHost } from './host.ts';
import { thisMachine, type View } from './view.ts';

export interface Group {
  v1: string[];
  /** The v1 directory of the freezer, also among `v1`. */
  freezer?: string;
  v2?: string;
}

/** Where the group called `name` exists now; the name is unique, so that looking for it is enough. */
export function locate(host: CgroupHost, name: string, view: View = thisMachine): Group {
  const exists = (folder: string) => view.read(posix.join(folder, 'cgroup.procs')) !== undefined;
  const v1 = host.v1
    .map(({ parent, controllers }) => ({ folder: posix.join(parent, name), controllers }))
    .filter(({ folder }) => exists(folder));
  const freezer = v1.find(({ controllers }) => controllers.includes('freezer'))?.folder;
  const v2 = host.v2?.places.map((place) => posix.join(place.path, name)).find(exists);
  return {
    v1: v1.map(({ folder }) => folder),
    ...(freezer !== undefined && { freezer }),
    ...(v2 !== undefined && { v2 }),
  };
}

/** Directories of the group, v2 included. */
export function foldersOf(group: Group): string[] {
  return group.v2 === undefined ? group.v1 : [...group.v1, group.v2];
}

/** A directory and all groups below it (a guest may have made some), deepest first. */
export function subtree(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap(({ name }) => subtree(posix.join(folder, name))), folder];
  } catch {
    return [];
  }
}

/** Processes in the directories and below; those of other pid namespaces show as 0 and are left out. */
export function processesOf(folders: readonly string[], view: View = thisMachine): number[] {
  const texts = folders.flatMap(subtree).map((each) => view.read(posix.join(each, 'cgroup.procs')) ?? '');
  return [...new Set(texts.join('\n').split('\n').map(Number))].filter((pid) => pid > 0);
}
