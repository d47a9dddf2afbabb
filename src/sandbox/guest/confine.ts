/**
 * What is left to the kernel's own process once the first program is loaded: no other program, no socket, no process, and
 * files only to read, but for what the guest may write to. Whoever takes over this process, by a mistake in a handler, by a
 * row of an exercise or by its memory, has got no further.
 *
 * Three walls, because each has a gap: the filter sees numbers and no paths; Landlock sees paths, and holds for this thread
 * and those made later, not for those that Node has made; and neither is asked by an io_uring that exists already.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { addon } from '../../linux/addon.ts';
import type { PlatformName } from '../../platform/platform.ts';
import { kernelFilter } from './confine-filter.ts';
import * as L from './landlock.ts';

export interface Freedom {
  platform: PlatformName;
  /** Folders and files of the host that the guest may write to. */
  writable: readonly string[];
}

/** Which walls stand. */
export interface Walls {
  filter: boolean;
  /** Its version; 0: the host has none, or it would be in the way. */
  landlock: number;
  /** io_urings that could do everything still: none, unless libuv has changed. */
  rings: number;
}

/** For good. @throws Error when the host refuses the filter */
export function confineKernel(freedom: Freedom): Walls {
  const rings = addon().restrictRings();
  const landlock = raiseLandlock(freedom);
  addon().filterSelf(kernelFilter(freedom.platform, freedom.writable.length > 0));
  return { filter: true, landlock, rings };
}

/** A tracer must be in the domain of whom it traces (landlock(7), "Ptrace restrictions"), and the stubs are in none. */
function raiseLandlock({ platform, writable }: Freedom): number {
  const version = platform === 'ptrace' ? 0 : addon().landlockVersion();
  if (version === 0) return 0;
  const handled = L.filesystemRights(version);
  const opened: number[] = [];
  const rule = (path: string, rights: number): number[] => {
    const fd = openSync(path, constants.O_RDONLY | L.O_PATH);
    opened.push(fd);
    return [fd, rights & handled];
  };
  try {
    const rules = rule('/', L.READING);
    for (const path of writable) rules.push(...rule(path, L.isFolder(path) ? L.WRITING : L.WRITING_FILE));
    addon().landlockSelf([handled, L.networkRights(version), L.scopes(version)], rules);
    return version;
  } catch (error) {
    // A container may forbid Landlock altogether; the filter stands without it.
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return 0;
    throw error;
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}
