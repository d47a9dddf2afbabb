/** Windows Subsystem for Linux. Version 2 is a Linux kernel in a virtual machine; version 1 is none. */
import type { HostFacts } from '../host.ts';
import { isCgroup, type HostKind, type Problem } from './kind.ts';

/** Settings of the virtual machine, in the Windows user's own folder; they take effect after a shutdown. */
function wslconfig(setting: string): string {
  return `in %UserProfile%\\.wslconfig, under [wsl2], set ${setting}; then in PowerShell: wsl --shutdown`;
}

const FIXES: Readonly<Record<string, string>> = {
  cores: wslconfig('processors=2'),
  kvm: wslconfig('nestedVirtualization=true'),
  'file-modes':
    'clone ring3 into ~ (drives under /mnt are slow, and keep modes only with `options = "metadata"` ' +
    'under [automount] in /etc/wsl.conf)',
};

/** Old kernels of WSL lack user notification, the new mount API, time namespaces. */
const NEEDS_NEW_KERNEL = [
  'seccomp.user-notification',
  'mount.new-api',
  'namespace.time',
  'clone3',
  'overlay.user-namespace',
];

function fix(problem: Problem): string | undefined {
  const known = FIXES[problem.id];
  if (known) return known;
  if (isCgroup(problem)) {
    const systemd = 'in /etc/wsl.conf, under [boot], set systemd=true';
    return `${systemd}; ${wslconfig('kernelCommandLine = cgroup_no_v1=all')}`;
  }
  const old = problem.errno === 'ENOSYS' || problem.errno === 'EINVAL';
  return old && NEEDS_NEW_KERNEL.includes(problem.id)
    ? 'in PowerShell: wsl --update, then wsl --shutdown'
    : undefined;
}

function notes(facts: HostFacts): string[] {
  const drive = /^\/mnt\/[a-z]\//.test(facts.folder)
    ? [`ring3 lies on a Windows drive (${facts.folder}): slow, and without modes. Clone it into ~ instead.`]
    : [];
  return [
    ...drive,
    'Windows programs can be started from here through sockets in /run/WSL; `ring3 run` hides that folder.',
  ];
}

export const wsl: HostKind = {
  is: (facts) => facts.wsl === 2,
  title: () => 'in WSL 2',
  fix,
  notes,
};

export const wsl1: HostKind = {
  is: (facts) => facts.wsl === 1,
  title: () => 'in WSL 1',
  fix: () => undefined,
  stop: () =>
    [
      'WSL 1 has no Linux kernel, so there is nothing to confine with. In PowerShell:',
      '  wsl --list --verbose',
      '  wsl --set-version NAME-OF-YOUR-DISTRIBUTION 2',
    ].join('\n'),
};
