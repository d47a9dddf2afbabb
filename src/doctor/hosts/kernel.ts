/** What no setting mends: the kernel is too old, or the sandbox that we are in refuses. */
import type { HostFacts } from '../host.ts';
import type { Problem } from './kind.ts';

/** The first release that can do it, by the SINCE or HISTORY section of each man page. */
const SINCE: Readonly<Record<string, string>> = {
  clone3: '5.3',
  'namespace.time': '5.6',
  'mount.new-api': '5.12',
  'overlay.user-namespace': '5.11',
  'seccomp.filter': '3.17',
  'seccomp.user-notification': '5.0',
  'syscall-user-dispatch': '5.11',
  'process-vm': '3.2',
  memfd: '3.17',
  'memfd.exec': '3.19',
};

export function kernelFix({ id, errno }: Problem, facts: HostFacts): string | undefined {
  if (errno !== 'ENOSYS' && errno !== 'EINVAL' && errno !== 'EPERM' && errno !== 'EBUSY') return undefined;
  if (facts.filtered) {
    return 'a seccomp filter holds for this shell (Seccomp: 2 in /proc/self/status) and refuses it: start ring3 outside of that sandbox';
  }
  const since = SINCE[id];
  const release = /version (\d+\.\d+)/.exec(facts.kernel)?.[1] ?? '0.0';
  if (since === undefined || errno === 'EPERM' || errno === 'EBUSY') return undefined;
  return older(release, since)
    ? `Linux ${since} or newer (this is ${release}): upgrade the system`
    : "a kernel that has it built in: use the distribution's own";
}

function older(release: string, since: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = since.split('.').map(Number);
  return major < sinceMajor || (major === sinceMajor && minor < sinceMinor);
}
