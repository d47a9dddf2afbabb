/** The mounts of a process, from /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
import { readFileSync } from 'node:fs';

export interface Mount {
  /** Where it is mounted, as this process sees it. */
  target: string;
  type: string;
  options: string[];
}

/** Space, tab, newline and backslash are written in octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const fields = before.split(' ');
      return {
        target: unescape(fields[4] ?? ''),
        type: after.split(' ')[0] ?? '',
        options: (fields[5] ?? '').split(','),
      };
    });
}

export function readMounts(): Mount[] {
  return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The filesystem that a path lies on. */
export function typeOf(mounts: readonly Mount[], path: string): string {
  const above = mounts.filter(({ target }) => target === '/' || `${path}/`.startsWith(`${target}/`));
  // Later mounts cover earlier ones at the same place.
  return above.reduce((best, mount) => (mount.target.length >= best.target.length ? mount : best), above[0]!)
    .type;
}

/** Is a mount to be found strictly below the folder? */
export function hasMountsBelow(mounts: readonly Mount[], folder: string): boolean {
  const prefix = folder === '/' ? '/' : `${folder}/`;
  return mounts.some(({ target }) => target !== folder && target.startsWith(prefix));
}
