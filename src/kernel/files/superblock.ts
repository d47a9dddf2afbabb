/** One mounted file system (Linux: struct super_block): what all of its inodes share. */
import { PAGE, type MemoryFile } from '../../platform/memory-file.ts';
import { makeDevice } from '../../linux/stat.ts';

export interface SuperblockOptions {
  /** As in /proc/mounts: `overlay`, `tmpfs`, `proc`. */
  type: string;
  source?: string;
  /** Further mount options for /proc/mounts. */
  options?: string;
  readOnly?: boolean;
  /** f_type of statfs(2). */
  magic: number;
  /** Do files come and go without a call of the guest's? Then a name is looked up again at each use. */
  revalidates?: boolean;
}

const MOST_FILES = 2 ** 19;
/** What a file system in memory says that it can hold, bytes. */
const LARGE = 2 ** 36;

/** Device numbers of file systems that have no device: major 0 (Linux: get_anon_bdev). */
let lastDevice = 40;

export class Superblock {
  readonly memory: MemoryFile;
  readonly type: string;
  readonly source: string;
  readonly options: string;
  readonly readOnly: boolean;
  readonly magic: number;
  readonly revalidates: boolean;
  readonly device: number;
  /** How many files have been made here that are still there. */
  files = 0;
  /** Beyond the inode numbers of hosts' file systems, so that files made here never share one with those. */
  #lastInode = 2 ** 40;

  constructor(memory: MemoryFile, options: SuperblockOptions) {
    this.memory = memory;
    this.type = options.type;
    this.source = options.source ?? options.type;
    this.options = options.options ?? '';
    this.readOnly = options.readOnly ?? false;
    this.magic = options.magic;
    this.revalidates = options.revalidates ?? false;
    this.device = makeDevice(0, ++lastDevice);
  }

  /** Blocks of 4 KiB in all and free, files in all and free, as statfs(2) tells them. */
  statfs(): { blocks: number; free: number; files: number; filesFree: number } {
    const blocks = LARGE / PAGE;
    return {
      blocks,
      free: blocks - Math.ceil(this.memory.used / PAGE),
      files: MOST_FILES,
      filesFree: MOST_FILES - this.files,
    };
  }

  /** Is there room for one more file in memory? Each costs the kernel about a kilobyte of its own. */
  get full(): boolean {
    return this.files >= MOST_FILES;
  }

  newInodeNumber(): number {
    return ++this.#lastInode;
  }
}
