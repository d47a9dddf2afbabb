/** /proc/PID/mounts and mountinfo (proc(5)). */
import { deviceMajor, deviceMinor } from '../../../linux/stat.ts';
import type { Task } from '../../tasks/task.ts';
import type { FileSystem, Mount } from '../file-system.ts';

/** Blanks and backslashes are octal, so that fields can be told apart. */
function escaped(text: string): string {
  return text.replaceAll(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function options({ superblock }: Mount): string {
  return `${superblock.readOnly ? 'ro' : 'rw'},nosuid,nodev,noatime`;
}

/** What is mounted below the reader's root, with the path that it sees. */
function visible(fileSystem: FileSystem, reader: Task): { mount: Mount; path: string }[] {
  return fileSystem.mounts.flatMap((mount) => {
    const path = mount.root.pathFrom(reader.fs.root);
    return path === undefined ? [] : [{ mount, path: escaped(path) }];
  });
}

export function mountsText(fileSystem: FileSystem, reader: Task): string {
  return visible(fileSystem, reader)
    .map(({ mount, path }) => {
      const { source, type } = mount.superblock;
      return `${escaped(source)} ${path} ${type} ${options(mount)} 0 0\n`;
    })
    .join('');
}

export function mountinfoText(fileSystem: FileSystem, reader: Task): string {
  return visible(fileSystem, reader)
    .map(({ mount, path }) => {
      const { source, type, device, readOnly } = mount.superblock;
      const parent = fileSystem.mountAbove(mount)?.id ?? 1;
      const place = `${deviceMajor(device)}:${deviceMinor(device)} / ${path}`;
      const own = mount.superblock.options === '' ? '' : `,${mount.superblock.options}`;
      const rights = `${readOnly ? 'ro' : 'rw'}${own}`;
      return `${mount.id} ${parent} ${place} ${options(mount)} - ${type} ${escaped(source)} ${rights}\n`;
    })
    .join('');
}
