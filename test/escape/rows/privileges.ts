/** Ways to more rights, to devices and terminals, and to more than a fair share. */
import { chmodSync, chownSync, copyFileSync, rmSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Row } from '../row.ts';
import type { Stage } from '../stage.ts';

/** A copy of the attempt that changes who executes it: root's for others, another's for root. */
function setuidCopy(stage: Stage): string {
  const copy = join(stage.folder, 'setuid-copy');
  copyFileSync(stage.attempt('setuid-binary'), copy);
  const owner = stage.identity.uid === 0 ? 65534 : 0;
  chownSync(copy, owner, owner);
  chmodSync(copy, 0o4755);
  return copy;
}

function grantedCopy(stage: Stage): string {
  const copy = join(stage.folder, 'granted-copy');
  copyFileSync(stage.attempt('file-capabilities'), copy);
  execFileSync(stage.attempt('file-capabilities'), ['--grant', copy]);
  return copy;
}

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps=-all'];

/** What a terminal that is not the guest's own had pushed into it, or was shown. */
const typed = (_stage: Stage, output: string): string | undefined => /^(typed|shown): .*/m.exec(output)?.[0];

const inTerminal = (mode: string) => (stage: Stage, command: string[]) => [
  stage.support('terminal'),
  mode,
  ...command,
];

const terminals: Row[] = [
  ...['inherit', 'redirect'].map((mode): Row => ({
    name: 'tiocsti',
    variant: mode === 'inherit' ? 'from a terminal' : 'from a terminal, output redirected',
    danger: 'types commands into the shell that started it',
    stops: 'a terminal or session of its own, and the seccomp profile refuses the ioctl',
    shown: inTerminal(mode),
    confined: (stage) => ({ launcher: [stage.support('terminal'), mode] }),
    harm: typed,
    absent: /EIO/,
  })),
  {
    name: 'tioclinux',
    danger: 'pastes commands into the shell that started it',
    stops: 'no console of the host in /dev, and the seccomp profile refuses the ioctl',
    arguments: () => ['/dev/tty1'],
    confined: (stage) => ({ launcher: [stage.support('terminal'), 'inherit'] }),
    needsRoot: 'show',
    absent: /ENOENT/,
  },
  {
    name: 'host-terminal',
    danger: 'reads and writes other people’s terminals',
    stops: 'a devpts of its own',
    shown: inTerminal('aside'),
    confined: (stage) => ({ launcher: [stage.support('terminal'), 'aside'] }),
    harm: typed,
  },
];

export const privileges: Row[] = [
  {
    name: 'setuid-binary',
    danger: 'becomes another user through the host’s setuid programs',
    stops: 'no_new_privs; nosuid on every mount; ids that are not mapped',
    arguments: (stage) => [setuidCopy(stage)],
    needsRoot: 'both',
  },
  {
    name: 'file-capabilities',
    danger: 'gains capabilities from files of the host',
    stops: 'no_new_privs; nosuid on every mount; the bounding set',
    arguments: (stage) => [grantedCopy(stage)],
    shown: (stage, command) => (stage.identity.uid === 0 ? [...asNobody, ...command] : command),
    needsRoot: 'both',
  },
  {
    name: 'setuid-drop',
    danger: 'leaves a setuid program on the host for others to execute',
    stops: 'root inside is nobody outside; the seccomp profile refuses the setuid bit',
    arguments: () => ['/shared'],
    shownArguments: (stage) => [dropFolder(stage)],
    confined: (stage) => ({ options: ['--bind', `${dropFolder(stage)}:/shared`] }),
    harm: (stage) => {
      const dropped = statSync(join(stage.folder, 'drop/dropped'), { throwIfNoEntry: false });
      if (!dropped || !(dropped.mode & 0o4000) || dropped.uid !== stage.identity.uid) return undefined;
      return `the host has a setuid program of ${stage.identity.name}`;
    },
    needsRoot: 'show',
  },
  {
    name: 'mknod-disk',
    danger: 'reads and writes the host’s disk',
    stops: 'no device can be made in a user namespace; CAP_MKNOD is not kept; nodev on every mount',
    // The disk of /, and a loop device for hosts that are containers themselves and may not open it.
    arguments: () => {
      const { dev } = statSync('/');
      return [`${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`, '7:0'];
    },
    needsRoot: 'show',
    absent: /^contained: (open \S+: (ENXIO|ENODEV|EPERM)(; )?)+$/m,
  },
  {
    name: 'host-devices',
    danger: 'reaches drivers: disks, KVM, FUSE',
    stops: 'a /dev of its own with six devices (src/confine/rootfs/device.ts)',
    needsRoot: 'show',
  },
  ...terminals,
  {
    name: 'realtime-hog',
    danger: 'starves everybody else',
    stops: 'CAP_SYS_NICE counts only in the first user namespace and is not kept',
    needsRoot: 'show',
  },
  {
    name: 'fork-bomb',
    danger: 'takes every process number of the host',
    stops: 'a limit of processes that holds without being asked for',
    arguments: () => ['4000'],
    shownArguments: () => ['50'],
  },
  {
    name: 'fill-memory',
    danger: 'takes the machine’s memory through an in-memory file system',
    stops: 'every tmpfs has a size (src/confine/rootfs)',
    arguments: () => ['2048', '/tmp', '/dev/shm', '/dev', '/var/tmp', '/root', '/'],
    shownArguments: () => ['16', '/dev/shm'],
  },
];

function dropFolder(stage: Stage): string {
  const folder = stage.own('drop', 0o777);
  rmSync(join(folder, 'dropped'), { force: true });
  return folder;
}
