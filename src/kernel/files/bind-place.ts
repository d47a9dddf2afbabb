/** Files of a shared folder by where they are: in a directory that we hold, under one name. */
import { O_PATH } from '../../linux/open-flags.ts';
import * as host from './host.ts';
import type { Attributes } from './inode.ts';
import type { Stat } from './stat.ts';

/** A directory that is held by a descriptor. */
export interface Holder {
  /** Names a file of it for one call of the host's. */
  pathOf(name: string): string;
}

/** Where on the host a file was seen last. */
export class Place {
  readonly directory: Holder;
  readonly name: string;

  constructor(directory: Holder, name: string) {
    this.directory = directory;
    this.name = name;
  }

  /** Of two parts: a descriptor of ours, and a name in it. */
  path(): string {
    return this.directory.pathOf(this.name);
  }
}

export interface Placed {
  refresh(status: Stat, place: Place): void;
}

/** chmod, chown and utimensat, handed on to the host. @returns 0 or -errno */
export function changeOnHost(path: string, status: Stat, attributes: Attributes): number {
  let error = 0;
  if (attributes.uid !== undefined || attributes.gid !== undefined) {
    error = host.chown(path, attributes.uid ?? status.uid, attributes.gid ?? status.gid);
  }
  if (error === 0 && attributes.mode !== undefined) error = chmodInPlace(path, attributes.mode);
  if (error === 0 && (attributes.atime || attributes.mtime)) {
    error = host.setTimes(path, attributes.atime ?? status.atime, attributes.mtime ?? status.mtime);
  }
  return error;
}

/** chmod follows links; through a descriptor of the file itself there is none to follow. */
function chmodInPlace(path: string, mode: number): number {
  const fd = host.open(path, O_PATH);
  if (fd < 0) return fd;
  const error = host.chmod(`/proc/self/fd/${fd}`, mode);
  host.close(fd);
  return error;
}
