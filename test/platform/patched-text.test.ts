/** Programs whose system calls are patched, for real: what is known of one text must not be believed of another. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ET_EXEC, PF_R, PF_X } from '../../src/linux/elf.ts';
import { runGuest } from '../../src/sandbox/guest/run.ts';
import { elfFile } from '../kernel/support/elf-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ring3-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = 0x401000;
const SYSCALL = [0x0f, 0x05];
const NAME = 0x402000;

/** mov $value,%edi and so on, five bytes each. */
const movEax = (value: number): number[] => [0xb8, value & 255, value >> 8, 0, 0];
const movEdi = (value: number): number[] => [0xbf, ...dword(value)];
const dword = (value: number): number[] => [
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  value >> 24,
];

function program(name: string, code: number[], data = ''): void {
  const content = Buffer.from(code);
  const segments = [
    { address: TEXT, flags: PF_R | PF_X, content },
    { address: NAME, flags: PF_R, content: Buffer.from(`${data}\0`) },
  ];
  writeFileSync(join(folder, name), elfFile({ type: ET_EXEC, entry: TEXT, segments }), { mode: 0o755 });
}

function run(...argv: string[]): Promise<number> {
  return runGuest({
    platform: 'rewrite',
    argv,
    env: [],
    root: folder,
    hidden: [],
    workdir: '/',
    user: { uid: 0, gid: 0 },
    hostname: 'ring3',
  });
}

/** getpid() with the number where the patch for numbers does not find it: the instructions behind it must move. */
const BARE_CALL = [...Array<number>(16).fill(0x90), 0x31, 0xc0, 0xb0, 39, ...SYSCALL];
const EXIT = [...movEax(231), ...SYSCALL];

test('a text that replaces another at its address runs its own instructions', async () => {
  const execve = [...movEdi(NAME), 0x31, 0xf6, 0x31, 0xd2, ...movEax(59), ...SYSCALL];
  // Patched at the first call: `mov $7,%edi` moves into a trampoline.
  program('first', [...BARE_CALL, ...movEdi(7), ...execve, ...EXIT], '/second');
  // In its place a `call`, which cannot move.
  program('second', [...movEdi(3), ...BARE_CALL.slice(5), 0xe8, 0, 0, 0, 0, ...EXIT]);
  expect(await run('/first')).toBe(3 << 8);
});
