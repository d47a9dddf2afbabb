/** Types and permissions of files (inode(7)), and how device numbers are made (makedev(3)). */
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;

/** What getdents64(2) calls a type is the type's bits of the mode (include/linux/fs_types.h). */
export function directoryEntryType(mode: number): number {
  return (mode & S_IFMT) >> 12;
}

/** As struct stat has it: new_encode_dev of include/linux/kdev_t.h. */
export function makeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

export function deviceMajor(device: number): number {
  return (device >>> 8) & 0xfff;
}

export function deviceMinor(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}
