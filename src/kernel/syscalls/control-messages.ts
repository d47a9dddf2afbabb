/** Ancillary data as guests write and read it: a sequence of struct cmsghdr (cmsg(3), unix(7)). */
import { EBADF, EINVAL, EPERM } from '../../linux/errno.ts';
import {
  CMSGHDR,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  SCM_CREDENTIALS,
  SCM_MAX_FD,
  SCM_RIGHTS,
  SOL_SOCKET,
} from '../../linux/sockets.ts';
import { fail } from '../failure.ts';
import { type Ancillary, type PeerCredentials, Rights } from '../sockets/ancillary.ts';
import type { FileDescription } from '../files/description.ts';
import type { Task } from '../tasks/task.ts';

/** net.core.optmem_max. */
const LARGEST = 20_480;

const align = (length: number): number => (length + 7) & ~7;

/** @returns what the message carries; undefined for nothing. The caller releases `rights` that were not sent. */
export function readControl(task: Task, address: number, length: number): Ancillary | undefined {
  if (address === 0 || length === 0) return undefined;
  if (length < 0 || length > LARGEST) fail(EINVAL);
  const bytes = task.memory.readBytes(address, length);
  const files: FileDescription[] = [];
  let credentials: PeerCredentials | undefined;
  for (let at = 0; at + CMSGHDR.size <= bytes.length;) {
    const size = bytes.readUInt32LE(at + CMSGHDR.length);
    if (bytes.readUInt32LE(at + 4) !== 0 || size < CMSGHDR.size || size > bytes.length - at) fail(EINVAL);
    const data = bytes.subarray(at + CMSGHDR.size, at + size);
    if (bytes.readInt32LE(at + CMSGHDR.level) === SOL_SOCKET) {
      const type = bytes.readInt32LE(at + CMSGHDR.type);
      if (type === SCM_RIGHTS) findFiles(task, data, files);
      else if (type === SCM_CREDENTIALS) credentials = readCredentials(task, data);
      else fail(EINVAL);
    }
    at += align(size);
  }
  if (files.length === 0 && !credentials) return undefined;
  return { credentials, rights: files.length > 0 ? new Rights(files) : undefined };
}

function findFiles(task: Task, data: Buffer, files: FileDescription[]): void {
  for (let at = 0; at + 4 <= data.length; at += 4) {
    files.push(task.files.find(data.readInt32LE(at)) ?? fail(EBADF));
  }
  if (files.length > SCM_MAX_FD) fail(EINVAL);
}

/** Only who has the privilege may say that it is somebody else (unix(7), SCM_CREDENTIALS). */
function readCredentials(task: Task, data: Buffer): PeerCredentials {
  if (data.length !== 12) fail(EINVAL);
  const said = { pid: data.readInt32LE(0), uid: data.readUInt32LE(4), gid: data.readUInt32LE(8) };
  const { credentials } = task;
  const { uid, euid, suid, gid, egid, sgid } = credentials;
  const honest =
    said.pid === task.group.pid &&
    [uid, euid, suid].includes(said.uid) &&
    [gid, egid, sgid].includes(said.gid);
  return honest || euid === 0 ? said : fail(EPERM);
}

/** Where received ancillary data goes, one header after the other. */
export class ControlWriter {
  readonly #task: Task;
  readonly #address: number;
  readonly #room: number;
  /** Bytes written, and flags to be added to the message's. */
  written = 0;
  flags = 0;

  constructor(task: Task, address: number, room: number) {
    this.#task = task;
    this.#address = address;
    this.#room = address === 0 ? 0 : room;
  }

  credentials({ pid, uid, gid }: PeerCredentials): void {
    const data = Buffer.alloc(12);
    data.writeInt32LE(pid, 0);
    data.writeInt32LE(uid | 0, 4);
    data.writeInt32LE(gid | 0, 8);
    this.#put(SCM_CREDENTIALS, data);
  }

  /** Gives the receiver descriptors of what was sent, as many as there is room for. @param flags MSG_CMSG_CLOEXEC */
  rights(files: readonly FileDescription[], flags: number): void {
    const room = Math.max(0, Math.floor((this.#room - this.written - CMSGHDR.size) / 4));
    const fds: number[] = [];
    for (const file of files.slice(0, room)) {
      const fd = this.#task.files.install(file, (flags & MSG_CMSG_CLOEXEC) !== 0);
      if (fd < 0) break;
      fds.push(fd);
    }
    if (fds.length < files.length) this.flags |= MSG_CTRUNC;
    if (fds.length === 0) return;
    const data = Buffer.alloc(4 * fds.length);
    fds.forEach((fd, index) => data.writeInt32LE(fd, 4 * index));
    this.#put(SCM_RIGHTS, data);
  }

  #put(type: number, data: Buffer): void {
    const room = this.#room - this.written;
    if (room < CMSGHDR.size) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    const length = Math.min(room, CMSGHDR.size + data.length);
    if (length < CMSGHDR.size + data.length) this.flags |= MSG_CTRUNC;
    const { memory } = this.#task;
    const at = this.#address + this.written;
    memory.writeI64(at + CMSGHDR.length, length);
    memory.writeU32(at + CMSGHDR.level, SOL_SOCKET);
    memory.writeU32(at + CMSGHDR.type, type);
    memory.writeBytes(at + CMSGHDR.size, data.subarray(0, length - CMSGHDR.size));
    this.written += Math.min(align(length), room);
  }
}
