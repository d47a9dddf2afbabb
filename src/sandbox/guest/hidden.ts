/** What of the host's root a guest does not see. */
import { hiddenHomes, hiddenFolders } from '../../confine/rootfs/host.ts';

/** Mounted anew by the kernel, or in the way of nobody: not worth hiding. */
const REPLACED = new Set(['dev', 'proc', 'sys', 'tmp']);

/** Host paths that look empty: homes, sockets of running services, and on WSL the drives and sockets of Windows. */
export function hiddenPaths(current: string): string[] {
  const folders = [...hiddenFolders()].filter((name) => !REPLACED.has(name)).map((name) => `/${name}`);
  return [...folders, ...hiddenHomes(current)];
}
