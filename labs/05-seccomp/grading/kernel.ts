/** Loads a program for real, in children of native/programs/calls.c, and compares with the policy. */
import { execFileSync } from 'node:child_process';
import { helperPath } from 'ring3';
import { hostCannot, wrong, type Random } from 'ring3/grade';
import type { Action, Condition, Policy, Rule } from '../exercise.ts';
import { around, call, drawCondition, drawErrnos } from './draw.ts';
import { describe } from './judge.ts';
import { decide, type TestCall } from './oracle.ts';

/** Calls that take no arguments and change nothing, so that any action and any argument will do. */
const HARMLESS =
  process.arch === 'arm64'
    ? [124, 172, 173, 174, 175, 176, 177, 178] // sched_yield, getpid, getppid, getuid, geteuid, getgid, getegid, gettid
    : [24, 39, 102, 104, 107, 108, 110, 186];
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';

const PLAIN: Action[] = [
  { do: 'allow' },
  { do: 'log' },
  { do: 'trap' },
  { do: 'kill-process' },
  { do: 'kill-thread' },
  { do: 'trace', data: 7 },
];

export interface RealCall extends TestCall {
  abi: 'native' | 'i386';
}

/** A rule of each kind, for a call of its own; the last call has none. */
export function drawHarmless(random: Random): { policy: Policy; calls: RealCall[] } {
  const [plain, wide, narrow, twice, none] = random.shuffle(HARMLESS) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [one, two, three, otherwise] = drawErrnos(random, 4) as [Action, Action, Action, Action];
  const [ofWide, ofNarrow, ofTwice] = ([64, 32, 64] as const).map((width) =>
    drawCondition(random, '==', width),
  ) as [Condition, Condition, Condition];
  const rules: Rule[] = [
    { syscall: plain, action: random.pick(PLAIN), when: [] },
    { syscall: wide, action: one, when: [[ofWide]] },
    { syscall: narrow, action: two, when: [[ofNarrow]] },
    { syscall: twice, action: three, when: [[ofTwice]] },
    { syscall: twice, action: { do: 'allow' }, when: [] },
  ];
  const policy = { architecture, rules, otherwise } as const;
  const upper = 1n << 40n;
  const native: TestCall[] = [
    call(policy, plain),
    call(policy, none),
    ...[ofWide.value, ofWide.value ^ upper].map((value) => around(random, policy, wide, ofWide, value)),
    ...[ofNarrow.value, ofNarrow.value | upper].map((value) =>
      around(random, policy, narrow, ofNarrow, value),
    ),
    ...[ofTwice.value, ofTwice.value ^ 1n].map((value) => around(random, policy, twice, ofTwice, value)),
  ];
  const foreign: RealCall = { ...call(policy, 20), arch: 0x4000_0003, abi: 'i386' };
  const calls = native.map((each): RealCall => ({ ...each, abi: 'native' }));
  return { policy, calls: architecture === 'x86-64' ? [...calls, foreign] : calls };
}

/** `value N`, `errno N`, `trap N`, `killed N` or `refused N` for each call. */
function inKernel(program: Uint8Array, calls: readonly RealCall[]): string[] {
  const words = calls.map(({ abi, nr, args }) => `${abi}:${nr}:${args.join(',')}`);
  const output = execFileSync(helperPath('calls'), ['-', ...words], {
    input: program,
    encoding: 'utf8',
    timeout: 5000,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return output.trim().split('\n');
}

/** 4,096 instructions; the guest reads no more, and would leave us writing. */
const MOST_BYTES = 8 * 4096;
const ALLOW_ALL = Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f);

/** What the caller sees of an action, with nobody tracing him. */
function visible(action: Action, nr: number): RegExp {
  if (action.do === 'errno') return new RegExp(`^errno ${action.data}$`);
  if (action.do === 'trace') return /^errno 38$/;
  if (action.do === 'trap') return new RegExp(`^trap ${nr}$`);
  return action.do === 'allow' || action.do === 'log' ? /^value \d+$/ : /^killed 31$/;
}

/** A kernel without i386 emulation ends int 0x80 with SIGSEGV before any filter sees it: the machine's task judges that. */
function isPossible(one: RealCall): boolean {
  return one.abi === 'native' || inKernel(ALLOW_ALL, [one])[0]!.startsWith('value');
}

export function holdAgainstKernel(policy: Policy, program: Uint8Array, calls: readonly RealCall[]): void {
  if (program.length > MOST_BYTES) {
    wrong({
      expected: `at most ${MOST_BYTES} bytes`,
      seen: `${program.length}`,
      read: 'README.md#the-machine',
    });
  }
  const [plain] = inKernel(ALLOW_ALL, calls.slice(0, 1));
  if (!plain?.startsWith('value')) hostCannot('seccomp.filter', `a filter that allows all gave “${plain}”`);
  const possible = calls.filter(isPossible);
  for (const [index, seen] of inKernel(program, possible).entries()) {
    const one = possible[index] as RealCall;
    const action = decide(policy, one);
    if (visible(action, one.nr).test(seen)) continue;
    wrong({
      expected: `${JSON.stringify(action)} for ${describe(one)}`,
      seen: seen === 'refused 22' ? 'EINVAL: the kernel does not take the program' : seen,
      show: 'strace -f ring3/build/Release/calls FILTER native:NUMBER:ARG,ARG',
      read: 'README.md#in-the-kernel',
    });
  }
}
