/** The exact fix for each kind of host, from descriptions of hosts that are not here. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { factsOf, type HostView } from '../../src/doctor/host.ts';
import { fixFor, hostNotes, hostTitle, stopped } from '../../src/doctor/hosts/index.ts';
import { appArmorProfile } from '../../src/doctor/hosts/ubuntu.ts';

const OS = {
  debian: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  ubuntu: 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n',
  fedora: 'ID=fedora\nVERSION_ID=41\nPRETTY_NAME="Fedora Linux 41"\n',
};
const KERNEL = 'Linux version 6.8.0-45-generic (buildd@host) #45-Ubuntu SMP';
const WSL_KERNEL = 'Linux version 5.15.153.1-microsoft-standard-WSL2 (root@host) #1 SMP';

interface Described {
  files?: Record<string, string>;
  env?: Record<string, string>;
  platform?: NodeJS.Platform;
  arch?: string;
  uid?: number;
  folder?: string;
}

function host(described: Described) {
  const files: Record<string, string> = {
    '/etc/os-release': OS.debian,
    '/proc/version': KERNEL,
    ...described.files,
  };
  const folder = described.folder ?? '/home/ann/ring3';
  const view: HostView = {
    platform: described.platform ?? 'linux',
    arch: described.arch ?? 'x64',
    env: described.env ?? {},
    uid: described.uid ?? 1000,
    user: 'ann',
    folder,
    executables: `${folder}/build/Release`,
    read: (path) => files[path],
    exists: (path) => path in files,
  };
  return factsOf(view);
}

function problem(id: string, errno?: string) {
  return { id, ok: false, seen: '', ...(errno !== undefined && { errno }) };
}

const docker = {
  '/.dockerenv': '',
  '/proc/self/mountinfo': '1 2 0:3 /x /etc/hostname rw - ext4 /dev/sda rw',
};
const DOCKER = 'start the container anew: docker run';

describe('Debian', () => {
  test('has a switch of its own for user namespaces', () => {
    const facts = host({ files: { '/proc/sys/kernel/unprivileged_userns_clone': '0\n' } });
    expect(fixFor(problem('namespace.user', 'EPERM'), facts)).toBe(
      'echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/60-ring3.conf && sudo sysctl --system',
    );
  });

  test('root needs no sudo', () => {
    expect(fixFor(problem('libseccomp'), host({ uid: 0 }))).toBe('apt-get install -y libseccomp2');
  });

  test('a limit on namespaces is named by its type', () => {
    expect(fixFor(problem('namespace.net', 'ENOSPC'), host({}))).toContain('user.max_net_namespaces=15000');
  });

  test('an image that was made with Docker is not Docker', () => {
    expect(hostTitle(host({ files: { '/.dockerenv': '' } }))).toBe('Debian GNU/Linux 12 (bookworm)');
  });

  test('ids for newuidmap', () => {
    expect(fixFor(problem('user-namespace.multi-id'), host({}))).toBe(
      'sudo apt-get install -y uidmap && ' +
        'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ann',
    );
  });
});

describe('Ubuntu 24.04', () => {
  const files = {
    '/etc/os-release': OS.ubuntu,
    '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
  };

  test('a profile for our executables, whole, and the commands that install it', () => {
    const fix = fixFor(problem('namespace.user', 'EPERM'), host({ files })) ?? '';
    expect(fix.split('\n')).toEqual([
      "sudo tee /etc/apparmor.d/ring3 >/dev/null <<'END'",
      'abi <abi/4.0>,',
      'include <tunables/global>',
      '',
      'profile ring3 "/home/ann/ring3/build/Release/{ring3-shim,probe}" flags=(unconfined) {',
      '  userns,',
      '  include if exists <local/ring3>',
      '}',
      'END',
      'sudo apparmor_parser -r /etc/apparmor.d/ring3',
    ]);
  });

  test('characters that mean something in a profile are escaped', () => {
    const profile = appArmorProfile(host({ files, folder: '/home/ann/a "b" [c]*' }));
    expect(profile).toContain('"/home/ann/a \\"b\\" \\[c\\]\\*/build/Release/{ring3-shim,probe}"');
  });

  test('the fix is a command that a shell takes', () => {
    const fix = fixFor(problem('namespace.user', 'EPERM'), host({ files })) ?? '';
    expect(() => execFileSync('sh', ['-n', '-c', fix])).not.toThrow();
  });

  test('without the restriction it is a Debian', () => {
    const facts = host({ files: { '/etc/os-release': OS.ubuntu } });
    expect(fixFor(problem('compiler.c++'), facts)).toBe('sudo apt-get install -y build-essential');
  });
});

test('Fedora keeps static archives in packages of their own', () => {
  const facts = host({ files: { '/etc/os-release': OS.fedora } });
  expect(fixFor(problem('compiler.c++'), facts)).toBe(
    'sudo dnf install -y gcc-c++ make glibc-static libstdc++-static',
  );
  expect(fixFor(problem('libseccomp'), facts)).toBe('sudo dnf install -y libseccomp');
});

describe('WSL', () => {
  const files = { '/proc/version': WSL_KERNEL };

  test('a clone on a Windows drive is warned of', () => {
    const facts = host({ files, folder: '/mnt/c/Users/ann/ring3' });
    expect(hostTitle(facts)).toContain('in WSL 2');
    expect(hostNotes(facts).join('\n')).toMatch(/Windows drive.*Clone it into ~.*\/run\/WSL/s);
    expect(fixFor(problem('file-modes'), facts)).toContain('clone ring3 into ~');
  });

  test('an old kernel is updated from Windows', () => {
    expect(fixFor(problem('mount.new-api', 'ENOSYS'), host({ files }))).toContain('wsl --update');
  });

  test('cgroups', () => {
    expect(fixFor(problem('cgroup.memory'), host({ files }))).toContain('cgroup_no_v1=all');
  });

  test('version 1 stops, and says how to become version 2', () => {
    const facts = host({ files: { '/proc/version': 'Linux version 4.4.0-19041-Microsoft' } });
    expect(stopped(facts)).toContain('wsl --set-version');
  });
});

describe('containers', () => {
  test('Docker: what user namespaces need, and not more', () => {
    const facts = host({ files: docker, uid: 0 });
    const fix = fixFor(problem('namespace.user', 'EPERM'), facts) ?? '';
    expect(fix).toContain(`${DOCKER} --security-opt seccomp=unconfined --security-opt apparmor=unconfined`);
    expect(fix).not.toContain('privileged');
  });

  test.each([
    ['mount.proc', 'EPERM', 'systempaths=unconfined'],
    ['kvm', 'ENOENT', '--device /dev/kvm'],
    ['processes', 'EAGAIN', '--pids-limit'],
    ['cgroup.memory', undefined, '--privileged --cgroupns=private'],
  ])('Docker: %s', (id, errno, option) => {
    expect(fixFor(problem(id, errno), host({ files: docker, uid: 0 }))).toContain(option);
  });

  test('what a package mends is installed, in Docker too', () => {
    expect(fixFor(problem('libseccomp'), host({ files: docker, uid: 0 }))).toBe(
      'apt-get install -y libseccomp2',
    );
  });

  test('podman has its own word for covered paths', () => {
    const fix = fixFor(problem('mount.proc', 'EPERM'), host({ files: { '/run/.containerenv': '' } }));
    expect(fix).toMatch(/podman run .*unmask=ALL/);
  });

  test('an amd64 container on an arm64 machine has no ptrace', () => {
    const facts = host({ files: { ...docker, '/proc/cpuinfo': 'model name : VirtualApple @ 2.50GHz' } });
    expect(fixFor(problem('ptrace', 'ENOSYS'), facts)).toContain('--platform linux/arm64');
    expect(hostNotes(facts).join()).toContain('arm64 image');
  });

  test('Codespaces: options stand in devcontainer.json', () => {
    const fix = fixFor(
      problem('namespace.user', 'EPERM'),
      host({ files: docker, env: { CODESPACES: 'true' } }),
    );
    const json = /(?<="runArgs":)\[.*?\]/.exec(fix ?? '')?.[0] ?? '';
    expect(JSON.parse(json)).toContain('seccomp=unconfined');
    expect(fix).toContain('Rebuild Container');
  });
});

describe('no Linux', () => {
  test('macOS stops with the recipe for Lima', () => {
    const facts = host({ platform: 'darwin', arch: 'arm64', files: {} });
    expect(stopped(facts)).toMatch(/limactl start.*npm start.*Not an amd64 container/s);
  });

  test('Windows stops too', () => {
    expect(stopped(host({ platform: 'win32' }))).toContain('wsl --install');
  });

  test('Linux does not', () => {
    expect(stopped(host({}))).toBeUndefined();
  });
});

describe('what no setting mends', () => {
  test('a kernel that is too old is told by its release', () => {
    const files = { '/proc/version': 'Linux version 4.18.0-553.el8' };
    expect(fixFor(problem('clone3', 'ENOSYS'), host({ files }))).toBe(
      'Linux 5.3 or newer (this is 4.18): upgrade the system',
    );
  });

  test('a filter above us is told by /proc/self/status', () => {
    const facts = host({ files: { '/proc/self/status': 'Name:\tnode\nSeccomp:\t2\n' } });
    expect(fixFor(problem('clone3', 'ENOSYS'), facts)).toContain('outside of that sandbox');
  });
});
