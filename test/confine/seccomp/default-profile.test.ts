import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ARCHITECTURES, AUDIT_ARCHITECTURES, hostArchitecture } from '../../../src/linux/architectures.ts';
import { SYSCALLS } from '../../../src/linux/syscalls.ts';
import type { Capability } from '../../../src/linux/capabilities.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/confine/privileges.ts';
import { printAction } from '../../../src/confine/seccomp/actions.ts';
import { decode, type Instruction } from '../../../src/confine/seccomp/bpf.ts';
import { compileProfile } from '../../../src/confine/seccomp/compile.ts';
import { DEFAULT_GROUPS } from '../../../src/confine/seccomp/default-groups.ts';
import { defaultProfile } from '../../../src/confine/seccomp/default-profile.ts';
import { interpret } from '../../../src/confine/seccomp/interpret.ts';
import { checkProfile } from '../../../src/confine/seccomp/profile.ts';
import { verify } from '../../../src/confine/seccomp/verify.ts';
import { realCalls } from '../../support/calls.ts';
import { needsLibseccomp } from '../../support/libseccomp.ts';

const calls = DEFAULT_GROUPS.flatMap((group) => group.calls.trim().split(/\s+/));

describe('the groups', () => {
  it('decide on every call of every architecture, once', () => {
    expect(calls.filter((name, at) => calls.indexOf(name) !== at)).toEqual([]);
    for (const architecture of ARCHITECTURES) {
      expect(Object.keys(SYSCALLS[architecture]).filter((name) => !calls.includes(name))).toEqual([]);
    }
    const known = new Set(ARCHITECTURES.flatMap((architecture) => Object.keys(SYSCALLS[architecture])));
    // Calls that only the kernels of other times had.
    expect(calls.filter((name) => !known.has(name))).toEqual([]);
  });

  it('say why', () => {
    for (const { reason, calls: names } of DEFAULT_GROUPS) expect(reason.length, names).toBeGreaterThan(14);
  });
});

describe.each(ARCHITECTURES)('on %s', (architecture) => {
  beforeEach(needsLibseccomp);
  const profile = checkProfile(defaultProfile());
  const programs = new Map<string, Instruction[]>();

  function ask(
    name: string,
    args: readonly (bigint | number)[] = [],
    capabilities: readonly Capability[] = DEFAULT_CAPABILITIES,
  ) {
    const key = capabilities.join();
    const program =
      programs.get(key) ?? decode(compileProfile(profile, { architecture, capabilities }).program);
    programs.set(key, program);
    const nr = SYSCALLS[architecture][name];
    if (nr === undefined) throw new Error(`${architecture} has no ${name}`);
    return printAction(interpret(program, { nr, arch: AUDIT_ARCHITECTURES[architecture], args }).action);
  }

  const HIGH = 0x5_0000_0000n;
  const [EPERM, ENOSYS, FAMILY] = ['ERRNO(EPERM)', 'ERRNO(ENOSYS)', 'ERRNO(EAFNOSUPPORT)'];

  it.each<[string, (bigint | number)[], string]>([
    ['read', [], 'ALLOW'],
    ['openat', [], 'ALLOW'],
    ['execve', [], 'ALLOW'],
    ['exit_group', [], 'ALLOW'],
    ['ptrace', [], 'ALLOW'],
    ['futex', [], 'ALLOW'],
    // A thread of glibc, and fork.
    ['clone', [0x003d_0f00], 'ALLOW'],
    ['clone', [0x0120_0011], 'ALLOW'],
    ...[0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000].map(
      (flag): [string, number[], string] => ['clone', [flag | 17], EPERM],
    ),
    ['clone', [BigInt(0x1000_0011) | HIGH], EPERM],
    ['clone3', [], ENOSYS],
    ['unshare', [0x400], 'ALLOW'],
    ['unshare', [0x1000_0000], EPERM],
    ['unshare', [0x80], EPERM],
    ['setns', [], EPERM],
    ['mount', [], EPERM],
    ['move_mount', [], EPERM],
    ['pivot_root', [], EPERM],
    ['chroot', [], EPERM],
    ['open_by_handle_at', [], EPERM],
    ['keyctl', [], EPERM],
    ['bpf', [], EPERM],
    ['perf_event_open', [], EPERM],
    ['userfaultfd', [], EPERM],
    ['io_uring_setup', [], EPERM],
    ['kexec_load', [], EPERM],
    ['finit_module', [], EPERM],
    ['reboot', [], EPERM],
    ['swapon', [], EPERM],
    ['process_vm_writev', [], ENOSYS],
    ['pidfd_getfd', [], EPERM],
    ['personality', [0], 'ALLOW'],
    ['personality', [0xffff_ffff], 'ALLOW'],
    ['personality', [0x10_0000], EPERM],
    ['personality', [0x40_0000], EPERM],
    ['ioctl', [0, 0x5401], 'ALLOW'],
    ['ioctl', [0, 0x5412], EPERM],
    ['ioctl', [0, BigInt(0x5412) | HIGH], EPERM],
    ['ioctl', [0, 0x541c], EPERM],
    ['ioctl', [0, BigInt(0x541c) | (1n << 63n)], EPERM],
    ['ioctl', [0, 0x5423], EPERM],
    ['ioctl', [0x5412, 0], 'ALLOW'],
    ['socket', [1, 1, 0], 'ALLOW'],
    ['socket', [2, 1, 0], 'ALLOW'],
    ['socket', [10, 2, 0], 'ALLOW'],
    ['socket', [16, 3, 0], 'ALLOW'],
    ['socket', [16, 3, 9], FAMILY],
    ['socket', [16, 3, 12], FAMILY],
    ['socket', [17, 3, 0], FAMILY],
    ['socket', [38, 5, 0], FAMILY],
    ['socket', [40, 1, 0], FAMILY],
    ['socketpair', [1], 'ALLOW'],
    ['socketpair', [30], FAMILY],
    ['mknodat', [0, 0, 0o10644], 'ALLOW'],
    ['mknodat', [0, 0, 0o60644], EPERM],
    ['mknodat', [0, 0, 0o20644], EPERM],
    ['clock_settime', [], EPERM],
    ['fchmod', [3, 0o755], 'ALLOW'],
    ['fchmod', [3, 0o4755], EPERM],
    ['fchmodat', [0, 0, 0o2755], 'ALLOW'],
    ['fchmodat', [0, 0, BigInt(0o6755) | HIGH], EPERM],
    ['openat', [0, 0, 0o101, 0o644], 'ALLOW'],
    ['openat', [0, 0, 0o101, 0o4644], EPERM],
    ['openat', [0, 0, 0o20200002, 0o4644], EPERM],
    // No file is made: the register of the mode holds anything.
    ['openat', [0, 0, 0, 0xffff_ffff_ffff_ffffn], 'ALLOW'],
    ['openat2', [], ENOSYS],
    ['syslog', [], EPERM],
    ['vmsplice', [], ENOSYS],
    ['listmount', [], ENOSYS],
  ])('%s(%s) gets %s', (name, args, expected) => {
    expect(ask(name, args)).toBe(expected);
  });

  it.each<[string, Capability]>([
    ['mount', 'CAP_SYS_ADMIN'],
    ['setns', 'CAP_SYS_ADMIN'],
    ['clone3', 'CAP_SYS_ADMIN'],
    ['chroot', 'CAP_SYS_CHROOT'],
    ['open_by_handle_at', 'CAP_DAC_READ_SEARCH'],
    ['bpf', 'CAP_BPF'],
    ['clock_settime', 'CAP_SYS_TIME'],
  ])('%s is allowed to who is given %s', (name, capability) => {
    expect(ask(name)).not.toBe('ALLOW');
    expect(ask(name, [], [capability])).toBe('ALLOW');
  });

  it('opens the machine itself for no capability', () => {
    const all: Capability[] = ['CAP_SYS_ADMIN', 'CAP_SYS_BOOT', 'CAP_SYS_MODULE', 'CAP_SYS_RAWIO'];
    for (const name of ['reboot', 'kexec_load', 'init_module', 'swapon', 'io_uring_setup', 'keyctl']) {
      expect(ask(name, [], all), name).toBe(EPERM);
    }
  });

  it('is a program that the kernel takes, and every call ends somewhere', () => {
    const program = decode(compileProfile(profile, { architecture }).program);
    expect(verify(program)).toBeUndefined();
    const arch = AUDIT_ARCHITECTURES[architecture];
    const outcomes = new Set<string>();
    for (let nr = 0; nr < 600; nr++) outcomes.add(printAction(interpret(program, { nr, arch }).action));
    expect([...outcomes].sort()).toEqual(['ALLOW', FAMILY, EPERM, ENOSYS].sort());
  });

  it('tells every call of the future that this kernel is older', () => {
    expect(
      printAction(
        interpret(decode(compileProfile(profile, { architecture }).program), {
          nr: 500,
          arch: AUDIT_ARCHITECTURES[architecture],
        }).action,
      ),
    ).toBe(ENOSYS);
  });
});

describe('loaded', () => {
  let program: Uint8Array;
  beforeEach(needsLibseccomp);
  beforeAll(() => {
    program = compileProfile(checkProfile(defaultProfile()), { capabilities: DEFAULT_CAPABILITIES }).program;
  });
  const nr = (name: string) => SYSCALLS[hostArchitecture()][name] as number;

  it('really answers so', () => {
    const seen = realCalls(program, [
      { nr: nr('getppid') },
      { nr: nr('ioctl'), args: [99, 0x5412] },
      { nr: nr('ioctl'), args: [99, 0x1_0000_5412n] },
      { nr: nr('ioctl'), args: [99, 0x5401] },
      { nr: nr('socket'), args: [40, 1, 0] },
      { nr: nr('unshare'), args: [0x1000_0000] },
      { nr: nr('clone3'), args: [0, 0] },
      { nr: 500 },
    ]);
    expect(seen[0]).toMatch(/^value \d+$/);
    expect(seen.slice(1)).toEqual([
      'errno 1',
      'errno 1',
      'errno 9',
      'errno 97',
      'errno 1',
      'errno 38',
      'errno 38',
    ]);
  });

  it('kills calls past the table', (context) => {
    if (process.arch !== 'x64') context.skip('needs x86-64: other hosts have no x32');
    expect(realCalls(program, [{ nr: 39, abi: 'x32' }])).toEqual(['killed 31']);
  });

  it('kills int 0x80 where it works without the filter', (context) => {
    if (process.arch !== 'x64') context.skip('needs x86-64');
    const [plain] = realCalls(undefined, [{ nr: 20, abi: 'i386' }]);
    if (!plain?.startsWith('value'))
      context.skip(`needs i386 calls: without a filter getpid gave “${plain}”`);
    expect(realCalls(program, [{ nr: 20, abi: 'i386' }])).toEqual(['killed 31']);
  });
});
