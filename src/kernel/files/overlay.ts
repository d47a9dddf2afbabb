/**
 * The host's folder as the guest's, without ever writing to it: what the guest changes is changed in memory only.
 *
 * overlayfs lays one tree over another and copies files up. Here there is one tree, whose inodes know where on the host
 * they come from: a directory asks the host for names that it does not know, and a removed name leaves a dentry behind
 * that says so (overlayfs: whiteout). A changed file keeps its inode, its number and its mappings; a directory that is
 * renamed takes its host folder along. The host's folder is taken not to change during the run (gVisor:
 * --file-access=exclusive), so what the host has said of a name is not asked again.
 */
import { constants } from 'node:fs';
import { ENOENT } from '../../linux/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../linux/stat.ts';
import type { Dentry } from './dentry.ts';
import type { FileDescription } from './description.ts';
import * as host from './host.ts';
import { HostHandle } from './host-handle.ts';
import { HostBacking } from './host-backing.ts';
import type { Attributes, Inode, ListedName } from './inode.ts';
import type { PageBudget } from './page-budget.ts';
import { FilePages } from './pages.ts';
import { newStat, type Stat } from './stat.ts';
import { Superblock } from './superblock.ts';
import { SpecialInode, TmpfsDirectory, TmpfsRegular, TmpfsSymlink } from './tmpfs.ts';

export interface OverlayOptions {
  /** Host paths that look empty to the guest. */
  hidden: ReadonlySet<string>;
  budget: PageBudget;
}

/** One overlay, and the host's files that have several names: those are one inode each. */
export class OverlaySuperblock extends Superblock {
  readonly overlay: OverlayOptions;
  readonly #linked = new Map<string, Inode>();

  constructor(memory: Superblock['memory'], overlay: OverlayOptions) {
    super(memory, { type: 'overlay', magic: 0x794c7630, options: 'lowerdir=/' });
    this.overlay = overlay;
  }

  /** The file at a path of the host. */
  inodeAt(path: string): Inode | number {
    const status = host.lstat(path);
    if (typeof status === 'number') return status;
    const type = status.mode & S_IFMT;
    if (this.overlay.hidden.has(path)) return type === S_IFDIR ? this.#empty(status) : -ENOENT;
    if (status.nlink === 1 || type === S_IFDIR) return this.#make(path, status, type);
    const identity = `${status.dev}:${status.ino}`;
    const known = this.#linked.get(identity);
    if (known) return known;
    const made = this.#make(path, status, type);
    if (typeof made !== 'number') this.#linked.set(identity, made);
    return made;
  }

  #make(path: string, status: Stat, type: number): Inode | number {
    const open = () => host.open(path, constants.O_RDONLY);
    const backing = type === S_IFREG ? new HostBacking(new HostHandle(open), status, true) : undefined;
    status.dev = this.device;
    if (backing) return new OverlayRegular(this, status, backing);
    if (type === S_IFDIR) return new OverlayDirectory(this, status, path);
    if (type !== S_IFLNK) return new SpecialInode(this, status);
    const target = host.readlink(path);
    return typeof target === 'number' ? target : new TmpfsSymlink(this, status, target);
  }

  #empty(status: Stat): Inode {
    const { mode, uid, gid } = status;
    return new TmpfsDirectory(this, {
      ...newStat({ dev: this.device, ino: this.newInodeNumber(), mode, uid, gid, nlink: 2, size: 40 }),
      mtime: status.mtime,
    });
  }
}

class OverlayRegular extends TmpfsRegular {
  readonly #backing: HostBacking;
  #readable = false;
  /** Its status or attributes are not the host's any more. */
  #changed = false;

  constructor(superblock: OverlaySuperblock, status: Stat, backing: HostBacking) {
    const { memory, overlay } = superblock;
    super(superblock, status, new FilePages(memory, backing, overlay.budget));
    this.#backing = backing;
  }

  override open(dentry: Dentry, flags: number): FileDescription | number {
    if (!this.#readable) {
      const error = this.#backing.length > 0 ? this.#backing.prepare() : 0;
      if (error < 0) return error;
      this.#readable = true;
    }
    return super.open(dentry, flags);
  }

  override discard(): boolean {
    const clean = !this.#changed && this.users === 0 && this.status.nlink === 1 && this.pages.evictable;
    if (clean) this.pages.free();
    return clean;
  }

  override setAttributes(attributes: Attributes): number {
    this.#changed = true;
    return super.setAttributes(attributes);
  }

  override setXattr(name: string, value: Buffer, flags: number): number {
    this.#changed = true;
    return super.setXattr(name, value, flags);
  }

  /** Unlike a file that began in memory, it has the blocks that the host says. */
  override stat(): Stat {
    const { status, pages } = this;
    if (pages.size !== status.size) status.blocks = Math.ceil(pages.size / 4096) * 8;
    status.size = pages.size;
    return status;
  }
}

class OverlayDirectory extends TmpfsDirectory {
  readonly #path: string;

  constructor(superblock: OverlaySuperblock, status: Stat, path: string) {
    super(superblock, status);
    this.#path = path;
  }

  override get remembersAbsence(): boolean {
    return true;
  }

  override lookup(name: string): Inode | number {
    const path = this.#path === '/' ? `/${name}` : `${this.#path}/${name}`;
    return (this.superblock as OverlaySuperblock).inodeAt(path);
  }

  override list(directory: Dentry): ListedName[] | number {
    const names = host.list(this.#path);
    if (typeof names === 'number' || !directory.children) return names;
    const own = super.list(directory) as ListedName[];
    // A dentry knows better, be it there, elsewhere by now, or removed.
    for (const listed of names) if (!directory.known(listed.name)) own.push(listed);
    return own;
  }
}
