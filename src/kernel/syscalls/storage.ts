/** Room for files and where they are kept (fallocate(2), fsync(2), statfs(2), memfd_create(2)). */
import { EBADF, EINVAL, ENODEV, EOPNOTSUPP, ESPIPE } from '../../linux/errno.ts';
import { MFD_ALLOW_SEALING, MFD_CLOEXEC, F_SEAL_SEAL } from '../../linux/fcntl.ts';
import { O_PATH, O_RDWR } from '../../linux/open-flags.ts';
import { S_IFIFO, S_IFMT, S_IFREG } from '../../linux/stat.ts';
import { Dentry } from '../files/dentry.ts';
import type { FileDescription } from '../files/description.ts';
import { lookup } from '../files/path.ts';
import { RegularFile } from '../files/regular-file.ts';
import { newStat } from '../files/stat.ts';
import { Superblock } from '../files/superblock.ts';
import { TmpfsRegular } from '../files/tmpfs.ts';
import type { Kernel } from '../kernel.ts';
import type { Task } from '../tasks/task.ts';
import { partial, type SyscallFamily } from './handler.ts';

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const FALLOC_FL_ZERO_RANGE = 16;

function fallocate(task: Task, args: Float64Array): number {
  const file = task.files.get(args[0]! | 0);
  const mode = args[1]! | 0;
  const [position, length] = [args[2]!, args[3]!];
  if (position < 0 || length <= 0) return -EINVAL;
  if (!file.writable) return -EBADF;
  if (!(file instanceof RegularFile)) return (file.stat().mode & S_IFMT) === S_IFIFO ? -ESPIPE : -ENODEV;
  if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) return -EOPNOTSUPP;
  if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
  const zero = (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0;
  return file.inode.allocate(position, length, (mode & FALLOC_FL_KEEP_SIZE) !== 0, zero);
}

function fsync(task: Task, args: Float64Array): number | Promise<number> {
  return task.files.get(args[0]! | 0).sync();
}

function syncfs(task: Task, args: Float64Array): number {
  return task.files.get(args[0]! | 0).flags & O_PATH ? -EBADF : 0;
}

function sync_file_range(task: Task, args: Float64Array): number | Promise<number> {
  const file = task.files.get(args[0]! | 0);
  return (file.stat().mode & S_IFMT) === S_IFIFO ? -ESPIPE : file.sync();
}

/** What is read ahead, or not, is for the page cache to know: advice is checked and taken no further. */
function advise(task: Task, args: Float64Array): number {
  const type = task.files.get(args[0]! | 0).stat().mode & S_IFMT;
  if (type === S_IFIFO) return -ESPIPE;
  return args[3]! < 0 || args[3]! > 5 || args[2]! < 0 ? -EINVAL : 0;
}

function readahead(task: Task, args: Float64Array): number {
  const file = task.files.get(args[0]! | 0);
  if (!file.readable) return -EBADF;
  return (file.stat().mode & S_IFMT) === S_IFREG ? 0 : -EINVAL;
}

/** struct statfs of 64-bit architectures (include/uapi/asm-generic/statfs.h), as 64-bit words. */
const STATFS = 120;
const NAME_MAX = 255;
/** ST_NOSUID, ST_NODEV and ST_NOATIME with ST_VALID; ST_RDONLY. */
const MOUNT_FLAGS = 0x20 | 2 | 4 | 0x400;
const READ_ONLY = 1;
const PIPEFS_MAGIC = 0x50495045;

function writeStatfs(task: Task, address: number, superblock: Superblock | undefined): number {
  const { blocks, free, files, filesFree } = superblock?.statfs() ?? NOTHING;
  const flags = MOUNT_FLAGS | (superblock?.readOnly ? READ_ONLY : 0);
  const magic = superblock?.magic ?? PIPEFS_MAGIC;
  // f_fsid are two words of 32 bits; the last four are spare.
  const words = [
    magic,
    4096,
    blocks,
    free,
    free,
    files,
    filesFree,
    superblock?.device ?? 0,
    NAME_MAX,
    4096,
    flags,
  ];
  const bytes = Buffer.alloc(STATFS);
  words.forEach((word, index) => {
    bytes.writeUInt32LE(word >>> 0, index * 8);
    bytes.writeUInt32LE(Math.floor(word / 2 ** 32), index * 8 + 4);
  });
  task.memory.writeBytes(address, bytes);
  return 0;
}

const NOTHING = { blocks: 0, free: 0, files: 0, filesFree: 0 };

function statfs(task: Task, args: Float64Array): number {
  const found = lookup(task, task.fs.cwd, task.memory.readString(args[0]!), true);
  return typeof found === 'number' ? found : writeStatfs(task, args[1]!, found.inode!.superblock);
}

function fstatfs(task: Task, args: Float64Array): number {
  const file: FileDescription = task.files.get(args[0]! | 0);
  return writeStatfs(task, args[1]!, file.dentry?.inode?.superblock);
}

/** The file system that memfds live in, one a kernel. */
const memfds = new WeakMap<Kernel, Superblock>();
const TMPFS_MAGIC = 0x01021994;
const MEMFD_NAME_MAX = 249;
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 16;

function memfd_create(task: Task, args: Float64Array): number {
  const name = task.memory.readString(args[0]!);
  const flags = args[1]! | 0;
  if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) return -EINVAL;
  if (name.length > MEMFD_NAME_MAX) return -EINVAL;
  const { kernel } = task;
  let superblock = memfds.get(kernel);
  if (!superblock)
    memfds.set(kernel, (superblock = new Superblock(kernel.memory, { type: 'tmpfs', magic: TMPFS_MAGIC })));
  const { fsuid: uid, fsgid: gid } = task.credentials;
  const [dev, ino] = [superblock.device, superblock.newInodeNumber()];
  const mode = S_IFREG | (flags & MFD_NOEXEC_SEAL ? 0o666 : 0o777);
  const inode = new TmpfsRegular(superblock, newStat({ dev, ino, mode, uid, gid, nlink: 0 }));
  inode.seals = flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL) ? 0 : F_SEAL_SEAL;
  const dentry = new Dentry(`memfd:${name}`, new Dentry('/', undefined, undefined), inode);
  dentry.unlinked = true;
  return task.files.install(new RegularFile(dentry, inode, O_RDWR), (flags & MFD_CLOEXEC) !== 0);
}

export const storage: SyscallFamily = {
  fallocate: partial('room is not set aside: the memory limit can still end a write', fallocate),
  fsync,
  fdatasync: fsync,
  sync: () => 0,
  syncfs,
  sync_file_range,
  fadvise64: advise,
  readahead,
  statfs,
  fstatfs,
  memfd_create: partial('no huge pages', memfd_create),
};
