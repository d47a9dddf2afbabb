import { beforeEach, describe, expect, it } from 'vitest';
import { actionValue, errno, printAction } from '../../../src/confine/seccomp/actions.ts';
import { decode } from '../../../src/confine/seccomp/bpf.ts';
import { compileProfile } from '../../../src/confine/seccomp/compile.ts';
import { interpret } from '../../../src/confine/seccomp/interpret.ts';
import { checkProfile, parseProfile, type ProfileInput } from '../../../src/confine/seccomp/profile.ts';
import { rulesFor, type Circumstances } from '../../../src/confine/seccomp/rules.ts';
import type { Capability } from '../../../src/linux/capabilities.ts';
import { needsLibseccomp } from '../../support/libseccomp.ts';

const here: Circumstances = { capabilities: [], architecture: 'x86-64', kernel: '6.1.0-13-amd64' };
const ERRNO_EPERM = { defaultAction: 'SCMP_ACT_ERRNO' } as const;

type RuleInput = NonNullable<ProfileInput['syscalls']>[number];
const allow = (name: string, rest: Partial<RuleInput> = {}): RuleInput => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  ...rest,
});
const eq = (index: number, value: number | string) => ({ index, value, op: 'SCMP_CMP_EQ' as const });
const masked = (index: number, value: number, valueTwo: number) => ({
  index,
  value,
  valueTwo,
  op: 'SCMP_CMP_MASKED_EQ' as const,
});
const named = (input: ProfileInput, circumstances = here) =>
  rulesFor(checkProfile(input), circumstances).rules.map(({ syscall }) => syscall);

describe('a profile’s text', () => {
  it.each<[string, string]>([
    ['{', 'is no JSON'],
    ['[]', 'expected object'],
    ['{}', 'defaultAction'],
    ['{"defaultAction":"SCMP_ACT_SMILE"}', 'defaultAction'],
    ['{"defaultAction":"SCMP_ACT_ALLOW","syscals":[]}', 'syscals'],
    ['{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ALLOW"}]}', 'names no system call'],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_ALLOW"}]}',
      'syscalls.0.names',
    ],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_KILL","args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]}',
      'syscalls.0.args.0.index',
    ],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_KILL","args":[{"index":1,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}',
      'syscalls.0.args.0.value',
    ],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_KILL","args":[{"index":1,"value":"0x10000000000000000","op":"SCMP_CMP_EQ"}]}]}',
      'syscalls.0.args.0.value',
    ],
    ['{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"EWRONG"}', 'defaultErrno'],
    ['{"defaultAction":"SCMP_ACT_ALLOW","architectures":["x86"]}', 'architectures.0'],
  ])('%s: one line about %s', (text, where) => {
    const fail = () => parseProfile(text, 'mine.json');
    expect(fail).toThrow(where);
    expect(fail).toThrow(/^mine\.json is no [^\n]*$/);
  });

  it('may hold 64 bits as a string, exactly', () => {
    const profile = checkProfile({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ ...allow('read'), args: [eq(0, '0xfffffffffffffffe'), eq(1, '18446744073709551615')] }],
    });
    expect(profile.syscalls[0]?.args.map(({ value }) => value)).toEqual([(1n << 64n) - 2n, (1n << 64n) - 1n]);
  });
});

describe('the rules that hold', () => {
  const cap = (...caps: string[]) => ({ caps });

  it.each<[string, Partial<RuleInput>, Capability[], boolean]>([
    ['includes, without the capability', { includes: cap('CAP_SYS_ADMIN') }, [], false],
    ['includes, with it', { includes: cap('CAP_SYS_ADMIN') }, ['CAP_SYS_ADMIN'], true],
    ['includes two, with one', { includes: cap('CAP_SYS_ADMIN', 'CAP_BPF') }, ['CAP_BPF'], false],
    ['excludes, with it', { excludes: cap('CAP_SYS_ADMIN') }, ['CAP_SYS_ADMIN'], false],
    ['excludes two, with one', { excludes: cap('CAP_SYS_ADMIN', 'CAP_BPF') }, ['CAP_BPF'], false],
    ['includes this architecture', { includes: { arches: ['amd64', 'x32'] } }, [], true],
    ['includes another', { includes: { arches: ['s390x'] } }, [], false],
    ['excludes this', { excludes: { arches: ['amd64'] } }, [], false],
    ['kernel new enough', { includes: { minKernel: '4.8' } }, [], true],
    ['the very kernel', { includes: { minKernel: '6.1' } }, [], true],
    ['kernel too old', { includes: { minKernel: '6.10' } }, [], false],
  ])('%s', (_, rule, capabilities, holds) => {
    const rules = named({ ...ERRNO_EPERM, syscalls: [allow('read', rule)] }, { ...here, capabilities });
    expect(rules).toEqual(holds ? ['read'] : []);
  });

  it('take Docker’s name, errno by number and by name, and EPERM without either', () => {
    const rule = (rest: Partial<RuleInput>): RuleInput => ({
      name: 'read',
      action: 'SCMP_ACT_ERRNO',
      ...rest,
    });
    const action = (rest: Partial<RuleInput>) =>
      printAction(
        rulesFor(checkProfile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule(rest)] }), here).rules[0]!
          .action,
      );
    expect(action({})).toBe('ERRNO(EPERM)');
    expect(action({ errnoRet: 38 })).toBe('ERRNO(ENOSYS)');
    expect(action({ errno: 'EACCES' })).toBe('ERRNO(EACCES)');
    expect(action({ action: 'SCMP_ACT_KILL' })).toBe('KILL_THREAD');
    expect(action({ action: 'SCMP_ACT_TRACE', errnoRet: 9 })).toBe('TRACE(9)');
  });

  it('let in the architectures that the profile maps, of those that a host has', () => {
    const archMap = [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ];
    const of = (input: Partial<ProfileInput>) => rulesFor(checkProfile({ ...ERRNO_EPERM, ...input }), here);
    expect(of({ archMap }).architectures).toEqual(['x86-64', 'i386', 'x32']);
    expect(of({}).architectures).toEqual(['x86-64']);
    expect(of({ architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_S390X'] }).architectures).toEqual(['x86-64']);
    expect(() => of({ architectures: ['SCMP_ARCH_S390X'] })).toThrow('not for x86-64');
  });
});

describe('what libseccomp would silently get wrong', () => {
  const profile = (syscalls: RuleInput[]) =>
    checkProfile({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, syscalls });
  const refuse = (args: RuleInput['args']): RuleInput => ({
    names: ['ioctl'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: 1,
    args,
  });

  it('an exception beside a rule for all calls: works here, in either order', (context) => {
    needsLibseccomp(context);
    const tiocsti = refuse([masked(1, 0xffff_ffff, 0x5412)]);
    for (const syscalls of [
      [tiocsti, allow('ioctl')],
      [allow('ioctl'), tiocsti],
    ]) {
      const program = decode(compileProfile(profile(syscalls), { architecture: 'x86-64' }).program);
      const ask = (value: bigint) =>
        printAction(interpret(program, { nr: 16, arch: 0xc000_003e, args: [0, value] }).action);
      expect(ask(0x5412n)).toBe('ERRNO(EPERM)');
      expect(ask(0x7_0000_5412n)).toBe('ERRNO(EPERM)');
      expect(ask(0x5413n)).toBe('ALLOW');
      expect(ask(1n << 63n)).toBe('ALLOW');
    }
  });

  it.each<[string, RuleInput[], string]>([
    [
      'exceptions by different arguments',
      [allow('ioctl'), refuse([eq(0, 1)]), refuse([eq(1, 1)])],
      'different arguments',
    ],
    [
      'an argument compared twice',
      [allow('ioctl', { args: [eq(1, 1), eq(1, 2)] })],
      'compares argument 1 twice',
    ],
    ['two rules for all calls', [allow('ioctl'), refuse([])], 'two rules take all calls'],
    [
      'the default action as an exception',
      [allow('ioctl'), { ...refuse([eq(1, 1)]), errnoRet: 38 }],
      'is the default action',
    ],
  ])('%s: refused', (_, syscalls, reason) => {
    expect(() => rulesFor(profile(syscalls), here)).toThrow(reason);
  });

  it('rules that say the default action are left out', () => {
    const rules = rulesFor(
      profile([{ names: ['read'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]),
      here,
    ).rules;
    expect(rules).toEqual([]);
  });
});

describe('compiled', () => {
  beforeEach(needsLibseccomp);

  it('reports the names that nobody knows, and goes on', () => {
    const input: ProfileInput = {
      ...ERRNO_EPERM,
      syscalls: [{ ...allow('read'), names: ['read', 'raed', 'wirte'] }],
    };
    const { program, unknown } = compileProfile(checkProfile(input), { architecture: 'x86-64' });
    expect(unknown).toEqual(['raed', 'wirte']);
    expect(interpret(decode(program), { nr: 0, arch: 0xc000_003e }).action.name).toBe('ALLOW');
    expect(interpret(decode(program), { nr: 1, arch: 0xc000_003e }).action).toEqual(errno(1));
  });

  it.each([
    ['i386', 20, 0x4000_0003],
    ['x32', 0x4000_0027, 0xc000_003e],
    ['arm', 20, 0x4000_0028],
  ])('kills calls of another architecture, %s', (_, nr, arch) => {
    const { program } = compileProfile(checkProfile({ defaultAction: 'SCMP_ACT_ALLOW' }), {
      architecture: 'x86-64',
    });
    expect(actionValue(interpret(decode(program), { nr, arch }).action)).toBe(0x8000_0000);
  });

  it('judges i386 and x32 by the same rules when the profile lets them in', () => {
    const archMap = [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    ];
    const input: ProfileInput = { ...ERRNO_EPERM, archMap, syscalls: [allow('getpid')] };
    const program = decode(compileProfile(checkProfile(input), { architecture: 'x86-64' }).program);
    const ask = (nr: number, arch: number) => interpret(program, { nr, arch }).action.name;
    expect([ask(39, 0xc000_003e), ask(0x4000_0027, 0xc000_003e), ask(20, 0x4000_0003)]).toEqual(
      Array(3).fill('ALLOW'),
    );
    expect([ask(20, 0xc000_003e), ask(0x4000_0014, 0xc000_003e), ask(39, 0x4000_0003)]).toEqual(
      Array(3).fill('ERRNO'),
    );
  });
});
