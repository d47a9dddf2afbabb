/** /proc/PID/fd and fdinfo (proc(5)). */
import { EACCES, ENOENT, ENXIO } from '../../../linux/errno.ts';
import { O_ACCMODE, O_CLOEXEC, O_RDONLY, O_WRONLY } from '../../../linux/open-flags.ts';
import type { Task } from '../../tasks/task.ts';
import type { ThreadGroup } from '../../tasks/thread-group.ts';
import { Dentry } from '../dentry.ts';
import type { FileDescription } from '../description.ts';
import { Inode } from '../inode.ts';
import type { Stat } from '../stat.ts';
import type { Superblock } from '../superblock.ts';
import type { LinkTarget, Names, NodeMaker } from './nodes.ts';

/** A file without a place in any file system, as a link of /proc reaches it: opening it shares its description. */
class DescriptionInode extends Inode {
  readonly #file: FileDescription;

  constructor(superblock: Superblock, file: FileDescription) {
    super(superblock, file.stat());
    this.#file = file;
  }

  override stat(): Stat {
    return this.#file.stat();
  }

  override open(_dentry: Dentry, flags: number): FileDescription | number {
    const file = this.#file;
    if (file.references === 0) return -ENXIO;
    const mode = flags & O_ACCMODE;
    if ((mode !== O_WRONLY && !file.readable) || (mode !== O_RDONLY && !file.writable)) return -EACCES;
    return file;
  }
}

function target(superblock: Superblock, file: FileDescription): LinkTarget {
  const dentry = file.dentry ?? new Dentry(file.name, undefined, new DescriptionInode(superblock, file));
  return { text: file.name, dentry };
}

function fileOf(process: ThreadGroup, fd: string): FileDescription | undefined {
  return /^(0|[1-9]\d{0,8})$/.test(fd) ? process.leader.files.find(Number(fd)) : undefined;
}

function describe(process: ThreadGroup, fd: number): string | number {
  const table = process.leader.files;
  const file = table.find(fd);
  if (!file) return -ENOENT;
  const flags = file.flags | (table.closesOnExec(fd) ? O_CLOEXEC : 0);
  const ino = file.stat().ino;
  return `pos:\t${file.position}\nflags:\t0${flags.toString(8)}\nmnt_id:\t1\nino:\t${ino}\n`;
}

/** One link, or one text, for each open descriptor. */
class DescriptorNames implements Names {
  readonly #process: ThreadGroup;
  readonly #make: (fd: number) => Inode;
  readonly #made = new Map<string, Inode>();

  constructor(process: ThreadGroup, make: (fd: number) => Inode) {
    this.#process = process;
    this.#make = make;
  }

  names(): string[] {
    return this.#process.zombie ? [] : this.#process.leader.files.descriptors().map(String);
  }

  find(name: string): Inode | undefined {
    if (this.#process.zombie || !fileOf(this.#process, name)) {
      this.#made.delete(name);
      return undefined;
    }
    let inode = this.#made.get(name);
    if (!inode) this.#made.set(name, (inode = this.#make(Number(name))));
    return inode;
  }
}

export function descriptorLinks(maker: NodeMaker, process: ThreadGroup): Inode {
  const link = (fd: number) =>
    maker.link((_task: Task) => {
      const file = process.leader.files.find(fd);
      return file ? target(maker.superblock, file) : -ENOENT;
    });
  return maker.changing(new DescriptorNames(process, link), 0o500);
}

export function descriptorInfo(maker: NodeMaker, process: ThreadGroup): Inode {
  const text = (fd: number) => maker.text(() => describe(process, fd));
  return maker.changing(new DescriptorNames(process, text));
}
