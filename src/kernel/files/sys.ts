/** The little of /sys that programs look for: how many processors there are (sysfs(5)). */
import type { Task } from '../tasks/task.ts';
import type { FileSystem } from './file-system.ts';
import { NodeMaker } from './proc/nodes.ts';
import { processorsOf } from './proc/system.ts';
import { Superblock } from './superblock.ts';

const SYSFS_MAGIC = 0x62656572;

function range(task: Task): string {
  const last = processorsOf(task) - 1;
  return last === 0 ? '0\n' : `0-${last}\n`;
}

export function mountSys(fileSystem: FileSystem): void {
  const superblock = new Superblock(fileSystem.memory, {
    type: 'sysfs',
    magic: SYSFS_MAGIC,
    revalidates: true,
    readOnly: true,
  });
  const maker = new NodeMaker(superblock);
  const online = maker.text(range);
  const cpu = maker.folder({ online, possible: maker.text(range), present: maker.text(range) });
  const root = maker.folder({
    devices: maker.folder({ system: maker.folder({ cpu }) }),
    fs: maker.folder({ cgroup: maker.folder({}) }),
    class: maker.folder({ net: maker.folder({}) }),
    kernel: maker.folder({ mm: maker.folder({}) }),
  });
  fileSystem.mount('/sys', root);
}
