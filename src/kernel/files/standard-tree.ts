/** The tree that a guest finds: the host's files, and over them what a running system puts there. */
import { mountDevices } from './dev/devices.ts';
import { registerFifos } from './fifo-names.ts';
import { FileSystem, type FileSystemOptions } from './file-system.ts';
import { mountProc } from './proc/proc.ts';
import { mountSys } from './sys.ts';

export interface StandardTreeOptions extends FileSystemOptions {
  /** A folder of the host that is shown although it lies in a hidden one, or where something else is mounted. */
  current?: string;
}

/** Mounts /dev, /dev/shm, /proc, /sys and /tmp; shows the current folder. */
export function standardTree(options: StandardTreeOptions): FileSystem {
  const fileSystem = new FileSystem(options);
  registerFifos();
  mountDevices(fileSystem);
  mountProc(fileSystem);
  mountSys(fileSystem);
  fileSystem.mountTmpfs('/tmp', 0o1777);
  if (options.current !== undefined) fileSystem.reveal(options.current);
  return fileSystem;
}
