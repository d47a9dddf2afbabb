/** Where the hierarchies are mounted, and where in each of them we are: proc(5) mountinfo and /proc/self/cgroup. */
import { posix } from 'node:path';

export interface CgroupMount {
  version: 1 | 2;
  path: string;
  /** The cgroup that shows at `path`: not `/` in a container, and above us (`/..`) across a cgroup namespace. */
  root: string;
  /** Of a v1 hierarchy; with names such as `name=systemd` among them. */
  controllers: string[];
}

export interface Membership {
  version: 1 | 2;
  controllers: string[];
  path: string;
}

/**
 * A line: `31 23 0:28 ROOT PATH OPTIONS [OPTIONAL…] - TYPE SOURCE SUPEROPTIONS`.
 * The optional fields vary in number, so what follows is found from the lone hyphen.
 */
export function cgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, path] = left.split(' ').map(unescape);
    const [type, , options = ''] = right.split(' ');
    if (root === undefined || path === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, path, root, controllers: [] }];
    if (type === 'cgroup') return [{ version: 1, path, root, controllers: options.split(',') }];
    return [];
  });
}

/** Lines of /proc/self/cgroup: `4:memory:/path` of v1, `0::/path` of v2 (cgroups(7)). */
export function memberships(text: string): Membership[] {
  return text.split('\n').flatMap((line): Membership[] => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (!match) return [];
    const [, id, names = '', path = ''] = match;
    return [{ version: id === '0' ? 2 : 1, controllers: names.split(',').filter(Boolean), path }];
  });
}

/** The directory in which a cgroup shows below a mount; undefined when it lies outside of what is mounted there. */
export function directoryOf(mount: CgroupMount, cgroup: string): string | undefined {
  const relative = posix.relative(mount.root, cgroup);
  if (relative === '..' || relative.startsWith('../') || cgroup.startsWith('/..')) return undefined;
  return posix.join(mount.path, relative);
}

/** Blanks and backslashes of a path are octal there. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
