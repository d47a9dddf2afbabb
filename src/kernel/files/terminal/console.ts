/** /dev/console: a terminal whose wire somebody outside of the sandbox holds. */
import { O_RDWR } from '../../../linux/open-flags.ts';
import { makeDevice, S_IFCHR } from '../../../linux/stat.ts';
import type { Dentry } from '../dentry.ts';
import type { FileSystem } from '../file-system.ts';
import { registerOpener } from '../special-files.ts';
import { newStat } from '../stat.ts';
import { SpecialInode } from '../tmpfs.ts';
import { Terminal, type WindowSize, type Wire } from './terminal.ts';
import { TerminalFile } from './terminal-file.ts';

const NAME = 'console';
/** Devices of Linux (Documentation/admin-guide/devices.txt): system console. */
const CONSOLE = makeDevice(5, 1);

export class Console {
  readonly terminal: Terminal;
  readonly #place: Dentry;

  /** Puts it into /dev. */
  constructor(fileSystem: FileSystem, wire: Wire, size: WindowSize) {
    this.terminal = new Terminal(wire, CONSOLE);
    this.terminal.size = size;
    const folder = fileSystem.folder('/dev');
    const { superblock } = folder.inode!;
    const [dev, ino] = [superblock.device, superblock.newInodeNumber()];
    const inode = new SpecialInode(superblock, newStat({ dev, ino, mode: S_IFCHR | 0o600, rdev: CONSOLE }));
    this.#place = folder.add(NAME, inode);
    registerOpener(S_IFCHR, (_inode, _dentry, flags) => this.open(flags), CONSOLE);
  }

  open(flags: number = O_RDWR): TerminalFile {
    return new TerminalFile({ terminal: this.terminal, flags, name: `/dev/${NAME}`, dentry: this.#place });
  }
}
