/** How execve opens programs: by permission to execute, which does not need permission to read (execve(2)). */
import { EACCES, ENOENT } from '../../linux/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_RDONLY } from '../../linux/open-flags.ts';
import { ELOOP } from '../../linux/errno.ts';
import type { Dentry } from '../files/dentry.ts';
import type { FileDescription } from '../files/description.ts';
import { dropReference } from '../files/descriptors.ts';
import { lookup, lookupAt } from '../files/path.ts';
import { MAY_EXECUTE, permission } from '../files/permissions.ts';
import type { ImageSource } from '../loader/image-source.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import type { MappedFile } from '../memory/vma.ts';
import type { Task } from './task.ts';

class ProgramFile implements MappedFile {
  readonly memory: FileMemory;
  readonly name: string;
  readonly device: number;
  readonly inode: number;
  readonly description: FileDescription;

  constructor(description: FileDescription, memory: FileMemory) {
    const { dev, ino } = description.stat();
    this.memory = memory;
    this.name = description.name;
    this.device = dev;
    this.inode = ino;
    this.description = description;
    description.references++;
  }
}

/** execveat(2): the program itself is looked up from `directory`; interpreters by their paths alone. */
export class ProgramFiles implements ImageSource {
  readonly #task: Task;
  readonly #directory: number;
  readonly #flags: number;
  #first = true;

  constructor(task: Task, directory: number = AT_FDCWD, flags = 0) {
    this.#task = task;
    this.#directory = directory;
    this.#flags = flags;
  }

  open(path: string): MappedFile | number {
    const found = this.#first ? this.#find(path) : lookup(this.#task, this.#task.fs.cwd, path, true);
    this.#first = false;
    return typeof found === 'number' ? found : openProgram(this.#task, found);
  }

  #find(path: string): Dentry | number {
    const task = this.#task;
    if (path === '') {
      if ((this.#flags & AT_EMPTY_PATH) === 0) return -ENOENT;
      return task.files.get(this.#directory).dentry ?? -EACCES;
    }
    const follow = (this.#flags & AT_SYMLINK_NOFOLLOW) === 0;
    const found = lookupAt(task, this.#directory, path, follow);
    return typeof found !== 'number' && found.inode!.isSymlink ? -ELOOP : found;
  }

  close(file: MappedFile): void {
    dropReference((file as ProgramFile).description);
  }
}

function openProgram(task: Task, dentry: Dentry): MappedFile | number {
  const inode = dentry.inode!;
  if (!inode.isRegular) return -EACCES;
  const refused = permission(inode, task.credentials, MAY_EXECUTE);
  if (refused < 0) return refused;
  const description = inode.open(dentry, O_RDONLY, task);
  if (typeof description === 'number') return description;
  if ('then' in description) return -EACCES; // regular files open at once
  const memory = description.memory();
  if (typeof memory !== 'number') return new ProgramFile(description, memory);
  description.release();
  return -EACCES;
}
