/** What stat(2) tells about a file, before it is laid out as struct stat or statx. Times are nanoseconds in two parts. */
export interface Time {
  seconds: number;
  nanoseconds: number;
}

export interface Stat {
  /** Device numbers, major and minor encoded as new_encode_dev does (makedev(3)). */
  dev: number;
  ino: number;
  /** Type and permissions (inode(7)). */
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  blksize: number;
  /** Of 512 bytes. */
  blocks: number;
  atime: Time;
  mtime: Time;
  ctime: Time;
  btime?: Time;
}

/** The time of day, with the resolution that Linux gives files: that of its clock's tick (current_time, fs/inode.c). */
export function now(): Time {
  const milliseconds = Date.now();
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanoseconds: (milliseconds - seconds * 1000) * 1_000_000 };
}

/** The same, without a new object. */
export function setNow(time: Time): void {
  const milliseconds = Date.now();
  time.seconds = Math.floor(milliseconds / 1000);
  time.nanoseconds = (milliseconds - time.seconds * 1000) * 1_000_000;
}

export interface NewStat {
  dev: number;
  ino: number;
  mode: number;
  uid?: number;
  gid?: number;
  rdev?: number;
  nlink?: number;
  size?: number;
}

/** Of a file that has just been made. */
export function newStat(file: NewStat): Stat {
  return {
    dev: file.dev,
    ino: file.ino,
    mode: file.mode,
    nlink: file.nlink ?? 1,
    uid: file.uid ?? 0,
    gid: file.gid ?? 0,
    rdev: file.rdev ?? 0,
    size: file.size ?? 0,
    blksize: 4096,
    blocks: 0,
    atime: now(),
    mtime: now(),
    ctime: now(),
    btime: now(),
  };
}
