/** One thing broken at a time, and the probes that doctor must name for it. */
import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { discoverCgroups } from '../../src/confine/cgroups/index.ts';
import { hostArchitecture } from '../../src/linux/architectures.ts';
import { ERRNO } from '../../src/linux/errno.ts';
import { NAMESPACES } from '../../src/linux/namespaces.ts';
import { syscallNumber } from '../../src/linux/syscalls.ts';

export interface Case {
  what: string;
  /** Steps that break nothing by themselves; the baseline is taken after them. */
  setup?: string[];
  steps: string[];
  /** Exactly these are named; whatever else turns bad must be blamed on one of them. */
  named: string[];
  /** Only as root, only as an ordinary user; both unless told. */
  only?: 'root' | 'user';
  /** Why it cannot be tried on this host. */
  impossible?: string;
}

const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const PR_CAPBSET_DROP = 24;
const PR_SET_SYSCALL_USER_DISPATCH = 59;
const PTRACE_SYSEMU = 31;
const NEW_LISTENER = 8;
const CAP_SYS_RAWIO = '17';

function nr(name: string): string {
  const number = syscallNumber(hostArchitecture(), name);
  if (number === undefined) throw new Error(`no system call ${name}`);
  return String(number);
}

const refuse = (name: string, error: keyof typeof ERRNO) => ['refuse', nr(name), String(ERRNO[error])];
const refuseValue = (name: string, argument: number, value: number, error: keyof typeof ERRNO) =>
  ['refuse-value', nr(name), argument, value, ERRNO[error]].map(String);
const refuseFlag = (name: string, argument: number, mask: number, error: keyof typeof ERRNO) =>
  ['refuse-flag', nr(name), argument, mask, ERRNO[error]].map(String);

/** Each user namespace may limit the namespaces made in it (namespaces(7), /proc/sys/user). */
const namespaceCases: Case[] = NAMESPACES.map((type) => ({
  what: `no more ${type} namespaces`,
  setup: ['user'],
  steps: ['write', `/proc/sys/user/max_${type}_namespaces`, '0'],
  named: [`namespace.${type}`],
}));

const callCases: Case[] = [
  { what: 'clone3 is refused', steps: refuse('clone3', 'ENOSYS'), named: ['clone3'] },
  { what: 'mount is refused', steps: refuse('mount', 'EPERM'), named: ['namespace.mnt'] },
  { what: 'pivot_root is refused', steps: refuse('pivot_root', 'EPERM'), named: ['pivot-root'] },
  { what: 'fsopen is refused', steps: refuse('fsopen', 'ENOSYS'), named: ['mount.new-api'] },
  { what: 'ptrace is refused', steps: refuse('ptrace', 'EPERM'), named: ['ptrace'] },
  {
    what: 'PTRACE_SYSEMU is refused',
    steps: refuseValue('ptrace', 0, PTRACE_SYSEMU, 'EIO'),
    named: ['ptrace.sysemu'],
  },
  { what: 'process_vm_readv is refused', steps: refuse('process_vm_readv', 'EPERM'), named: ['process-vm'] },
  { what: 'process_vm_readv kills', steps: ['kill', nr('process_vm_readv')], named: ['process-vm'] },
  {
    what: 'no filter can be loaded',
    steps: [...refuseValue('prctl', 0, PR_SET_SECCOMP, 'EPERM'), ...refuse('seccomp', 'EPERM')],
    named: ['seccomp.filter'],
  },
  {
    what: 'no listener can be made',
    steps: refuseFlag('seccomp', 1, NEW_LISTENER, 'EINVAL'),
    named: ['seccomp.user-notification'],
  },
  {
    what: 'user dispatch is refused',
    steps: refuseValue('prctl', 0, PR_SET_SYSCALL_USER_DISPATCH, 'EINVAL'),
    named: ['syscall-user-dispatch'],
  },
  {
    what: 'no_new_privs is refused',
    steps: refuseValue('prctl', 0, PR_SET_NO_NEW_PRIVS, 'EINVAL'),
    named: ['no-new-privileges'],
  },
  {
    what: 'the bounding set cannot be changed',
    steps: refuseValue('prctl', 0, PR_CAPBSET_DROP, 'EPERM'),
    named: ['capabilities'],
  },
  { what: 'memfd_create is refused', steps: refuse('memfd_create', 'EPERM'), named: ['memfd'] },
  { what: 'execveat is refused', steps: refuse('execveat', 'EACCES'), named: ['memfd.exec'] },
  {
    what: 'chmod has no effect',
    steps: ['chmod', 'fchmodat'].flatMap((name) => ['refuse', nr(name), '0']),
    // The linker makes its output executable by chmod.
    named: ['file-modes', 'compiler.c', 'compiler.c++'],
  },
  {
    what: 'ptrace hangs (and its supervisor keeps the one listener that can be)',
    steps: ['hang', nr('ptrace')],
    named: ['seccomp.user-notification', 'ptrace'],
  },
  {
    what: 'mount hangs, and with it a fifth of all probes',
    steps: ['hang', nr('mount')],
    named: ['seccomp.user-notification', 'namespace.mnt'],
  },
];

const hidden = (path: string) => ['mounts', 'hide', path];
const missing = (path: string) => (existsSync(path) ? {} : { impossible: `there is no ${path}` });

/** Where the compiler looks for an archive; its bare name when it has none. */
function archive(name: string): string {
  try {
    return realpathSync(execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim());
  } catch {
    return name;
  }
}

/** The real file behind a name that the loader finds (ldconfig(8)). */
function libseccomp(): string {
  const folders = [
    `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
    '/usr/lib64',
    '/usr/lib',
  ];
  const found = folders.map((folder) => `${folder}/libseccomp.so.2`).find((path) => existsSync(path));
  return found === undefined ? 'libseccomp.so.2' : realpathSync(found);
}

function hiding(what: string, path: string, named: string[], only?: 'root' | 'user'): Case {
  return { what, steps: hidden(path), named, ...missing(path), ...(only && { only }) };
}

const fileCases: Case[] = [
  hiding('/dev/kvm is masked', '/dev/kvm', ['kvm'], 'root'),
  hiding('/dev/ptmx is masked', '/dev/ptmx', ['terminal']),
  hiding('libseccomp is hidden', libseccomp(), ['libseccomp']),
  hiding('the C library has no static archive', archive('libc.a'), ['compiler.c', 'compiler.c++']),
  hiding('the C++ library has no static archive', archive('libstdc++.a'), ['compiler.c++']),
  {
    what: 'newuidmap cannot be run',
    steps: hidden('/usr/bin/newuidmap'),
    named: ['user-namespace.multi-id'],
    only: 'user',
    ...missing('/usr/bin/newuidmap'),
  },
  {
    what: 'no range in /etc/subuid',
    steps: ['mounts', 'bind', '/dev/null', '/etc/subuid'],
    named: ['user-namespace.multi-id'],
    only: 'user',
    ...missing('/usr/bin/newuidmap'),
  },
  {
    what: 'a part of /proc is covered, as container engines do it',
    setup: ['user'],
    steps: ['mounts', 'hide', '/proc/keys', 'user'],
    named: ['mount.proc'],
    ...missing('/proc/keys'),
  },
];

const machineCases: Case[] = [
  { what: 'one core only', steps: ['core', '0'], named: ['cores'] },
  { what: 'few processes', steps: ['processes', '72'], named: ['processes'], only: 'user' },
  {
    what: 'no CAP_SYS_RAWIO, and vm.mmap_min_addr is not 0',
    steps: ['without', CAP_SYS_RAWIO],
    named: ['page-zero'],
    only: 'root',
  },
];

const CONTROLLERS = { memory: 'memory', pids: 'pids', cpu: 'cpu', freezer: 'freezer', io: 'blkio' };

/** By probe, the mounts of which any one is enough: one of v1, and v2 where it has the controller. */
function cgroupMounts(): Map<string, string[]> {
  const { v1, v2 } = discoverCgroups();
  const available = new Set(v2?.places.flatMap((place) => place.available));
  return new Map(
    Object.entries(CONTROLLERS).map(([name, old]) => {
      const hierarchies = v1.filter(({ controllers }) => controllers.includes(old)).map(({ mount }) => mount);
      const tree = v2 && (name === 'freezer' || available.has(name)) ? [v2.mount] : [];
      return [`cgroup.${name}`, [...hierarchies, ...tree]];
    }),
  );
}

function cgroupCases(): Case[] {
  const mounts = [...cgroupMounts()].filter(([, places]) => places.length > 0);
  const readonly = mounts.map(([probe, places]): Case => ({
    what: `what ${probe} needs is mounted read-only`,
    steps: ['mounts', ...places.flatMap((place) => ['readonly', place])],
    named: mounts.filter(([, others]) => others.every((each) => places.includes(each))).map(([id]) => id),
    only: 'root',
  }));
  const unmounted: Case = {
    what: 'no cgroups are mounted',
    steps: ['mounts', 'unmount', '/sys/fs/cgroup'],
    named: ['cgroup.version'],
  };
  return mounts.length > 0 ? [...readonly, unmounted] : [];
}

export const cases: Case[] = [
  ...cgroupCases(),
  ...namespaceCases,
  ...callCases,
  ...fileCases,
  ...machineCases,
];
