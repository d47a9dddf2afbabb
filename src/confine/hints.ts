/** What a step's errno means for the person at the keyboard, and what to do about it. */
import type { Step } from './plan.ts';

const EXEC: Record<string, string> = {
  ENOENT:
    'There is no such program in the child’s world: check the name, --env PATH=… and what --rootfs holds.',
  EACCES: 'The file is not executable, or it lies on a mount with noexec.',
  ENOEXEC: 'The file is neither a program for this machine nor a script with a #! line.',
  EPERM: 'The seccomp filter refuses execve, or the file may not be run.',
};

const NAMESPACES: Record<string, string> = {
  EPERM: 'This user may not create these namespaces: `ring3 doctor` names the setting that forbids it.',
  ENOSPC: 'The limit on namespaces is reached: see /proc/sys/user/max_*_namespaces.',
  EINVAL: 'The kernel was built without one of these namespaces: `ring3 doctor` names it.',
};

const ID_MAP: Record<string, string> = {
  EPERM:
    'The kernel refuses this id map: without root it may hold only one’s own id (or ranges of /etc/subuid through newuidmap), and setgroups must be denied first.',
  EINVAL: 'The ranges overlap, or the map has been written already.',
  ENOENT:
    'Install newuidmap: `apt-get install uidmap` (Debian, Ubuntu) or `dnf install shadow-utils` (Fedora).',
};

const MOUNT: Record<string, string> = {
  EPERM:
    'A mount needs CAP_SYS_ADMIN in its namespace; a proc or sysfs needs one that is not covered already, which containers often have.',
  ENOENT: 'The path is missing: make it with a `directory` or `file` step first.',
  ENOTDIR: 'A folder can be mounted only on a folder, and a file only on a file.',
  ENODEV: 'The kernel does not have this filesystem: `ring3 doctor` names what is missing.',
  EINVAL: 'The filesystem refuses an option, or the source lies on a mount that may not be copied alone.',
  EACCES: 'Not even the child’s root may reach this path.',
  ELOOP: 'A symbolic link on the path leads out of the new root or in a circle.',
};

const CGROUP: Record<string, string> = {
  EACCES: 'Run as root, or with a delegated cgroup: `systemd-run --user --scope -p Delegate=yes ring3 …`.',
  EPERM: 'Run as root, or with a delegated cgroup: `systemd-run --user --scope -p Delegate=yes ring3 …`.',
  EROFS:
    'The cgroup tree is mounted read-only, as in most containers: start that container with a writable one.',
  EBUSY:
    'A cgroup with processes of its own cannot hand out controllers (cgroups(7), no internal processes).',
  EINVAL: 'The controller refuses this value.',
  ENOENT: 'The controller is not enabled in the parent’s cgroup.subtree_control.',
};

const HINTS: Partial<Record<Step['step'], Record<string, string>>> = {
  exec: EXEC,
  namespaces: NAMESPACES,
  idMap: ID_MAP,
  mount: MOUNT,
  bind: MOUNT,
  overlay: MOUNT,
  attributes: MOUNT,
  mask: MOUNT,
  pivotRoot: {
    ...MOUNT,
    EINVAL: 'The new root must be a mount point in a namespace of its own, and not shared.',
  },
  cgroupCreate: CGROUP,
  cgroupWrite: CGROUP,
  cgroupJoin: CGROUP,
  rlimit: { EPERM: 'A hard limit can only be lowered without CAP_SYS_RESOURCE.' },
  groups: {
    EPERM: 'setgroups needs CAP_SETGID, and is denied where an unprivileged parent wrote the gid map.',
  },
  workdir: {
    ENOENT: 'There is no such folder inside: --bind shows one, or --workdir names another.',
    EACCES:
      'Not even root inside may enter it, because its owner has no id there and others may not: chmod o+x it, or name another with --workdir.',
    ELOOP: 'It leads through /proc to something that is not a folder of the child’s world.',
  },
  uid: { EINVAL: 'The id is not in the child’s map.', EPERM: 'Changing ids needs CAP_SETUID.' },
  gid: { EINVAL: 'The id is not in the child’s map.', EPERM: 'Changing ids needs CAP_SETGID.' },
  seccomp: {
    EACCES: 'Without CAP_SYS_ADMIN a filter needs the `noNewPrivs` step before it (seccomp(2)).',
    EINVAL: 'The kernel’s checker refuses this program: `ring3 seccomp show` prints it.',
  },
};

const DEFAULT = '`ring3 doctor` shows what this host allows.';

export function hint(step: Step['step'], code: string): string {
  return HINTS[step]?.[code] ?? DEFAULT;
}
