/** Names, descriptors and what is in files. */
import * as fcntl from '../../../linux/fcntl.ts';
import * as inotify from '../../../linux/inotify.ts';
import * as openFlags from '../../../linux/open-flags.ts';
import { STATX_BASIC_STATS } from '../../../linux/stat-layout.ts';
import { bitNames, counted, flags, hex, named, nameOf, oneOf, type Names } from '../names.ts';
import { late, type Decode, type TraceFamily } from '../row.ts';
import { lock, lockOut, statfs } from '../structs/system.ts';
import { vector, vectorOut } from '../structs/sockets.ts';
import { modeText, stat, statx } from '../structs/stat.ts';
import { fileTimes, fileTimevals } from '../structs/time.ts';
import {
  bytesAt,
  filled,
  folder,
  hexadecimal,
  id,
  input,
  integer,
  integers,
  octal,
  offset,
  output,
  path,
  pointer,
  size,
} from '../values.ts';

const ACCESS_MODES = counted('O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE');
/** strace has the flags that say what kind of file is meant at the end. */
const OPEN: Names = [
  ...named(openFlags, 'O_', 'O_ACCMODE', 'O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_DIRECTORY'),
  [openFlags.O_DIRECTORY, 'O_DIRECTORY'],
];
const at = (...names: string[]): Names => named(openFlags, 'AT_').filter(([, name]) => names.includes(name));
const STAT_FLAGS = at('AT_SYMLINK_NOFOLLOW', 'AT_NO_AUTOMOUNT', 'AT_EMPTY_PATH');
const LINK_FLAGS = at('AT_SYMLINK_FOLLOW', 'AT_SYMLINK_NOFOLLOW', 'AT_EMPTY_PATH');
/** How fresh the answer must be comes first. */
const statxFlags: Decode = (value) => {
  const rest = value & ~openFlags.AT_STATX_SYNC_TYPE;
  const sync =
    ['AT_STATX_SYNC_AS_STAT', 'AT_STATX_FORCE_SYNC', 'AT_STATX_DONT_SYNC'][(value >> 13) & 3] ?? hex(value);
  return rest === 0 ? sync : `${sync}|${bitNames(STAT_FLAGS, rest)}`;
};
const ACCESS_FLAGS = at('AT_EACCESS', 'AT_SYMLINK_NOFOLLOW', 'AT_EMPTY_PATH');
const ACCESS: Names = [
  [0, 'F_OK'],
  [4, 'R_OK'],
  [2, 'W_OK'],
  [1, 'X_OK'],
];
const WHENCE = counted('SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE');
const COMMANDS = named(fcntl, 'F_').filter(([, name]) => !/^F_(SEAL_|..?LCK$|UNLCK$)/.test(name));
const STATX_MASK: Names = [
  [STATX_BASIC_STATS, 'STATX_BASIC_STATS'],
  ...[
    'TYPE',
    'MODE',
    'NLINK',
    'UID',
    'GID',
    'ATIME',
    'MTIME',
    'CTIME',
    'INO',
    'SIZE',
    'BLOCKS',
    'BTIME',
    'MNT_ID',
  ].map((name, bit) => [2 ** bit, `STATX_${name}`] as const),
];
const RENAME = named({ RENAME_NOREPLACE: 1, RENAME_EXCHANGE: 2, RENAME_WHITEOUT: 4 }, '');
const { O_CREAT, O_TMPFILE } = openFlags;

export const openFlagText: Decode = (value) => {
  const rest = (value | 0) & ~openFlags.O_ACCMODE;
  const access = nameOf(ACCESS_MODES, value & openFlags.O_ACCMODE);
  return rest === 0 ? access : `${access}|${bitNames(OPEN, rest)}`;
};

/** Only where a file may come into being. */
const modeIfCreated =
  (flagsAt: number): Decode =>
  (value, call) => {
    const given = call.args[flagsAt]! | 0;
    return (given & O_CREAT) !== 0 || (given & O_TMPFILE) === O_TMPFILE ? octal(value, call) : undefined;
  };

const fullMode: Decode = (value) => modeText(value & 0xffff);

/** The third argument of fcntl is one only for some commands. */
function fcntlArgument(value: number, call: Parameters<Decode>[1]): string | undefined {
  const command = call.args[1]! | 0;
  if (
    [
      fcntl.F_GETFD,
      fcntl.F_GETFL,
      fcntl.F_GETOWN,
      fcntl.F_GETSIG,
      fcntl.F_GETPIPE_SZ,
      fcntl.F_GET_SEALS,
    ].includes(command as never)
  )
    return undefined;
  if (command === fcntl.F_SETFD) return value === 1 ? 'FD_CLOEXEC' : integer(value, call);
  if (command === fcntl.F_SETFL) return openFlagText(value, call);
  if ([fcntl.F_SETLK, fcntl.F_SETLKW, fcntl.F_OFD_SETLK, fcntl.F_OFD_SETLKW].includes(command as never))
    return lock(value, call);
  if (command === fcntl.F_GETLK || command === fcntl.F_OFD_GETLK) return lockOut.late(value, call);
  return integer(value, call);
}

function fcntlComment(result: number, call: Parameters<Decode>[1]): string | undefined {
  const command = call.args[1]! | 0;
  if (command === fcntl.F_GETFL) return `flags ${openFlagText(result, call)}`;
  return command === fcntl.F_GETFD && result === 1 ? 'flags FD_CLOEXEC' : undefined;
}

const hexIfFlags: Decode = (result, { args }) =>
  ([fcntl.F_GETFL, fcntl.F_GETFD] as number[]).includes(args[1]! | 0)
    ? hexadecimal(result, { task: undefined as never, args })
    : `${result}`;

const entries = late((address, call) =>
  call.result! < 0 || call.task.dead
    ? pointer(address, call)
    : `${pointer(address, call)} /* ${countEntries(address, call)} entries */`,
);

/** struct linux_dirent64: d_reclen at 16. */
function countEntries(address: number, { task, result }: Parameters<Decode>[1]): number {
  let count = 0;
  try {
    for (let done = 0; done < result!; count++)
      done += Math.max(24, task.memory.readU16(address + done + 16));
  } catch {
    return count;
  }
  return count;
}

const readlink = filled((memory, address, { result }) => bytesAt(memory, address, result!));
const getcwd = filled((memory, address, { result }) => bytesAt(memory, address, result! - 1));

export const files: TraceFamily = {
  open: [path, openFlagText, modeIfCreated(1)],
  openat: [folder, path, openFlagText, modeIfCreated(2)],
  creat: [path, octal],
  close: [integer],
  close_range: [integer, integer, flags(named({ CLOSE_RANGE_UNSHARE: 2, CLOSE_RANGE_CLOEXEC: 4 }, ''))],
  read: [integer, output, size],
  write: [integer, input(2), size],
  pread64: [integer, output, size, offset],
  pwrite64: [integer, input(2), size, offset],
  readv: [integer, vectorOut(2), size],
  writev: [integer, vector(2), size],
  preadv2: [integer, vectorOut(2), size, offset, hexadecimal, hexadecimal],
  pwritev2: [integer, vector(2), size, offset, hexadecimal, hexadecimal],
  preadv: [integer, vectorOut(2), size, offset],
  pwritev: [integer, vector(2), size, offset],
  lseek: [integer, offset, oneOf(WHENCE)],
  sendfile: [integer, integer, filled((memory, address) => `[${memory.readI64(address)}]`), size],
  copy_file_range: [integer, pointer, integer, pointer, size, hexadecimal],
  tee: [integer, integer, size, hexadecimal],
  splice: [integer, pointer, integer, pointer, size, hexadecimal],
  dup: [integer],
  dup2: [integer, integer],
  dup3: [integer, integer, flags(OPEN)],
  pipe: [integers(2)],
  pipe2: [integers(2), flags(OPEN)],
  fcntl: {
    arguments: [integer, oneOf(COMMANDS), late(fcntlArgument)],
    result: hexIfFlags,
    comment: fcntlComment,
  },
  flock: [integer, flags(named(fcntl, 'LOCK_'))],
  readahead: [integer, offset, size],
  fsync: [integer],
  fdatasync: [integer],
  sync_file_range: [integer, offset, offset, hexadecimal],
  fallocate: [integer, hexadecimal, offset, offset],
  fadvise64: [
    integer,
    offset,
    size,
    oneOf(
      counted(
        'POSIX_FADV_NORMAL',
        'POSIX_FADV_RANDOM',
        'POSIX_FADV_SEQUENTIAL',
        'POSIX_FADV_WILLNEED',
        'POSIX_FADV_DONTNEED',
        'POSIX_FADV_NOREUSE',
      ),
    ),
  ],
  truncate: [path, offset],
  ftruncate: [integer, offset],
  stat: [path, stat],
  lstat: [path, stat],
  fstat: [integer, stat],
  newfstatat: [folder, path, stat, flags(STAT_FLAGS)],
  statx: [folder, path, statxFlags, flags(STATX_MASK), statx],
  statfs: [path, statfs],
  fstatfs: [integer, statfs],
  access: [path, flags(ACCESS)],
  faccessat: [folder, path, flags(ACCESS)],
  faccessat2: [folder, path, flags(ACCESS), flags(ACCESS_FLAGS)],
  getdents: [integer, pointer, size],
  getdents64: [integer, entries, size],
  getcwd: [getcwd, size],
  chdir: [path],
  fchdir: [integer],
  chroot: [path],
  mkdir: [path, octal],
  mkdirat: [folder, path, octal],
  rmdir: [path],
  unlink: [path],
  unlinkat: [folder, path, flags(at('AT_REMOVEDIR'))],
  rename: [path, path],
  renameat: [folder, path, folder, path],
  renameat2: [folder, path, folder, path, flags(RENAME)],
  link: [path, path],
  linkat: [folder, path, folder, path, flags(LINK_FLAGS)],
  symlink: [path, path],
  symlinkat: [path, folder, path],
  readlink: [path, readlink, size],
  readlinkat: [folder, path, readlink, size],
  mknod: [path, fullMode, hexadecimal],
  mknodat: [folder, path, fullMode],
  chmod: [path, octal],
  fchmod: [integer, octal],
  fchmodat: [folder, path, octal],
  chown: [path, id, id],
  lchown: [path, id, id],
  fchown: [integer, id, id],
  fchmodat2: [folder, path, octal, flags(LINK_FLAGS)],
  fchownat: [folder, path, id, id, flags(LINK_FLAGS)],
  umask: { arguments: [octal], result: octal },
  utime: [path, pointer],
  utimes: [path, fileTimevals],
  futimesat: [folder, path, fileTimevals],
  utimensat: [folder, path, fileTimes, flags(LINK_FLAGS)],
  getxattr: [path, path, output, size],
  lgetxattr: [path, path, output, size],
  fgetxattr: [integer, path, output, size],
  setxattr: [path, path, input(3), size, hexadecimal],
  lsetxattr: [path, path, input(3), size, hexadecimal],
  fsetxattr: [integer, path, input(3), size, hexadecimal],
  listxattr: [path, output, size],
  llistxattr: [path, output, size],
  flistxattr: [integer, output, size],
  removexattr: [path, path],
  lremovexattr: [path, path],
  fremovexattr: [integer, path],
  memfd_create: [path, flags(named(fcntl, 'MFD_'))],
  inotify_init: [],
  inotify_init1: [flags(OPEN)],
  inotify_add_watch: [integer, path, flags(named(inotify, 'IN_'))],
  inotify_rm_watch: [integer, integer],
  mount: [path, path, path, hexadecimal, pointer],
  umount2: [path, hexadecimal],
  sync: [],
  syncfs: [integer],
};
