/** Lays a file's status out as the guest's struct stat and statx. */
import { hostArchitecture } from '../../linux/architectures.ts';
import {
  STAT_LAYOUTS,
  STATX,
  STATX_ATTR_MOUNT_ROOT,
  STATX_BASIC_STATS,
  STATX_BTIME,
} from '../../linux/stat-layout.ts';
import { deviceMajor, deviceMinor } from '../../linux/stat.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import type { Stat, Time } from './stat.ts';

const layout = STAT_LAYOUTS[hostArchitecture()];

/** Structures are put together here and copied at once: each access to guest memory is translated. */
const words = new Int32Array(STATX.size / 4);
const statBytes = new Uint8Array(words.buffer, 0, layout.size);
const statxBytes = new Uint8Array(words.buffer, 0, STATX.size);

function put32(offset: number, value: number): void {
  words[offset >> 2] = value;
}

function put64(offset: number, value: number): void {
  words[offset >> 2] = value;
  words[(offset >> 2) + 1] = Math.floor(value / 2 ** 32);
}

function putTime(offset: number, time: Time): void {
  put64(offset, time.seconds);
  put64(offset + 8, time.nanoseconds);
}

export function writeStat(memory: UserMemory, address: number, status: Stat): void {
  words.fill(0);
  put64(layout.dev, status.dev);
  put64(layout.ino, status.ino);
  put32(layout.nlink, status.nlink);
  put32(layout.mode, status.mode);
  put32(layout.uid, status.uid);
  put32(layout.gid, status.gid);
  put64(layout.rdev, status.rdev);
  put64(layout.length, status.size);
  put32(layout.blksize, status.blksize);
  put64(layout.blocks, status.blocks);
  putTime(layout.atime, status.atime);
  putTime(layout.mtime, status.mtime);
  putTime(layout.ctime, status.ctime);
  memory.writeBytes(address, statBytes);
}

function putStatxTime(offset: number, time: Time): void {
  put64(offset, time.seconds);
  put32(offset + 8, time.nanoseconds);
}

export function writeStatx(memory: UserMemory, address: number, status: Stat, isMountRoot: boolean): void {
  words.fill(0);
  put32(STATX.mask, STATX_BASIC_STATS | (status.btime ? STATX_BTIME : 0));
  put32(STATX.blksize, status.blksize);
  put32(STATX.attributes, isMountRoot ? STATX_ATTR_MOUNT_ROOT : 0);
  put32(STATX.attributesMask, STATX_ATTR_MOUNT_ROOT);
  put32(STATX.nlink, status.nlink);
  put32(STATX.uid, status.uid);
  put32(STATX.gid, status.gid);
  put32(STATX.mode, status.mode);
  put64(STATX.ino, status.ino);
  put64(STATX.length, status.size);
  put64(STATX.blocks, status.blocks);
  putStatxTime(STATX.atime, status.atime);
  if (status.btime) putStatxTime(STATX.btime, status.btime);
  putStatxTime(STATX.ctime, status.ctime);
  putStatxTime(STATX.mtime, status.mtime);
  put32(STATX.rdevMajor, deviceMajor(status.rdev));
  put32(STATX.rdevMinor, deviceMinor(status.rdev));
  put32(STATX.devMajor, deviceMajor(status.dev));
  put32(STATX.devMinor, deviceMinor(status.dev));
  memory.writeBytes(address, statxBytes);
}
