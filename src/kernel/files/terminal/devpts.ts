/** The file system on /dev/pts: a file for each pseudo-terminal that is open, and ptmx, which makes them (pts(4)). */
import { EIO, ENOENT, ENOSPC, ENXIO } from '../../../linux/errno.ts';
import { makeDevice, S_IFCHR, S_IFDIR } from '../../../linux/stat.ts';
import type { Task } from '../../tasks/task.ts';
import type { Dentry } from '../dentry.ts';
import type { FileDescription } from '../description.ts';
import { DirectoryFile } from '../directory-file.ts';
import type { FileSystem } from '../file-system.ts';
import { type Attributes, Inode, type ListedName } from '../inode.ts';
import { registerOpener } from '../special-files.ts';
import { newStat, type Stat } from '../stat.ts';
import { Superblock } from '../superblock.ts';
import { applyAttributes } from '../tmpfs.ts';
import { PTMX, PtyMaster, SLAVE_MAJOR } from './pty.ts';
import { Terminal } from './terminal.ts';
import { TerminalFile } from './terminal-file.ts';

const DEVPTS_MAGIC = 0x1cd1;
/** More pseudo-terminals there are not (/proc/sys/kernel/pty/max). */
const MOST = 1024;
/** /dev/tty: the terminal that controls whoever opens it (tty(4)). */
const CONTROLLING = makeDevice(5, 0);

abstract class TerminalInode extends Inode {
  override setAttributes(attributes: Attributes): number {
    return applyAttributes(this.status, attributes);
  }
}

class SlaveInode extends TerminalInode {
  readonly #master: PtyMaster;

  constructor(superblock: Superblock, status: Stat, master: PtyMaster) {
    super(superblock, status);
    this.#master = master;
  }

  override open(dentry: Dentry, flags: number, task: Task): FileDescription | number {
    return this.#master.openSlave(flags, dentry, task);
  }
}

class MultiplexerInode extends TerminalInode {
  readonly #directory: DevptsDirectory;

  constructor(superblock: Superblock, status: Stat, directory: DevptsDirectory) {
    super(superblock, status);
    this.#directory = directory;
  }

  override open(dentry: Dentry, flags: number, task: Task): FileDescription | number {
    return this.#directory.openMaster(dentry, flags, task);
  }
}

class DevptsDirectory extends Inode {
  readonly #slaves = new Map<number, SlaveInode>();
  readonly #multiplexer: MultiplexerInode;

  constructor(superblock: Superblock) {
    super(superblock, newStat({ dev: superblock.device, ino: 1, mode: S_IFDIR | 0o755, nlink: 2 }));
    const status = newStat({ dev: superblock.device, ino: 2, mode: S_IFCHR | 0o666, rdev: PTMX });
    this.#multiplexer = new MultiplexerInode(superblock, status, this);
  }

  override open(dentry: Dentry, flags: number): FileDescription {
    return new DirectoryFile(dentry, this, flags);
  }

  /** The lowest number that is free. */
  openMaster(dentry: Dentry, flags: number, task: Task): PtyMaster | number {
    if (this.#slaves.size >= MOST) return -ENOSPC;
    let index = 0;
    while (this.#slaves.has(index)) index++;
    const master = new PtyMaster(task, index, flags, dentry, () => void this.#slaves.delete(index));
    const { fsuid, fsgid } = task.credentials;
    const status = newStat({
      dev: this.superblock.device,
      ino: index + 3,
      mode: S_IFCHR | 0o620,
      uid: fsuid,
      gid: fsgid,
      rdev: makeDevice(SLAVE_MAJOR, index),
    });
    const slave = new SlaveInode(this.superblock, status, master);
    master.slaveStat = () => slave.stat();
    this.#slaves.set(index, slave);
    return master;
  }

  override lookup(name: string): Inode | number {
    if (name === 'ptmx') return this.#multiplexer;
    return /^(0|[1-9]\d*)$/.test(name) ? (this.#slaves.get(Number(name)) ?? -ENOENT) : -ENOENT;
  }

  override list(): ListedName[] {
    const type = S_IFCHR >> 12;
    const slaves = [...this.#slaves.keys()].map((index) => ({ name: `${index}`, ino: index + 3, type }));
    return [{ name: 'ptmx', ino: 2, type }, ...slaves];
  }
}

function openControlling(dentry: Dentry, flags: number, task: Task): FileDescription | number {
  const { terminal } = task.group.session;
  if (!(terminal instanceof Terminal)) return -ENXIO;
  return terminal.hungUp ? -EIO : new TerminalFile({ terminal, flags, name: '/dev/tty', dentry });
}

/** Mounts /dev/pts, and lets /dev/tty be opened. */
export function mountTerminals(fileSystem: FileSystem): void {
  const superblock = new Superblock(fileSystem.memory, {
    type: 'devpts',
    magic: DEVPTS_MAGIC,
    options: 'mode=620,ptmxmode=666',
    revalidates: true,
  });
  fileSystem.mount('/dev/pts', new DevptsDirectory(superblock));
  registerOpener(S_IFCHR, (_inode, dentry, flags, task) => openControlling(dentry, flags, task), CONTROLLING);
}
