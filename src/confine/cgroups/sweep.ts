/** Groups that nobody owns any more: their process was killed together with the shim that would have removed them. */
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { killGroup, removeFolder } from './control.ts';
import type { Group } from './group.ts';
import type { CgroupHost } from './host.ts';
import { ownerIsGone, ownerOf } from './name.ts';

/** Deeper than containers and sessions nest; a guest could nest without end. */
const DEEPEST = 12;

/**
 * Kill and remove the groups of ring3 whose owner is gone, wherever in the mounted hierarchies they are, since a
 * forgotten run may have started in another session's group. Resolves to the names of those removed, and never rejects:
 * what we may not touch, and what does not die, is left for the next one.
 */
export async function sweep(host: CgroupHost): Promise<string[]> {
  // Looking takes a moment, and nobody has to wait for it who does not want to.
  await Promise.resolve();
  const found = new Map<string, Group>();
  for (const { mount, controllers } of host.v1) {
    for (const folder of orphans(mount, DEEPEST)) {
      const group = entry(found, folder);
      group.v1.push(folder);
      if (controllers.includes('freezer')) group.freezer = folder;
    }
  }
  for (const folder of host.v2 ? orphans(host.v2.mount, DEEPEST) : []) entry(found, folder).v2 = folder;

  const swept: string[] = [];
  for (const [name, group] of found) if (await sweepGroup(name, group)) swept.push(name);
  return swept;
}

async function sweepGroup(name: string, group: Group): Promise<boolean> {
  try {
    await killGroup(group, name);
    for (const folder of [...group.v1, ...(group.v2 === undefined ? [] : [group.v2])])
      await removeFolder(folder);
    return true;
  } catch {
    return false;
  }
}

function entry(found: Map<string, Group>, folder: string): Group {
  const name = posix.basename(folder);
  const group = found.get(name) ?? { v1: [] };
  found.set(name, group);
  return group;
}

/** Orphaned groups at and below a directory; not those inside of an orphan, which go with it. */
function orphans(folder: string, depth: number): string[] {
  if (depth === 0) return [];
  return children(folder).flatMap((name) => {
    const path = posix.join(folder, name);
    const owner = ownerOf(name);
    return owner && ownerIsGone(owner) ? [path] : orphans(path, depth - 1);
  });
}

function children(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((each) => each.isDirectory()).map((each) => each.name);
  } catch {
    return [];
  }
}
