/** What is mounted in a child, read from outside: /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
import { readFileSync } from 'node:fs';

export interface Mount {
  /** major:minor of the file system; the same number is the same file system. */
  device: string;
  /** Which directory of it shows. */
  root: string;
  point: string;
  options: string[];
  /** shared:N, master:N … */
  propagation: string[];
  type: string;
}

export function readMounts(pid: number | 'self'): Mount[] {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , device = '', root = '', point = '', options = '', ...propagation] = left.split(' ');
    return { device, root, point, options: options.split(','), propagation, type: right.split(' ')[0] ?? '' };
  });
}

export const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** The mount that a path shows: the longest, and of those on one place the last, on top. */
export function covering(mounts: readonly Mount[], path: string): Mount {
  const candidates = mounts.filter(({ point }) => isBelow(path, point));
  const longest = Math.max(...candidates.map(({ point }) => point.length));
  const found = candidates.filter(({ point }) => point.length === longest).at(-1);
  if (!found) throw new Error(`no mount at ${path}`);
  return found;
}
