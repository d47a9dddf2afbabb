/** Names of unix sockets (unix(7)): abstract ones live in a table, paths in the file system. */
import { EACCES, EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, ENOENT } from '../../../linux/errno.ts';
import { AT_FDCWD } from '../../../linux/open-flags.ts';
import { AF_UNIX } from '../../../linux/sockets.ts';
import { S_IFSOCK } from '../../../linux/stat.ts';
import { lastName, makeName, newFile } from '../../files/names.ts';
import { lookupAt } from '../../files/path.ts';
import { MAY_WRITE, permission } from '../../files/permissions.ts';
import { SpecialInode } from '../../files/tmpfs.ts';
import type { Task } from '../../tasks/task.ts';
import type { SocketAddress, UnixAddress } from '../address.ts';
import { networkOf } from '../network.ts';
import type { Socket } from '../socket.ts';

/** A socket with a name. */
export type UnixSocket = Socket;

export interface UnixName {
  readonly address: UnixAddress;
  /** The socket is closed. A path stays, as unix(7) says. */
  release(): void;
}

/** Binds `socket`. @returns its name or -errno */
export function bindName(socket: UnixSocket, address: SocketAddress, task: Task): UnixName | number {
  if (address.family !== AF_UNIX) return -EINVAL;
  if (address.name === '') return autobind(socket, task);
  return address.name[0] === '\0' ? bindAbstract(socket, address, task) : bindPath(socket, address, task);
}

function bindAbstract(socket: UnixSocket, address: UnixAddress, task: Task): UnixName | number {
  const { abstractNames } = networkOf(task.kernel);
  if (abstractNames.has(address.name)) return -EADDRINUSE;
  abstractNames.set(address.name, socket);
  return { address, release: () => void abstractNames.delete(address.name) };
}

let lastAutomatic = 0;

/** unix(7), "Autobind feature": five hexadecimal digits. */
function autobind(socket: UnixSocket, task: Task): UnixName | number {
  for (let tries = 0; tries < 2 ** 20; tries++) {
    lastAutomatic = (lastAutomatic + 1) % 2 ** 20;
    const name = `\0${lastAutomatic.toString(16).padStart(5, '0')}`;
    const bound = bindAbstract(socket, { family: AF_UNIX, name }, task);
    if (typeof bound !== 'number') return bound;
  }
  return -EADDRINUSE;
}

function bindPath(socket: UnixSocket, address: UnixAddress, task: Task): UnixName | number {
  const last = lastName(task, AT_FDCWD, address.name);
  if (typeof last === 'number') return last;
  const mode = S_IFSOCK | (socket.stat().mode & 0o777);
  const made = makeName(task, last, (directory, name) =>
    directory.create(name, newFile(task, directory, mode)),
  );
  if (typeof made === 'number') return made === -EEXIST ? -EADDRINUSE : made;
  if (made.inode instanceof SpecialInode) made.inode.endpoint = socket;
  return { address, release: () => undefined };
}

/** The socket behind a name; whether it is one that can be connected to is for the caller to see. */
export function findName(address: SocketAddress, task: Task): UnixSocket | number {
  if (address.family !== AF_UNIX || address.name === '') return -EINVAL;
  if (address.name[0] === '\0') {
    return networkOf(task.kernel).abstractNames.get(address.name) ?? -ECONNREFUSED;
  }
  const dentry = lookupAt(task, AT_FDCWD, address.name, true);
  if (typeof dentry === 'number') return dentry;
  const { inode } = dentry;
  if (!inode) return -ENOENT;
  if (permission(inode, task.credentials, MAY_WRITE) < 0) return -EACCES;
  const socket = inode instanceof SpecialInode ? inode.endpoint : undefined;
  return isSocket(socket) && socket.references > 0 ? socket : -ECONNREFUSED;
}

function isSocket(endpoint: unknown): endpoint is Socket {
  return typeof endpoint === 'object' && endpoint !== null && 'tryAccept' in endpoint;
}
