/** Any Linux: what is the same everywhere. */
import type { HostFacts } from '../host.ts';
import { asRoot, isCgroup, isNamespace, sysctl, type HostKind, type Problem } from './kind.ts';
import { kernelFix } from './kernel.ts';
import { installCommand } from './packages.ts';

/** Each user namespace has its own limits, and a namespace counts in all of those above it (namespaces(7)). */
function namespaceFix(problem: Problem, facts: HostFacts): string | undefined {
  const type = problem.id.startsWith('namespace.') ? problem.id.slice('namespace.'.length) : 'user';
  if (problem.errno === 'ENOSPC') return sysctl(facts, `user.max_${type}_namespaces`, 15000);
  if (facts.usernsClone === '0') return sysctl(facts, 'kernel.unprivileged_userns_clone', 1);
  if (problem.errno === 'EINVAL' && !facts.filtered) {
    return `a kernel with CONFIG_${type.toUpperCase()}_NS: use your distribution's own`;
  }
  return undefined;
}

/** Yama: 1 allows a parent to trace its children, which is all that ring3 does; 3 lasts until the next start. */
function ptraceFix(facts: HostFacts): string | undefined {
  if (facts.ptraceScope === '3') return `remove kernel.yama.ptrace_scope=3 from /etc/sysctl.d, and restart`;
  if (facts.ptraceScope === '2') return sysctl(facts, 'kernel.yama.ptrace_scope', 1);
  return undefined;
}

function kvmFix({ errno }: Problem, facts: HostFacts): string | undefined {
  if (errno === 'EACCES') return `${asRoot(facts, `usermod -aG kvm ${facts.user}`)}, then log in again`;
  if (errno !== 'ENOENT') return undefined;
  const load = asRoot(facts, 'modprobe -a kvm kvm_intel kvm_amd');
  return `switch virtualization on in the firmware (in a virtual machine: nested virtualization), then: ${load}`;
}

function multiIdFix(problem: Problem, facts: HostFacts): string {
  const range = asRoot(
    facts,
    `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${facts.user}`,
  );
  const install = installCommand(problem, facts);
  return install ? `${install} && ${range}` : range;
}

const FIXES: Readonly<Record<string, (problem: Problem, facts: HostFacts) => string | undefined>> = {
  node: () => 'install Node 22 from https://nodejs.org/en/download',
  architecture: () => 'use a 64-bit Node on an x86-64 or arm64 Linux',
  ptrace: (_, facts) => ptraceFix(facts),
  kvm: kvmFix,
  'user-namespace.multi-id': multiIdFix,
  'memfd.exec': ({ errno }, facts) =>
    errno === 'EACCES' && facts.memfdNoexec === '2' ? sysctl(facts, 'vm.memfd_noexec', 1) : undefined,
  'page-zero': (_, facts) =>
    `${asRoot(facts, 'sysctl vm.mmap_min_addr=0')} (not advised: it protects the kernel)`,
  processes: () => 'raise `ulimit -u` to 4096 (/etc/security/limits.conf: nproc)',
  overlay: ({ errno }, facts) => (errno === 'ENODEV' ? asRoot(facts, 'modprobe overlay') : undefined),
  cores: () => 'give the virtual machine two processors, or undo taskset',
  'file-modes': () => `clone ring3 into your home folder on a Linux file system`,
};

export const linux: HostKind = {
  is: ({ platform }) => platform === 'linux',
  title: ({ distribution }) => distribution.name,
  fix(problem, facts) {
    if (problem.fix) return problem.fix;
    if (isCgroup(problem) && problem.errno === undefined && !facts.root) return 'work that lab as root';
    const fix = FIXES[problem.id]?.(problem, facts) ?? installCommand(problem, facts);
    return (
      fix ?? (isNamespace(problem) ? namespaceFix(problem, facts) : undefined) ?? kernelFix(problem, facts)
    );
  },
};
