/**
 * Other people's machines, as discovery would see them: /proc/self/mountinfo, /proc/self/cgroup and the files of the
 * groups on the way up. Written after what `findmnt`, `cat /proc/self/cgroup` and `ls -l` print there.
 */
import type { View } from '../../../src/confine/cgroups/view.ts';

interface Machine {
  /** `TYPE PATH ROOT SUPEROPTIONS`, a mount each. */
  mounts: string[];
  own: string[];
  /** Files by path; a folder exists when a file below it does. */
  files?: Record<string, string>;
  /** What a write to a path that starts so meets; the longest start counts, '' and what is not listed: none. */
  refused?: Record<string, string>;
}

export function machine({ mounts, own, files = {}, refused = {} }: Machine): View {
  const mountinfo = mounts.map((mount, index) => {
    const [type, path, root, options] = mount.split(' ');
    return `${30 + index} 23 0:${28 + index} ${root} ${path} rw,relatime shared:9 - ${type} cgroup ${options}`;
  });
  const all: Record<string, string> = {
    '/proc/self/mountinfo': `22 1 0:21 / /proc rw - proc proc rw\n${mountinfo.join('\n')}\n`,
    '/proc/self/cgroup': `${own.join('\n')}\n`,
    '/proc/swaps': 'Filename Type Size Used Priority\n',
    ...files,
  };
  return {
    read: (path) => all[path],
    refusal(path) {
      const start = Object.keys(refused)
        .filter((each) => path.startsWith(each))
        .sort((a, b) => b.length - a.length)[0];
      return (start && refused[start]) || undefined;
    },
  };
}

/** The files of a v2 group; the true root has no type. */
export function v2Group(
  path: string,
  group: { type?: string; controllers: string; enabled?: string; procs?: string },
): Record<string, string> {
  const { type, controllers, enabled = '', procs = '' } = group;
  return {
    [`${path}/cgroup.controllers`]: `${controllers}\n`,
    [`${path}/cgroup.subtree_control`]: `${enabled}\n`,
    [`${path}/cgroup.procs`]: procs,
    ...(type && { [`${path}/cgroup.type`]: `${type}\n` }),
    ...(type && controllers.includes('memory') && { [`${path}/memory.swap.max`]: 'max\n' }),
  };
}

const ALL = 'cpuset cpu io memory hugetlb pids rdma misc';
const SESSION = '/user.slice/user-1000.slice/session-3.scope';
const FS = '/sys/fs/cgroup';

const systemdTree = (own: Record<string, string>) => ({
  ...v2Group(FS, { controllers: ALL, enabled: 'cpuset cpu io memory pids' }),
  ...v2Group(`${FS}/user.slice`, { type: 'domain', controllers: ALL, enabled: 'cpuset cpu io memory pids' }),
  ...v2Group(`${FS}/user.slice/user-1000.slice`, {
    type: 'domain',
    controllers: 'cpuset cpu io memory pids',
    enabled: 'cpu memory pids',
  }),
  ...own,
});

/** Debian 12, root over ssh. */
export const systemdRoot = machine({
  mounts: [`cgroup2 ${FS} / rw,nsdelegate,memory_recursiveprot`],
  own: [`0::${SESSION}`],
  files: systemdTree(
    v2Group(`${FS}${SESSION}`, { type: 'domain', controllers: 'cpu memory pids', procs: '812\n' }),
  ),
});

/** The same, as the user 1000. */
export const systemdSession = machine({
  mounts: [`cgroup2 ${FS} / rw,nsdelegate,memory_recursiveprot`],
  own: [`0::${SESSION}`],
  files: systemdTree(
    v2Group(`${FS}${SESSION}`, { type: 'domain', controllers: 'cpu memory pids', procs: '812\n' }),
  ),
  refused: { [FS]: 'EACCES' },
});

const USER = '/user.slice/user-1000.slice/user@1000.service';
const SCOPE = `${USER}/app.slice/run-r1.scope`;

/** `systemd-run --user --scope`, or a terminal of a desktop; `passed` is what systemd passes to the user's service. */
export function systemdScope(passed: string): View {
  return machine({
    mounts: [`cgroup2 ${FS} / rw,nsdelegate,memory_recursiveprot`],
    own: [`0::${SCOPE}`],
    files: systemdTree({
      ...v2Group(`${FS}${USER}`, { type: 'domain', controllers: passed, enabled: passed }),
      ...v2Group(`${FS}${USER}/app.slice`, { type: 'domain', controllers: passed, enabled: 'memory pids' }),
      ...v2Group(`${FS}${SCOPE}`, { type: 'domain', controllers: 'memory pids', procs: '900\n' }),
    }),
    refused: { [FS]: 'EACCES', [`${FS}${USER}`]: '' },
  });
}

/** `docker run` on a v2 host: a cgroup namespace, and the tree read-only. `--privileged`: the same, to write. */
export function docker(privileged: boolean): View {
  return machine({
    mounts: [`cgroup2 ${FS} / rw,nsdelegate`],
    own: ['0::/'],
    files: v2Group(FS, { type: 'domain', controllers: ALL, procs: '1\n7\n' }),
    refused: privileged ? {} : { [FS]: 'EROFS' },
  });
}

const V1_MOUNTS = ['cpu,cpuacct', 'memory', 'pids', 'freezer'].map(
  (names) => `cgroup ${FS}/${names} / rw,${names}`,
);

/** Debian 10: systemd on v1, with a v2 tree of no controllers beside it. */
export const hybrid = machine({
  mounts: [
    ...V1_MOUNTS,
    `cgroup ${FS}/systemd / rw,xattr,name=systemd`,
    `cgroup2 ${FS}/unified / rw,nsdelegate`,
  ],
  own: [
    '5:cpu,cpuacct:/user.slice',
    '4:memory:/user.slice/user-0.slice/session-1.scope',
    '3:pids:/user.slice/user-0.slice/session-1.scope',
    '2:freezer:/',
    '1:name=systemd:/user.slice/user-0.slice/session-1.scope',
    '0::/user.slice/user-0.slice/session-1.scope',
  ],
  files: {
    [`${FS}/memory/user.slice/user-0.slice/session-1.scope/memory.memsw.limit_in_bytes`]:
      '9223372036854771712\n',
    ...v2Group(`${FS}/unified`, { controllers: '' }),
    ...v2Group(`${FS}/unified/user.slice`, { type: 'domain', controllers: '' }),
    ...v2Group(`${FS}/unified/user.slice/user-0.slice`, { type: 'domain', controllers: '' }),
    ...v2Group(`${FS}/unified/user.slice/user-0.slice/session-1.scope`, {
      type: 'domain',
      controllers: '',
      procs: '77\n',
    }),
  },
});

/** A container of old: v1, no cgroup namespace, so that the mount shows the container's group as its root. */
export function dockerV1(refusal?: string): View {
  return machine({
    mounts: ['memory', 'pids'].map((name) => `cgroup ${FS}/${name} /docker/4f1 rw,${name}`),
    own: ['2:memory:/docker/4f1', '1:pids:/docker/4f1', '0::/docker/4f1'],
    ...(refusal && { refused: { [FS]: refusal } }),
  });
}

/** A Raspberry Pi: v2, started with cgroup_disable=memory. */
export const raspberry = machine({
  mounts: [`cgroup2 ${FS} / rw`],
  own: ['0::/'],
  files: v2Group(FS, { controllers: 'cpuset cpu io pids', enabled: 'cpu' }),
});

export const bare = machine({ mounts: [], own: ['0::/'] });
