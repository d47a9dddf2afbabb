import { describe, expect, it } from 'vitest';
import { actionOf, actionValue, printAction } from '../../../src/confine/seccomp/actions.ts';
import { decode, encode, type Instruction } from '../../../src/confine/seccomp/bpf.ts';
import { disassemble, printProgram } from '../../../src/confine/seccomp/disassemble.ts';
import { interpretVerified } from '../../../src/confine/seccomp/interpret.ts';
import { printTrace, trace } from '../../../src/confine/seccomp/trace.ts';
import { verify } from '../../../src/confine/seccomp/verify.ts';
import { random } from '../../../src/lab/random.ts';
import { realCalls } from '../../support/calls.ts';

const I = (code: number, k = 0, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });
const LD_NR = I(0x20, 0);
const LD_ARCH = I(0x20, 4);
const RET = (value: number) => I(0x06, value);
const ALLOW = 0x7fff_0000;
const [getpid, getuid] = process.arch === 'arm64' ? [172, 174] : [39, 102];
const arch = process.arch === 'arm64' ? 0xc000_00b7 : 0xc000_003e;

describe('instructions as bytes', () => {
  it('are little-endian: u16 code, u8 jt, u8 jf, u32 k', () => {
    expect([...encode([I(0x15, 0xc000003e, 1, 2)])]).toEqual([0x15, 0, 1, 2, 0x3e, 0, 0, 0xc0]);
  });

  it('come back as they went', () => {
    const bytes = Uint8Array.from({ length: 80 }, (_, at) => (at * 37) & 0xff);
    expect(encode(decode(bytes))).toEqual(bytes);
    expect(decode(new Uint8Array(bytes.buffer, 8, 8))).toEqual(decode(bytes).slice(1, 2));
  });

  it.each([
    [0, 'empty'],
    [7, '7 bytes'],
    [8 * 4097, '4097 instructions'],
  ])('of %i bytes are refused', (length, reason) => {
    expect(() => decode(new Uint8Array(length))).toThrow(reason);
  });

  it.each([
    [I(0x15, 0, 256), 'jt is 256'],
    [I(0x15, -1), 'k is -1'],
    [I(0x15, 0.5), 'k is 0.5'],
    [I(0x1_0000), 'code is 65536'],
  ])('with a field that does not fit are refused: %o', (instruction, reason) => {
    expect(() => encode([LD_NR, instruction])).toThrow(`instruction 1: ${reason}`);
  });
});

describe('actions', () => {
  it.each([
    [0x7fff_0000, 'ALLOW'],
    [0x7fff_0001, 'ALLOW'],
    [0x0005_0001, 'ERRNO(EPERM)'],
    [0x0005_ffff, 'ERRNO(4095)'],
    [0x7ff0_0007, 'TRACE(7)'],
    [0, 'KILL_THREAD'],
    [0x8000_0000, 'KILL_PROCESS'],
    [0x7fc0_0000, 'NOTIFY'],
    [0x1234_0000, 'KILL_PROCESS'],
    [0xffff_ffff, 'KILL_PROCESS'],
  ])('0x%s reads %s', (value, text) => {
    expect(printAction(actionOf(value))).toBe(text);
  });

  it('carry no more than fits', () => {
    expect(actionValue({ name: 'ERRNO', data: 4095 })).toBe(0x0005_0fff);
    expect(() => actionValue({ name: 'ERRNO', data: 4096 })).toThrow('from 0 to 4095');
    expect(() => actionValue({ name: 'TRACE', data: -1 })).toThrow('from 0 to 65535');
  });
});

describe('verify says what the kernel says', () => {
  it.each<[string, Instruction[], boolean]>([
    ['allow', [RET(ALLOW)], true],
    ['no return', [LD_NR], false],
    ['return of A', [LD_NR, I(0x16)], true],
    ['return of X', [I(0x0e)], false],
    ['unaligned load', [I(0x20, 2), RET(ALLOW)], false],
    ['load past the end', [I(0x20, 64), RET(ALLOW)], false],
    ['last word', [I(0x20, 60), RET(ALLOW)], true],
    ['half-word load', [I(0x28, 0), RET(ALLOW)], false],
    ['indirect load', [I(0x40, 0), RET(ALLOW)], false],
    ['jump past the end', [I(0x15, 0, 1, 0), RET(ALLOW)], false],
    ['jump to the end', [I(0x15, 0, 1, 0), RET(0), RET(ALLOW)], true],
    ['long jump back', [I(0x05, 0xffff_ffff), RET(ALLOW)], false],
    ['division by zero', [I(0x34, 0), RET(ALLOW)], false],
    ['shift by 32', [I(0x64, 32), RET(ALLOW)], false],
    ['remainder', [I(0x94, 3), RET(ALLOW)], false],
    ['scratch unwritten', [I(0x60, 1), RET(ALLOW)], false],
    ['scratch written', [I(0x02, 1), I(0x60, 1), RET(ALLOW)], true],
    ['scratch written on one path', [I(0x15, 0, 1, 0), I(0x02, 1), I(0x60, 1), RET(ALLOW)], false],
    ['scratch word 16', [I(0x02, 16), RET(ALLOW)], false],
    ['dead code', [RET(ALLOW), LD_NR, RET(0)], true],
    ['4096 instructions', Array.from({ length: 4096 }, () => RET(ALLOW)), true],
    ['4097 instructions', Array.from({ length: 4097 }, () => RET(ALLOW)), false],
  ])('%s', (_, program, fine) => {
    const [real] = realCalls(encode(program), [{ nr: getpid }]);
    expect(real !== 'refused 22').toBe(fine);
    expect(verify(program) === undefined).toBe(fine);
  });
});

/** Every operation that seccomp has, with operands that often matter; scratch is written before all else. */
function drawProgram(draw: ReturnType<typeof random>): Instruction[] {
  const edge = () =>
    draw.pick([0, 1, 2, 31, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, draw.int(0, 2 ** 32 - 1)]);
  const length = draw.int(4, 24);
  const start = [I(0x02, 0), I(0x03, 1)];
  const body = Array.from({ length }, (_, at): Instruction => {
    const left = length - at - 1;
    const kind = draw.int(0, 9);
    if (kind <= 2) return I(0x20, 4 * draw.int(0, 15));
    if (kind === 3) return I(draw.pick([0x00, 0x01, 0x80, 0x81]), edge());
    if (kind === 4) return draw.pick([I(0x07), I(0x87), I(0x02, 1), I(0x03, 0), I(0x60, 1), I(0x61, 0)]);
    if (kind <= 6) {
      const operation = draw.pick([0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xa0, 0x80]);
      if (operation === 0x80) return I(0x84);
      if (draw.chance(0.4)) return I(0x0c | operation);
      return I(
        0x04 | operation,
        operation === 0x30 ? edge() || 3 : operation >= 0x60 && operation < 0x80 ? draw.int(0, 31) : edge(),
      );
    }
    if (kind === 7) return I(0x05, draw.int(0, Math.min(3, left)));
    const jumps: [number, number] = [draw.int(0, Math.min(4, left)), draw.int(0, Math.min(4, left))];
    return I(0x05 | draw.pick([0x10, 0x20, 0x30, 0x40]) | draw.pick([0, 8]), edge(), ...jumps);
  });
  // What A holds at the end becomes the errno, so that the kernel tells it to us.
  return [...start, ...body, I(0x54, 0x7ff), I(0x44, 0x0005_0800), I(0x16)];
}

describe('the interpreter', () => {
  it('comes to what the kernel comes to, on 300 programs', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const draw = random(seed);
      const program = drawProgram(draw);
      expect(verify(program), `seed ${seed}`).toBeUndefined();
      const args = Array.from({ length: 6 }, () =>
        draw.pick([0n, 1n, 0xffff_ffffn, (1n << 64n) - 1n, 0x1_0000_0000n]),
      );
      const { action, value } = interpretVerified(program, { nr: getpid, arch, args });
      const [real] = realCalls(encode(program), [{ nr: getpid, args }]);
      const expected = action.name === 'ERRNO' ? `errno ${action.data}` : 'killed 31';
      // The address of the call differs from run to run: programs that looked at it prove nothing.
      if (program.some(({ code, k }) => code === 0x20 && (k === 8 || k === 12))) continue;
      expect(real, `seed ${seed}, value ${value.toString(16)}`).toBe(expected);
    }
  });

  it('ends a program that divides by X = 0 as the kernel does', () => {
    const program = [LD_NR, I(0x3c), RET(ALLOW)];
    expect(interpretVerified(program, { nr: 1, arch }).action.name).toBe('KILL_THREAD');
    expect(realCalls(encode(program), [{ nr: getpid }])).toEqual(['killed 31']);
  });

  it('keeps the path', () => {
    const program = [
      LD_ARCH,
      I(0x15, arch, 1, 0),
      RET(0),
      LD_NR,
      I(0x15, getuid, 0, 1),
      RET(0x0005_000d),
      RET(ALLOW),
    ];
    expect(interpretVerified(program, { nr: getuid, arch })).toMatchObject({
      path: [0, 1, 3, 4, 5],
      executed: 5,
    });
    expect(interpretVerified(program, { nr: getpid, arch }).path).toEqual([0, 1, 3, 4, 6]);
    expect(interpretVerified(program, { nr: getpid, arch: 1 }).path).toEqual([0, 1, 2]);
    expect(realCalls(encode(program), [{ nr: getuid }])).toEqual(['errno 13']);
  });
});

describe('the listing', () => {
  const program = [
    LD_ARCH,
    I(0x15, 0xc000_003e, 1, 0),
    RET(0x8000_0000),
    LD_NR,
    I(0x35, 0x4000_0000, 3, 0),
    I(0x15, 16, 0, 3),
    I(0x20, 24),
    I(0x15, 0x5412, 0, 1),
    RET(0x0005_0001),
    RET(ALLOW),
  ];

  it('names architectures, calls, arguments and actions', () => {
    expect(printProgram(program)).toBe(
      [
        '   0        ld   arch',
        '   1        jeq  x86-64                        then L1',
        '   2        ret  KILL_PROCESS',
        '   3  L1:   ld   nr',
        '   4        jge  0x40000000 (x32)              then L2',
        '   5        jeq  16 (ioctl)                    else L3',
        '   6        ld   args[1].low',
        '   7        jeq  0x5412                        else L3',
        '   8  L2:   ret  ERRNO(EPERM)',
        '   9  L3:   ret  ALLOW',
        '',
      ].join('\n'),
    );
  });

  it('shows the path of a call with what it saw', () => {
    const call = { nr: 16, arch: 0xc000_003e, args: [0, 0x5412n] };
    const text = printTrace(trace(program, call), program.length);
    expect(text).toMatch(/ld {3}arch +A = 0xc000003e\n +1 +jeq {2}x86-64 +then L1 +yes\n +3/);
    expect(text).toMatch(/jeq {2}0x5412 +else L3 +yes\n/);
    expect(text).toMatch(/ERRNO\(EPERM\) after 8 of 10 instructions\n$/);
  });

  it('does not name calls where the architecture is not known', () => {
    expect(printProgram([LD_NR, I(0x15, 16, 0, 1), RET(0), RET(ALLOW)])).not.toContain('ioctl');
  });

  it('takes any bytes whatever', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const draw = random(seed);
      const drawn = decode(draw.bytes(8 * draw.int(1, 40)));
      const lines = disassemble(drawn);
      expect(lines).toHaveLength(drawn.length);
      expect(lines.map(({ index }) => index)).toEqual(drawn.map((_, at) => at));
      const named = new Set(lines.map(({ label }) => label));
      for (const { jump } of lines) {
        for (const target of jump ? [jump.taken, jump.otherwise] : []) {
          expect(['next', 'outside'].includes(target) || named.has(target), `seed ${seed}: ${target}`).toBe(
            true,
          );
        }
      }
    }
  });
});
