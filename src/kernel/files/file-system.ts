/** All files of a sandbox: one tree, put together at start from the host's folders and from memory. */
import type { MemoryFile } from '../../platform/memory-file.ts';
import { S_IFDIR } from '../../linux/stat.ts';
import { Dentry } from './dentry.ts';
import { fail } from '../failure.ts';
import { BindSuperblock } from './bind.ts';
import { ENOTDIR } from '../../linux/errno.ts';
import type { Inode } from './inode.ts';
import { OverlaySuperblock } from './overlay.ts';
import { PageBudget } from './page-budget.ts';
import { newStat } from './stat.ts';
import { Superblock } from './superblock.ts';
import { TmpfsDirectory } from './tmpfs.ts';

export interface FileSystemOptions {
  memory: MemoryFile;
  /** The host's folder that is the guest's root; it is never written to. */
  root: string;
  /** Folders of the host, by host path, that look empty to the guest. */
  hidden?: readonly string[];
  /** Bytes of the host's files that are kept in memory. */
  cache?: number;
}

/** Where something is mounted, for /proc/mounts. */
export interface Mount {
  readonly id: number;
  readonly superblock: Superblock;
  readonly root: Dentry;
}

/** Bytes of the host's files that are kept unless told otherwise. */
const CACHE = 256 * 1024 * 1024;
const TMPFS_MAGIC = 0x01021994;

export class FileSystem {
  readonly root: Dentry;
  readonly mounts: Mount[] = [];
  readonly memory: MemoryFile;
  readonly #overlay: OverlaySuperblock;
  readonly #budget: PageBudget;

  constructor(options: FileSystemOptions) {
    const { memory, root, hidden = [] } = options;
    this.memory = memory;
    this.#budget = new PageBudget(options.cache ?? CACHE);
    this.#overlay = new OverlaySuperblock(memory, { hidden: new Set(hidden), budget: this.#budget });
    const top = this.#overlay.inodeAt(root);
    if (typeof top === 'number') fail(-top);
    this.root = new Dentry('/', undefined, top);
    memory.onShortage?.(() => this.#budget.drop());
    this.#record(this.#overlay, this.root);
  }

  #record(superblock: Superblock, root: Dentry): void {
    this.mounts.push({ id: 20 + this.mounts.length, superblock, root });
  }

  /** Shows a folder of the host, by its path there, although it is hidden or something else lies there. */
  reveal(path: string): void {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop();
    if (name === undefined) return;
    const parent = this.folder(`/${parts.join('/')}`);
    if (parent.known(name)?.inode || typeof parent.inode!.lookup(name) !== 'number') return;
    const inode = this.#overlay.inodeAt(path);
    if (typeof inode !== 'number') parent.put(new Dentry(name, parent, inode));
  }

  /** The directory of that path; what is missing is made in memory. Links are not followed. */
  folder(path: string, mode = 0o755): Dentry {
    let place = this.root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      place = topOf(this.#enter(place, name, mode));
    }
    return place;
  }

  #enter(directory: Dentry, name: string, mode: number): Dentry {
    const known = directory.known(name);
    if (known?.inode) return known;
    const found = known ? -1 : directory.inode!.lookup(name);
    if (typeof found !== 'number') {
      if (!found.isDirectory) fail(ENOTDIR);
      return directory.add(name, found);
    }
    const made = directory.inode!.mkdir(name, { mode: S_IFDIR | mode, uid: 0, gid: 0 });
    if (typeof made === 'number') return fail(-made);
    const dentry = new Dentry(name, directory, made);
    directory.put(dentry);
    return dentry;
  }

  /** Mounts the root of a file system on a directory, which is made where it is missing. */
  mount(path: string, inode: Inode): Dentry {
    const covered = this.folder(path);
    const root = new Dentry('/', undefined, inode);
    root.covers = covered;
    covered.mounted = root;
    this.#record(inode.superblock, root);
    return root;
  }

  mountTmpfs(path: string, mode: number, type = 'tmpfs'): Dentry {
    return this.mount(path, newTmpfs(this.memory, mode, type));
  }

  /** Shows a folder of the host at `path`; writes go to the host unless `readOnly`. @returns the mount's root or -errno */
  bind(source: string, path: string, readOnly: boolean): Dentry | number {
    const superblock = new BindSuperblock(this.memory, source, readOnly, this.#budget);
    const root = superblock.root(source);
    return typeof root === 'number' ? root : this.mount(path, root);
  }

  /** The mount that another one is mounted on. */
  mountAbove({ root }: Mount): Mount | undefined {
    let top = root.covers;
    while (top?.parent) top = top.parent;
    return this.mounts.find((mount) => mount.root === top);
  }
}

function topOf(dentry: Dentry): Dentry {
  let place = dentry;
  while (place.mounted) place = place.mounted;
  return place;
}

/** The root of an empty file system in memory. */
export function newTmpfs(memory: MemoryFile, mode: number, type = 'tmpfs'): TmpfsDirectory {
  const superblock = new Superblock(memory, { type, magic: TMPFS_MAGIC });
  const ino = superblock.newInodeNumber();
  return new TmpfsDirectory(
    superblock,
    newStat({ dev: superblock.device, ino, mode: S_IFDIR | mode, nlink: 2, size: 40 }),
  );
}
