/** What stat(2) and /proc/PID/fd show of files that have no place in any file system (Linux: anon_inodes, pipefs, sockfs). */
import { makeDevice } from '../../../linux/stat.ts';
import type { Credentials } from '../../tasks/credentials.ts';
import { newStat, type Stat } from '../stat.ts';

/** Minor numbers of the unnamed file systems. */
export const PIPE_DEVICE = makeDevice(0, 13);
export const SOCKET_DEVICE = makeDevice(0, 8);
export const ANONYMOUS_DEVICE = makeDevice(0, 14);

let lastInode = 0;

/** The owner is whoever makes it. @param mode type and permissions */
export function anonymousStat(
  owner: { readonly credentials: Credentials },
  device: number,
  mode: number,
): Stat {
  const { fsuid, fsgid } = owner.credentials;
  return newStat({ dev: device, ino: ++lastInode, mode, uid: fsuid, gid: fsgid });
}
