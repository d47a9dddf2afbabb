/** A directory that is open. Its names are those that there were when the reading began (readdir(3)). */
import { EINVAL, EISDIR } from '../../linux/errno.ts';
import { IN_CLOSE_NOWRITE, IN_OPEN } from '../../linux/inotify.ts';
import { S_IFDIR } from '../../linux/stat.ts';
import type { Task } from '../tasks/task.ts';
import type { Dentry } from './dentry.ts';
import { FileDescription, type DirectoryEntry } from './description.ts';
import type { Inode } from './inode.ts';
import { dentryEvent } from './special/fs-notify.ts';
import type { Stat } from './stat.ts';

const DIRECTORY_TYPE = S_IFDIR >> 12;

export class DirectoryFile extends FileDescription {
  override readonly dentry: Dentry;
  readonly inode: Inode;
  #entries: DirectoryEntry[] | undefined;

  constructor(dentry: Dentry, inode: Inode, flags: number) {
    super(flags);
    this.dentry = dentry;
    this.inode = inode;
    inode.users++;
    dentryEvent(dentry, IN_OPEN);
  }

  get name(): string {
    return this.dentry.path;
  }

  stat(): Stat {
    return this.inode.stat();
  }

  override read(): number {
    return -EISDIR;
  }

  override readAt(): number {
    return -EISDIR;
  }

  override seek(offset: number, whence: number): number {
    const target = whence === 0 ? offset : whence === 1 ? this.position + offset : -1;
    if (!(target >= 0 && target <= 2 ** 31)) return -EINVAL;
    if (target === 0) this.#entries = undefined;
    return (this.position = target);
  }

  override sync(): number {
    return 0;
  }

  override entries(position: number, limit: number, task?: Task): DirectoryEntry[] | number {
    if (position === 0 || !this.#entries) {
      const found = this.#collect(task);
      if (typeof found === 'number') return found;
      this.#entries = found;
    }
    return this.#entries.slice(position, position + limit);
  }

  #collect(task?: Task): DirectoryEntry[] | number {
    const names = this.inode.list(this.dentry, task);
    if (typeof names === 'number') return names;
    const parent = (this.dentry.parent ?? this.dentry.covers?.parent ?? this.dentry).inode ?? this.inode;
    const entries: DirectoryEntry[] = [
      { name: '.', ino: this.inode.status.ino, type: DIRECTORY_TYPE, next: 1 },
      { name: '..', ino: parent.status.ino, type: DIRECTORY_TYPE, next: 2 },
    ];
    for (const { name, ino, type } of names) entries.push({ name, ino, type, next: entries.length + 1 });
    return entries;
  }

  override release(): void {
    dentryEvent(this.dentry, IN_CLOSE_NOWRITE);
    this.inode.recordLocks?.release(this);
    this.inode.wholeLocks?.release(this);
    this.inode.users--;
    this.inode.forgetIfUnused();
  }
}
