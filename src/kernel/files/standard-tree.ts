/** The tree that a guest finds: the host's files, and over them what a running system puts there. */
import { fail } from '../failure.ts';
import { mountDevices } from './dev/devices.ts';
import { registerFifos } from './fifo-names.ts';
import { FileSystem, type FileSystemOptions } from './file-system.ts';
import { mountProc } from './proc/proc.ts';
import { mountSys } from './sys.ts';
import { mountTerminals } from './terminal/devpts.ts';

export interface StandardTreeOptions extends FileSystemOptions {
  /** A folder of the host that is shown although it lies in a hidden one, or where something else is mounted. */
  current?: string;
  /** Folders shared with the host. */
  binds?: readonly Bind[];
}

export interface Bind {
  /** Where it is on the host, and where the guest finds it. */
  source: string;
  target: string;
  readOnly: boolean;
}

/** Fails as the host does where a folder cannot be shared. Mounts /dev, /dev/shm, /proc, /sys and /tmp; shows the current folder. */
export function standardTree(options: StandardTreeOptions): FileSystem {
  const fileSystem = new FileSystem(options);
  registerFifos();
  mountDevices(fileSystem);
  mountTerminals(fileSystem);
  mountProc(fileSystem);
  mountSys(fileSystem);
  fileSystem.mountTmpfs('/tmp', 0o1777);
  if (options.current !== undefined) fileSystem.reveal(options.current);
  for (const { source, target, readOnly } of options.binds ?? []) {
    const error = fileSystem.bind(source, target, readOnly);
    if (typeof error === 'number') fail(-error);
  }
  return fileSystem;
}
