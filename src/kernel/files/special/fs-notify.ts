/** Who watches which file: file systems tell of changes here, and inotify(7) passes them on (Linux: fsnotify). */
import { IN_ISDIR } from '../../../linux/inotify.ts';
import { S_IFDIR, S_IFMT } from '../../../linux/stat.ts';

/** As far as watching a file needs it; every Inode is one. */
export interface Watchable {
  readonly status: { readonly mode: number };
}

export interface FileWatcher {
  /** @param name of the file in the watched directory; empty when the event is about the watched file itself */
  happened(events: number, name: string, cookie: number): void;
}

const watchers = new WeakMap<Watchable, Set<FileWatcher>>();
/** Nobody watches anything in most sandboxes: then telling is one comparison. */
let count = 0;
let lastCookie = 0;

export function addWatcher(file: Watchable, watcher: FileWatcher): void {
  const there = watchers.get(file);
  if (there) there.add(watcher);
  else watchers.set(file, new Set([watcher]));
  count++;
}

export function removeWatcher(file: Watchable, watcher: FileWatcher): void {
  if (watchers.get(file)?.delete(watcher)) count--;
}

function tell(file: Watchable, events: number, name: string, cookie: number): void {
  const there = watchers.get(file);
  if (there) for (const watcher of Array.from(there)) watcher.happened(events, name, cookie);
}

function directoryBit(file: Watchable): number {
  return (file.status.mode & S_IFMT) === S_IFDIR ? IN_ISDIR : 0;
}

/**
 * Something happened to a file: IN_OPEN, IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_CLOSE_*.
 *
 * @param directory where it was found, and under which name; undefined where it has no name
 */
export function fileEvent(file: Watchable, events: number, directory?: Watchable, name = ''): void {
  if (count === 0) return;
  const all = events | directoryBit(file);
  tell(file, all, '', 0);
  if (directory) tell(directory, all, name, 0);
}

/** As far as telling of a name needs it; every Dentry is one. */
interface Named {
  readonly name: string;
  readonly inode: Watchable | undefined;
  readonly parent: { readonly inode: Watchable | undefined } | undefined;
}

/** The same for the file behind a name, as descriptions and calls with a path know it. */
export function dentryEvent(dentry: Named, events: number): void {
  if (count > 0 && dentry.inode) fileEvent(dentry.inode, events, dentry.parent?.inode, dentry.name);
}

/** A name has come or gone: IN_CREATE, IN_DELETE. */
export function nameEvent(directory: Watchable, events: number, name: string, file: Watchable): void {
  if (count > 0) tell(directory, events | directoryBit(file), name, 0);
}

/** A file itself has lost its last name or was moved: IN_DELETE_SELF, IN_MOVE_SELF. */
export function selfEvent(file: Watchable, events: number): void {
  if (count > 0) tell(file, events, '', 0);
}

/** rename(2): both directories are told, with a number that says that it was one event. */
export function moveEvent(
  from: { directory: Watchable; name: string; events: number },
  to: { directory: Watchable; name: string; events: number },
  file: Watchable,
): void {
  if (count === 0) return;
  lastCookie = (lastCookie % 0x7fff_ffff) + 1;
  const bit = directoryBit(file);
  tell(from.directory, from.events | bit, from.name, lastCookie);
  tell(to.directory, to.events | bit, to.name, lastCookie);
}
