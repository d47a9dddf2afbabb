/** Programs whose system calls are patched, for real: what is known of one text must not be believed of another. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ET_EXEC, PF_R, PF_X } from '../../src/linux/elf.ts';
import { runGuest } from '../../src/sandbox/guest/run.ts';
import { elfFile } from '../kernel/support/elf-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ring3-text-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = 0x401000;
const SYSCALL = [0x0f, 0x05];
const NAME = 0x402000;

const dword = (value: number): number[] => [
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  value >> 24,
];
const movEax = (value: number): number[] => [0xb8, ...dword(value)];
const movEdi = (value: number): number[] => [0xbf, ...dword(value)];
const movEsi = (value: number): number[] => [0xbe, ...dword(value)];
const movEdx = (value: number): number[] => [0xba, ...dword(value)];

/** Instructions, and by name where some of them begin: `{ at: 'name' }`, or how far it is there: `{ to: 'name' }`. */
type Code = (number | { at: string } | { to: string })[];

function assemble(code: Code): { content: Buffer; labels: Record<string, number> } {
  const labels: Record<string, number> = {};
  let at = 0;
  for (const item of code) {
    if (typeof item === 'object' && 'at' in item) labels[item.at] = at;
    else at++;
  }
  const content = code
    .filter((item) => typeof item === 'number' || 'to' in item)
    .map((item, index) => (typeof item === 'number' ? item : (labels[item.to]! - index - 1) & 255));
  return { content: Buffer.from(content), labels };
}

function program(name: string, code: Code, data: Buffer | string = ''): void {
  const segments = [
    { address: TEXT, flags: PF_R | PF_X, content: assemble(code).content },
    { address: NAME, flags: PF_R, content: Buffer.concat([Buffer.from(data), Buffer.alloc(1)]) },
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
    user: { uid: 5, gid: 5 },
    hostname: 'ring3',
  });
}

/** getpid() with the number where the patch for numbers does not find it: the instructions behind it must move. */
const BARE_CALL = [...Array<number>(16).fill(0x90), 0x31, 0xc0, 0xb0, 39, ...SYSCALL];
const EXIT = [...movEax(231), ...SYSCALL];
const XOR_EBX = [0x31, 0xdb];
const XOR_R12D = [0x45, 0x31, 0xe4];
const INC_R12D = [0x41, 0xff, 0xc4];
const CMP_R12D = [0x41, 0x83, 0xfc];
const ADD_1_TO_EAX = [0x83, 0xc0, 1];
const ADD_EAX_TO_EBX = [0x01, 0xc3];
const MOV_EBX_TO_EDI = [0x89, 0xdf];
const JE = 0x74;
const JMP = 0xeb;

test('a text that replaces another at its address runs its own instructions', async () => {
  const execve = [...movEdi(NAME), 0x31, 0xf6, 0x31, 0xd2, ...movEax(59), ...SYSCALL];
  // Patched at the first call: `mov $7,%edi` moves into a trampoline.
  program('first', [...BARE_CALL, ...movEdi(7), ...execve, ...EXIT], '/second');
  // In its place a `call`, which cannot move.
  program('second', [...movEdi(3), ...BARE_CALL.slice(5), 0xe8, 0, 0, 0, 0, ...EXIT]);
  expect(await run('/first')).toBe(3 << 8);
});

test('who jumps to a call whose number is loaded before it makes his own call', async () => {
  program('jumps', [
    ...XOR_EBX,
    ...XOR_R12D,
    ...movEax(39),
    { at: 'call' },
    ...SYSCALL,
    ...ADD_EAX_TO_EBX,
    ...INC_R12D,
    ...CMP_R12D,
    3,
    JE,
    { to: 'end' },
    ...movEax(107),
    JMP,
    { to: 'call' },
    { at: 'end' },
    ...MOV_EBX_TO_EDI,
    ...EXIT,
  ]);
  // getpid, and geteuid twice.
  expect(await run('/jumps')).toBe((1 + 5 + 5) << 8);
});

test('who jumps behind a call finds the instructions that have moved', async () => {
  program('behind', [
    ...XOR_EBX,
    ...XOR_R12D,
    ...BARE_CALL,
    { at: 'first' },
    ...ADD_1_TO_EAX,
    { at: 'second' },
    ...ADD_EAX_TO_EBX,
    ...INC_R12D,
    ...CMP_R12D,
    2,
    JE,
    { to: 'again' },
    ...CMP_R12D,
    3,
    JE,
    { to: 'end' },
    ...movEax(10),
    JMP,
    { to: 'first' },
    { at: 'again' },
    ...movEax(20),
    JMP,
    { to: 'second' },
    { at: 'end' },
    ...MOV_EBX_TO_EDI,
    ...EXIT,
  ]);
  expect(await run('/behind')).toBe((1 + 1 + (10 + 1) + 20) << 8);
});

test('a signal handler sees the address of the guest’s own instruction', async () => {
  const code: Code = [
    ...movEdi(11),
    ...movEsi(NAME),
    ...movEdx(0),
    0x41, // mov $8,%r10d
    0xba,
    ...dword(8),
    ...movEax(13), // rt_sigaction
    ...SYSCALL,
    ...BARE_CALL,
    { at: 'fault' },
    0x8b, // mov (%rax),%eax
    0x00,
    ...movEdi(1),
    ...EXIT,
    { at: 'handler' },
    0x8b, // mov 168(%rdx),%edi: uc_mcontext.rip
    0xba,
    ...dword(168),
    0x81, // sub $TEXT,%edi
    0xef,
    ...dword(TEXT),
    ...EXIT,
  ];
  const { labels } = assemble(code);
  const action = Buffer.alloc(32);
  action.writeUInt32LE(TEXT + labels.handler!, 0);
  action.writeUInt32LE(0x0400_0004, 8); // SA_SIGINFO, SA_RESTORER
  program('signal', code, action);
  expect(await run('/signal')).toBe(labels.fault! << 8);
});

test('text that becomes writable is the file’s again, and goes on working', async () => {
  const code: Code = [
    ...BARE_CALL,
    ...movEdx(7),
    ...movEdi(TEXT),
    ...movEsi(4096),
    ...movEax(10), // mprotect
    ...SYSCALL,
    0x0f, // movzbl, from where the bare call was, to %edi
    0xb6,
    0x3c,
    0x25,
    ...dword(TEXT + BARE_CALL.length - 2),
    ...EXIT,
  ];
  program('writable', code);
  expect(await run('/writable')).toBe(SYSCALL[0]! << 8);
});
