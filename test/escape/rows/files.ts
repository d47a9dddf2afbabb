/** Ways to files and mounts that are not ours. */
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import type { Row } from '../row.ts';
import { link, preloadLibrary, type Stage } from '../stage.ts';

/** A root directory of its own and nothing else. */
const inJail =
  (workdir: 'inside' | 'outside') =>
  (stage: Stage, [program, ...args]: string[]): string[] => {
    const jail = stage.jail(program!.split('/').pop()!);
    const command = [stage.support('weak-launcher'), jail, workdir, '/attempt', ...args];
    return stage.identity.uid === 0 ? command : ['unshare', '-Ur', ...command];
  };

/** Mounts of its own, made by a few lines of shell. */
const withMounts = (script: (stage: Stage) => string) => (stage: Stage, command: string[]) => [
  'unshare',
  '-Urm',
  'sh',
  '-ec',
  `${script(stage)}; exec "$@"`,
  'sh',
  ...command,
];

const leaking = ['sh', '-c', 'exec 9</; exec "$@"', 'sh'];

/** A file below the stage that a mask is to hide. */
function hidden(stage: Stage): string {
  const file = join(stage.own(join('hidden')), 'file');
  writeFileSync(file, `${stage.token}\n`);
  return file;
}

/** What a hostile image puts where the runtime is going to mount. */
function hostileRootfs(stage: Stage, links: Record<string, string>): string {
  const folder = stage.own(`rootfs-${Object.keys(links).join('-')}`);
  copyFileSync(stage.attempt('unmasked-proc'), join(folder, 'attempt'));
  for (const [name, target] of Object.entries(links)) {
    rmSync(join(folder, name), { force: true });
    link(stage, target, join(folder, name));
  }
  return folder;
}

/** A folder outside of any rootfs into which nothing may be put. */
const outside = (stage: Stage): string => stage.own('outside');

function harmOutside(stage: Stage): string | undefined {
  const names = readdirSync(outside(stage));
  return names.length > 0 ? `these appeared outside of the rootfs: ${names.join(', ')}` : undefined;
}

/** Four levels up from a rootfs are at least the stage's folder, however the runtime lays out its own. */
const upwards = (stage: Stage): string => `../../../../../../../../../..${outside(stage)}`;

function victim(stage: Stage): string {
  const file = join(stage.own('victim'), 'file');
  writeFileSync(file, 'as it was\n', { mode: 0o644 });
  execFileSync('chown', [`${stage.identity.uid}:${stage.identity.gid}`, file]);
  return file;
}

export const files: Row[] = [
  {
    name: 'chroot-breakout',
    danger: 'reads every file of the host',
    stops:
      'pivotRoot leaves no other root to climb to (src/confine/rootfs); chroot is not in the seccomp profile',
    arguments: ({ secret }) => [secret],
    shown: inJail('inside'),
  },
  {
    name: 'leaked-descriptor',
    danger: 'reads every file of the host',
    stops: 'closeDescriptors, the last step before the filter (src/sandbox/plan.ts)',
    arguments: ({ secret }) => [secret],
    shown: (stage, command) => [...leaking, ...inJail('inside')(stage, command)],
    confined: () => ({ launcher: leaking }),
  },
  {
    name: 'leaked-workdir',
    danger: 'reads and writes the host’s files',
    stops:
      'the working directory is resolved inside, without magic links, when nothing of the host is open any more',
    arguments: ({ secret }) => [secret],
    shown: inJail('outside'),
    // Whichever number the runtime's own descriptors, or the one that our launcher leaks, have by then.
    confined: (_stage, time) => ({ launcher: leaking, options: ['--workdir', `/proc/self/fd/${3 + time}`] }),
    mayRefuse: /workdir/,
    times: 24,
  },
  {
    name: 'leaked-workdir',
    variant: 'through a link in the image',
    danger: 'reads and writes the host’s files',
    stops:
      'the working directory is resolved inside, without magic links, when nothing of the host is open any more',
    arguments: ({ secret }) => [secret],
    confined: (stage, time) => {
      const image = stage.jail('leaked-workdir');
      rmSync(join(image, 'work'), { force: true });
      link(stage, `/proc/self/fd/${3 + time}`, join(image, 'work'));
      return { options: ['--rootfs', image, '--workdir', '/work'], command: ['/attempt', stage.secret] };
    },
    mayRefuse: /workdir/,
    times: 24,
  },
  {
    name: 'runtime-overwrite',
    danger: 'the next run starts the guest’s code outside, as whoever starts it',
    stops: 'the shim runs from a sealed memfd, not from a file (native/spawn)',
    arguments: () => ['1'],
    shown: (stage, [program]) => {
      const runtime = join(stage.own('runtime'), 'sleep');
      copyFileSync('/bin/sleep', runtime);
      execFileSync('chown', [`${stage.identity.uid}:${stage.identity.gid}`, runtime]);
      // Before its exec, the child is still the shell.
      return [
        'sh',
        '-c',
        `${runtime} 0.5 & until [ /proc/$!/exe -ef ${runtime} ]; do :; done; exec ${program} $!`,
      ];
    },
    confined: () => ({ options: ['--init'] }),
  },
  {
    name: 'runtime-overwrite',
    variant: '#!/proc/self/exe',
    danger: 'the next run starts the guest’s code outside, as whoever starts it',
    stops: 'the shim is static, loads no library of the guest’s, and runs from a sealed memfd (native/spawn)',
    shown: (stage, [program]) => {
      const runtime = join(stage.own('runtime'), 'env');
      copyFileSync('/usr/bin/env', runtime);
      execFileSync('chown', [`${stage.identity.uid}:${stage.identity.gid}`, runtime]);
      return [
        runtime,
        `LD_PRELOAD=${preloadLibrary(stage)}`,
        `RUNTIME_OVERWRITE=${program}`,
        selfScript(stage),
      ];
    },
    confined: (stage) => ({
      options: [
        `LD_PRELOAD=${preloadLibrary(stage)}`,
        `RUNTIME_OVERWRITE=${stage.attempt('runtime-overwrite')}`,
      ].flatMap((entry) => ['--env', entry]),
      command: [selfScript(stage)],
    }),
    mayRefuse: /ring3-shim/,
  },
  {
    name: 'unmasked-proc',
    danger: 'reboots the machine, reads its memory, names a program for it to start',
    stops: 'masked and read-only paths over a fresh proc (src/confine/rootfs/kernel-files.ts)',
    shown: (_stage, command) => command,
  },
  ...Object.entries({
    'a linked /proc': { proc: '/elsewhere' },
    'a linked /proc and /dev': { proc: 'tmp', dev: 'proc' },
  }).map(([variant, links]): Row => ({
    name: 'unmasked-proc',
    variant,
    danger: 'the covers land beside what they should cover (CVE-2019-16884)',
    stops: 'links of a rootfs are resolved inside it, or refused (resolveIn, openat2(2) RESOLVE_IN_ROOT)',
    confined: (stage) => ({ options: ['--rootfs', hostileRootfs(stage, links)], command: ['/attempt'] }),
    mayRefuse: /proc|dev|symbolic|symlink|ELOOP|ENOENT|ENOTDIR/i,
  })),
  {
    name: 'unmasked-proc',
    variant: 'links out of the rootfs',
    danger: 'what the runtime makes and mounts lands on the host (CVE-2021-30465)',
    stops: 'links of a rootfs are resolved inside it, or refused (resolveIn, openat2(2) RESOLVE_IN_ROOT)',
    shown: (stage) => {
      const rootfs = hostileRootfs(stage, { dev: upwards(stage) });
      return ['unshare', '-Urm', stage.support('naive-bind'), rootfs, stage.own('volume'), '/dev', '1'];
    },
    confined: (stage) => ({
      options: [
        '--rootfs',
        hostileRootfs(stage, { dev: upwards(stage), sys: outside(stage), tmp: upwards(stage) }),
      ],
      command: ['/attempt'],
    }),
    harm: harmOutside,
    mayRefuse: /dev|sys|tmp|ELOOP|ENOENT|ENOTDIR/i,
  },
  {
    name: 'hidden-file',
    variant: 'a mount target swapped for a link while starting',
    danger: 'a mount lands on a folder of the host, or shows one to the guest (CVE-2021-30465)',
    stops: 'every path below the new root is resolved inside it at the moment of mounting (resolveIn)',
    arguments: () => ['/shared/inner/secret'],
    shown: (stage) => {
      const shared = racedFolder(stage);
      return ['unshare', '-Urm', stage.support('naive-bind'), shared, stage.own('volume'), '/inner', '400'];
    },
    meanwhile: (stage) => {
      const shared = racedFolder(stage);
      const args = [join(shared, 'inner'), join(shared, 'aside')];
      const racer = spawn(stage.support('swapper'), args, {
        ...stage.identity.ids,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      return () => new Promise((resolve) => racer.once('exit', () => resolve()).stdin!.end());
    },
    confined: (stage) => ({
      options: ['--bind', `${racedFolder(stage)}:/shared`, '--bind', `${stage.own('volume')}:/shared/inner`],
    }),
    harm: harmOutside,
    mayRefuse: /shared\/inner/,
    times: 6,
  },
  {
    name: 'remount-writable',
    danger: 'writes to what was shown read-only',
    stops:
      'the capability to mount is gone, the seccomp profile has no mount, flags of inherited mounts are locked',
    arguments: () => ['/data', '/data/file'],
    shownArguments: (stage) => [join(stage.folder, 'read-only'), writableFile(stage)],
    shown: withMounts((stage) => {
      const folder = join(stage.folder, 'read-only');
      writableFile(stage);
      return `mount --bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}`;
    }),
    confined: (stage) => {
      writableFile(stage);
      return { options: ['--bind', `${join(stage.folder, 'read-only')}:/data:ro`] };
    },
  },
  {
    name: 'unmount-mask',
    danger: 'uncovers what was masked',
    stops:
      'the capability to mount is gone, the seccomp profile has no umount, inherited mounts are locked together',
    arguments: () => ['/proc/keys', '/proc/keys'],
    shownArguments: (stage) => [join(stage.folder, 'hidden'), join(stage.folder, 'hidden/file')],
    shown: withMounts((stage) => (hidden(stage), `mount -t tmpfs none ${stage.folder}/hidden`)),
  },
  {
    name: 'detached-mount',
    danger: 'reads below a mask, moves mounts around',
    stops: 'the seccomp profile has no open_tree and no move_mount; the capability to mount is gone',
    arguments: () => ['/proc', 'keys'],
    shownArguments: (stage) => [stage.folder, 'hidden/file'],
    shown: withMounts((stage) => (hidden(stage), `mount -t tmpfs none ${stage.folder}/hidden`)),
  },
  {
    name: 'second-proc',
    danger: 'a proc without masks: reboots the machine',
    stops: 'the capability to mount is gone, the seccomp profile has no mount and no new namespaces',
    shown: (_stage, command) => ['unshare', '-m', ...command],
    needsRoot: 'show',
  },
  {
    name: 'new-mount-api',
    danger: 'mounts, and reaches the parsers of every file system',
    stops: 'the seccomp profile has none of fsopen, fsmount, fspick',
    shown: (_stage, command) => ['unshare', '-Urm', ...command],
  },
  {
    name: 'pivot-again',
    danger: 'rearranges the root and uncovers what lies below',
    stops: 'the seccomp profile has no pivot_root; the capability to mount is gone',
    shown: (_stage, command) => ['unshare', '-Urm', ...command],
  },
  {
    name: 'open-by-handle',
    danger: 'opens every file of a file system by number',
    stops: 'CAP_DAC_READ_SEARCH is gone and the seccomp profile has no open_by_handle_at',
    arguments: (stage) => {
      const of = ['--of', hidden(stage)];
      return execFileSync(stage.attempt('open-by-handle'), of, { encoding: 'utf8' }).trim().split(' ');
    },
    shown: inJail('inside'),
    needsRoot: 'show',
    confined: (stage) => ({ options: ['--bind', `${stage.own('volume')}:/volume`] }),
  },
  {
    name: 'hidden-file',
    danger: 'reads keys and tokens in home directories',
    stops: 'home directories are not part of the guest’s root (src/confine/rootfs/host.ts)',
    arguments: ({ secret }) => [secret],
  },
  {
    name: 'overlay-write',
    danger: 'changes a file of the host',
    stops: 'what the guest writes goes to the upper layer, in memory (src/confine/rootfs/host.ts)',
    arguments: (stage) => [victim(stage)],
    harm: (stage) => {
      const file = join(stage.folder, 'victim/file');
      const { mode, nlink } = statSync(file, { throwIfNoEntry: false }) ?? { mode: 0, nlink: 0 };
      if (nlink === 0) return 'the host’s file is gone';
      if (readFileSync(file, 'utf8') !== 'as it was\n') return 'the host’s file was written to';
      return (mode & 0o777) === 0o644 && nlink === 1
        ? undefined
        : 'the host’s file has another mode, or another name';
    },
  },
  {
    name: 'cgroup-leave',
    danger: 'leaves its limits, or sets them for others',
    stops: 'no cgroup file system is mounted inside, and none can be (src/confine/rootfs/kernel-files.ts)',
    needsRoot: 'show',
    // A limit, where the identity may set one, means a cgroup to leave.
    confined: ({ identity }) => ({ options: identity.uid === 0 ? ['--pids', '100'] : [] }),
  },
  {
    name: 'release-agent',
    danger: 'the host’s kernel starts a program of the guest’s choice, as root',
    stops: 'no cgroup file system inside; the seccomp profile has no mount and no new namespaces',
    shown: (_stage, command) => ['unshare', '-m', ...command],
    needsRoot: 'show',
  },
];

function selfScript(stage: Stage): string {
  const script = join(stage.folder, 'script');
  writeFileSync(script, '#!/proc/self/exe\n', { mode: 0o755 });
  return script;
}

/** A folder shared with a neighbour, in which `inner` and `aside` are a folder and a link out. */
function racedFolder(stage: Stage): string {
  const shared = join(stage.folder, 'shared');
  if (!statSync(shared, { throwIfNoEntry: false })) {
    stage.own('shared');
    stage.own('shared/inner');
    link(stage, upwards(stage), join(shared, 'aside'));
  }
  return shared;
}

function writableFile(stage: Stage): string {
  const file = join(stage.own('read-only', 0o777), 'file');
  writeFileSync(file, '', { mode: 0o666 });
  execFileSync('chmod', ['666', file]);
  return file;
}
