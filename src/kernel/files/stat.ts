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
