/** Fills /dev: devices, links to the process's own descriptors, and places for terminals and shared memory. */
import { makeDevice, S_IFCHR } from '../../../linux/stat.ts';
import type { Dentry } from '../dentry.ts';
import type { FileSystem } from '../file-system.ts';
import { registerOpener } from '../special-files.ts';
import { newStat } from '../stat.ts';
import { SpecialInode, TmpfsSymlink } from '../tmpfs.ts';
import { CharacterDevice, DEVICES } from './character-device.ts';

const MEMORY_MAJOR = 1;
/** Of the terminal that controls the process; the room of terminals opens it. */
const TTY = makeDevice(5, 0);

const LINKS: Readonly<Record<string, string>> = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
};

function addDevice(directory: Dentry, name: string, device: number): void {
  const { superblock } = directory.inode!;
  const [dev, ino] = [superblock.device, superblock.newInodeNumber()];
  const status = newStat({ dev, ino, mode: S_IFCHR | 0o666, rdev: device });
  directory.add(name, new SpecialInode(superblock, status));
}

export function mountDevices(fileSystem: FileSystem): void {
  const root = fileSystem.mountTmpfs('/dev', 0o755, 'devtmpfs');
  for (const [name, device] of Object.entries(DEVICES)) {
    const number = makeDevice(MEMORY_MAJOR, device.minor);
    addDevice(root, name, number);
    registerOpener(S_IFCHR, (_inode, dentry, flags) => new CharacterDevice(device, dentry, flags), number);
  }
  addDevice(root, 'tty', TTY);
  for (const [name, target] of Object.entries(LINKS)) {
    const made = root.inode!.symlink(name, target, { mode: 0o777, uid: 0, gid: 0 });
    if (made instanceof TmpfsSymlink) root.add(name, made);
  }
  fileSystem.mountTmpfs('/dev/shm', 0o1777);
  fileSystem.folder('/dev/pts');
}
