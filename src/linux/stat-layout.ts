/** struct stat per architecture (arch/x86/include/uapi/asm/stat.h, include/uapi/asm-generic/stat.h): offsets in bytes. */
import type { Architecture } from './architectures.ts';

export interface StatLayout {
  size: number;
  dev: number;
  ino: number;
  nlink: number;
  mode: number;
  uid: number;
  gid: number;
  rdev: number;
  length: number;
  blksize: number;
  blocks: number;
  /** Each of the times: seconds and nanoseconds of 64 bits. */
  atime: number;
  mtime: number;
  ctime: number;
}

export const STAT_LAYOUTS: Readonly<Record<Architecture, StatLayout>> = {
  // prettier-ignore
  'x86-64': {
    size: 144, dev: 0, ino: 8, nlink: 16, mode: 24, uid: 28, gid: 32, rdev: 40, length: 48, blksize: 56,
    blocks: 64, atime: 72, mtime: 88, ctime: 104,
  },
  // prettier-ignore
  arm64: {
    size: 128, dev: 0, ino: 8, nlink: 20, mode: 16, uid: 24, gid: 28, rdev: 32, length: 48, blksize: 56,
    blocks: 64, atime: 72, mtime: 88, ctime: 104,
  },
};

/** struct statx is the same everywhere (include/uapi/linux/stat.h). */
// prettier-ignore
export const STATX = {
  size: 256, mask: 0, blksize: 4, attributes: 8, nlink: 16, uid: 20, gid: 24, mode: 28, ino: 32, length: 40,
  blocks: 48, attributesMask: 56, atime: 64, btime: 80, ctime: 96, mtime: 112, rdevMajor: 128, rdevMinor: 132,
  devMajor: 136, devMinor: 140, mountId: 144,
} as const;

export const STATX_BASIC_STATS = 0x7ff;
export const STATX_BTIME = 0x800;
export const STATX_MNT_ID = 0x1000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;
export const STATX_RESERVED = 0x8000_0000;
