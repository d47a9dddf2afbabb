/** What kind of host this is, found out by looking at what each kind leaves lying about. */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { helperPath, packageRoot } from '../linux/addon.ts';

export interface HostFacts {
  platform: NodeJS.Platform;
  arch: string;
  /** The first line of /proc/version. */
  kernel: string;
  /** os-release(5): `debian`, and what it is like. */
  distribution: { id: string; like: string[]; version: string; name: string };
  root: boolean;
  user: string;
  /** Windows Subsystem for Linux: version 1 is no Linux kernel. */
  wsl?: 1 | 2;
  container?: 'docker' | 'podman' | 'kubernetes' | 'lxc' | 'other';
  codespaces: boolean;
  lima: boolean;
  /** An ordinary x86-64 program on a processor of another kind. */
  emulated: boolean;
  systemd: boolean;
  /** Ubuntu: only programs with an AppArmor profile may use user namespaces. */
  appArmorRestricts: boolean;
  /** Debian's own switch, where the kernel has it. */
  usernsClone?: string;
  /** ptrace_scope of the Yama security module, 0 to 3. */
  ptraceScope?: string;
  memfdNoexec?: string;
  /** A seccomp filter holds for this process already: we are in a sandbox. */
  filtered: boolean;
  /** ring3's own folder, and the folder with its executables. */
  folder: string;
  executables: string;
}

/** What the facts are drawn from, so that a test can describe another host. */
export interface HostView {
  platform: NodeJS.Platform;
  arch: string;
  env: Readonly<Record<string, string | undefined>>;
  uid: number;
  user: string;
  folder: string;
  executables: string;
  read(path: string): string | undefined;
  exists(path: string): boolean;
}

let known: HostFacts | undefined;

export function hostFacts(): HostFacts {
  known ??= factsOf(thisHost());
  return known;
}

export function factsOf(view: HostView): HostFacts {
  const sysctl = (name: string) => view.read(`/proc/sys/${name}`)?.trim();
  const kernel = view.read('/proc/version')?.trim() ?? '';
  const wsl = wslOf(kernel);
  const container = containerOf(view);
  const usernsClone = sysctl('kernel/unprivileged_userns_clone');
  const ptraceScope = sysctl('kernel/yama/ptrace_scope');
  const memfdNoexec = sysctl('vm/memfd_noexec');
  return {
    platform: view.platform,
    arch: view.arch,
    kernel,
    distribution: distributionOf(view.read('/etc/os-release') ?? view.read('/usr/lib/os-release') ?? ''),
    root: view.uid === 0,
    user: view.user,
    ...(wsl && { wsl }),
    ...(container && { container }),
    codespaces: view.env.CODESPACES === 'true',
    lima: view.exists('/mnt/lima-cidata') || view.env.LIMA_INSTANCE !== undefined,
    emulated: isEmulated(view),
    systemd: view.exists('/run/systemd/system'),
    appArmorRestricts: sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1',
    ...(usernsClone !== undefined && { usernsClone }),
    ...(ptraceScope !== undefined && { ptraceScope }),
    ...(memfdNoexec !== undefined && { memfdNoexec }),
    filtered: /^Seccomp:\s*2$/m.test(view.read('/proc/self/status') ?? ''),
    folder: view.folder,
    executables: view.executables,
  };
}

function wslOf(kernel: string): 1 | 2 | undefined {
  if (!/microsoft/i.test(kernel)) return undefined;
  // 4.4.0-19041-Microsoft translates calls to Windows; 5.15.90-microsoft-standard-WSL2 is Linux.
  return /WSL2|microsoft-standard/.test(kernel) ? 2 : 1;
}

/**
 * The marks that engines leave. /.dockerenv alone says nothing: it stays in an image that a virtual machine was made
 * from; but only in a container are there mounts on files like /etc/hostname.
 */
function containerOf({ read, exists, env }: HostView): HostFacts['container'] {
  const mounts = read('/proc/self/mountinfo') ?? '';
  const groups = read('/proc/self/cgroup') ?? '';
  const ownFiles = / \/etc\/(hostname|resolv\.conf|hosts) /.test(mounts);
  if (env.KUBERNETES_SERVICE_HOST !== undefined || /kubepods/.test(groups)) return 'kubernetes';
  if (exists('/run/.containerenv')) return 'podman';
  if (/\/docker\/containers\/[0-9a-f]{64}\//.test(mounts)) return 'docker';
  if (exists('/.dockerenv') && ownFiles) return 'docker';
  if (env.container === 'lxc' || /\/lxc[./]/.test(groups)) return 'lxc';
  return env.container === undefined ? undefined : 'other';
}

/** Rosetta names itself as the processor; qemu-user shows the host's processor, whose flags line x86 would have. */
function isEmulated({ arch, read }: HostView): boolean {
  const processors = read('/proc/cpuinfo') ?? '';
  return arch === 'x64' && (/VirtualApple/.test(processors) || /^CPU implementer/m.test(processors));
}

function distributionOf(text: string): HostFacts['distribution'] {
  const value = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(text)?.[1] ?? '';
  const like = value('ID_LIKE').split(' ').filter(Boolean);
  return {
    id: value('ID') || 'linux',
    like,
    version: value('VERSION_ID'),
    name: value('PRETTY_NAME') || value('NAME') || 'Linux',
  };
}

function thisHost(): HostView {
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    uid: process.geteuid?.() ?? -1,
    user: userName(),
    folder: packageRoot,
    executables: executablesFolder(),
    read: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    exists: existsSync,
  };
}

function executablesFolder(): string {
  try {
    return dirname(helperPath('ring3-shim'));
  } catch {
    return `${packageRoot}/build/Release`;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? 'you');
  }
}
