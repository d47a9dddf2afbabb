/** /proc: what the kernel tells about itself and about processes, made anew whenever it is read (proc(5)). */
import type { Task } from '../../tasks/task.ts';
import type { ThreadGroup } from '../../tasks/thread-group.ts';
import type { FileSystem } from '../file-system.ts';
import type { Inode } from '../inode.ts';
import { Superblock } from '../superblock.ts';
import { NodeMaker, type Names } from './nodes.ts';
import { processFolder } from './process.ts';
import { systemFiles } from './system.ts';

const PROC_MAGIC = 0x9fa0;

/** The top: fixed names, then a folder for each process. */
class TopNames implements Names {
  readonly #fixed: ReadonlyMap<string, Inode>;
  readonly #make: (process: ThreadGroup) => Inode;
  readonly #made = new WeakMap<ThreadGroup, Inode>();

  constructor(fixed: Readonly<Record<string, Inode>>, make: (process: ThreadGroup) => Inode) {
    this.#fixed = new Map(Object.entries(fixed));
    this.#make = make;
  }

  names(task: Task): string[] {
    const pids = [...task.kernel.pids.processes()].map(({ pid }) => String(pid));
    return [...pids, ...this.#fixed.keys()];
  }

  find(name: string, task: Task): Inode | undefined {
    const fixed = this.#fixed.get(name);
    if (fixed || !/^[1-9]\d{0,8}$/.test(name)) return fixed;
    const { pids } = task.kernel;
    // A thread's number works too, though it is not listed.
    const process = pids.process(Number(name)) ?? pids.task(Number(name))?.group;
    if (!process) return undefined;
    let folder = this.#made.get(process);
    if (!folder) this.#made.set(process, (folder = this.#make(process)));
    return folder;
  }
}

export function mountProc(fileSystem: FileSystem): void {
  const superblock = new Superblock(fileSystem.memory, {
    type: 'proc',
    magic: PROC_MAGIC,
    revalidates: true,
  });
  const maker = new NodeMaker(superblock);
  const fixed = {
    ...systemFiles(maker),
    self: maker.link((task) => ({ text: String(task.group.pid) })),
    'thread-self': maker.link((task) => ({ text: `${task.group.pid}/task/${task.tid}` })),
  };
  const names = new TopNames(fixed, (process) => processFolder(maker, process, fileSystem));
  fileSystem.mount('/proc', maker.changing(names));
}
