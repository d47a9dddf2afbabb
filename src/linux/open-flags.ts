/** Flags of open(2) and of the calls that take a directory's descriptor (include/uapi/asm-generic/fcntl.h, linux/fcntl.h). */
import { hostArchitecture, type Architecture } from './architectures.ts';

export const O_ACCMODE = 3;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_DSYNC = 0o10000;
export const O_ASYNC = 0o20000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
export const O_SYNC = 0o4010000;
export const O_PATH = 0o10000000;

/** Four flags have other numbers on arm64 (arch/arm64/include/uapi/asm/fcntl.h). */
const OWN: Readonly<
  Record<Architecture, Readonly<Record<'direct' | 'largefile' | 'directory' | 'nofollow', number>>>
> = {
  'x86-64': { direct: 0o40000, largefile: 0o100000, directory: 0o200000, nofollow: 0o400000 },
  arm64: { direct: 0o200000, largefile: 0o400000, directory: 0o40000, nofollow: 0o100000 },
};

const own = OWN[hostArchitecture()];
export const O_DIRECT = own.direct;
export const O_LARGEFILE = own.largefile;
export const O_DIRECTORY = own.directory;
export const O_NOFOLLOW = own.nofollow;
export const O_TMPFILE = 0o20000000 | O_DIRECTORY;

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
/** Of unlinkat(2). */
export const AT_REMOVEDIR = 0x200;
/** Of faccessat(2): the same bit. */
export const AT_EACCESS = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;
export const AT_STATX_SYNC_TYPE = 0x6000;
