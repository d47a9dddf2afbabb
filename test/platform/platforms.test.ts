/** What all platforms do for the kernel, with guests of a few instructions each. */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { addon } from '../../src/linux/addon.ts';
import { REGISTERS_X86_64 as R } from '../../src/linux/registers-x86-64.ts';
import { obstacle } from '../../src/platform/obstacle.ts';
import type { PlatformName, Thread } from '../../src/platform/platform.ts';
import { SandboxMemory } from '../../src/platform/sandbox-memory.ts';
import { startPlatform } from '../../src/platform/start.ts';
import type { Launched, StubPlatform } from '../../src/platform/stub-platform.ts';
import { launchStub } from '../../src/platform/launch.ts';

const TEXT = 0x400000;
const GETPPID = 110;
const PROT_READ_EXEC = 5;
const XMM0 = 160;

// mov $110,%eax; syscall
const CALL = 'b8 6e 00 00 00 0f 05';
const FOR_EVER = 'eb fe';

let platform: StubPlatform;
let process: Launched;

async function start(name: PlatformName): Promise<void> {
  platform = await startPlatform(name, new SandboxMemory(), async (...descriptors) => {
    process = await launchStub(...descriptors);
    return process;
  });
}

afterEach(() => platform?.close());

/** A thread at the beginning of some instructions, not running yet. */
function guest(hex: string): Thread {
  const space = platform.newAddressSpace();
  const { memory } = platform;
  const code = memory.allocate(4096);
  memory.windows[0]!.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), code);
  space.map(TEXT, 4096, PROT_READ_EXEC, code);
  const thread = space.newThread();
  thread.registers.pc = TEXT;
  return thread;
}

async function nextEvent(): Promise<Thread> {
  for (;;) {
    const thread = platform.next();
    if (thread) return thread;
    await platform.park(100);
  }
}

async function run(thread: Thread): Promise<void> {
  platform.resume(thread);
  expect((await nextEvent()) === thread, thread.event).toBe(true); // a whole platform is too much to print
}

const { length: cores } = addon().cores();

describe.each(['rewrite', 'trap', 'notify', 'ptrace'] as const)('%s', { timeout: 30_000 }, (name) => {
  test('a call has its number and arguments, and gets a result', async () => {
    await start(name);
    // 1: call; then add %rax to %rdi and call again
    const thread = guest(`${CALL} 48 01 c7 ${CALL}`);
    thread.registers.set(R.rdi, 2 ** 40 + 1);
    thread.registers.set(R.r9, -9);
    await run(thread);
    expect([thread.event, thread.number]).toEqual(['syscall', GETPPID]);
    expect([...thread.args]).toEqual([2 ** 40 + 1, 0, 0, 0, 0, -9]);
    thread.setResult(-(2 ** 33));
    await run(thread);
    expect(thread.args[0]).toBe(2 ** 40 + 1 - 2 ** 33);
  });

  test('in a call all registers can be read and written, after the result or before', async () => {
    await start(name);
    const thread = guest(`${CALL} ${CALL} ${CALL}`);
    thread.registers.set(R.rbx, 77);
    await run(thread);
    expect(thread.registers.pc).toBe(TEXT + 7);
    expect(thread.registers.get(R.rbx)).toBe(77);
    thread.registers.set(R.rdi, 5);
    thread.setResult(1);
    await run(thread);
    expect(thread.args[0]).toBe(5);
    thread.setResult(2);
    thread.registers.pc = TEXT;
    expect(thread.registers.get(R.rax)).toBe(2);
    await run(thread);
    expect(thread.registers.pc).toBe(TEXT + 7);
  });

  test('a fault tells address and kind, and can be tried again with all registers', async () => {
    await start(name);
    // movq %rbx,%xmm0; mov %rax,(%rsi); movq %xmm0,%rdi; call
    const thread = guest(`66 48 0f 6e c3 48 89 06 66 48 0f 7e c7 ${CALL}`);
    thread.registers.set(R.rbx, 123456789);
    thread.registers.set(R.rsi, 0x700010);
    await run(thread);
    expect(thread.event).toBe('fault');
    expect(thread.fault).toMatchObject({ signal: 11, address: 0x700010, write: true, execute: false });
    expect(thread.registers.pc).toBe(TEXT + 5);
    const state = await thread.extendedState();
    expect(state.readUInt32LE(XMM0)).toBe(123456789);
    state.writeUInt32LE(42, XMM0);
    thread.space.map(0x700000, 4096, 3, platform.memory.allocate(4096));
    await run(thread);
    expect([thread.event, thread.args[0]]).toEqual(['syscall', 42]);
    thread.registers.pc = 0x1000_0000;
    await run(thread);
    expect(thread.fault).toMatchObject({ address: 0x1000_0000, write: false, execute: true });
  });

  test('thread pointer and vector registers can be set in a call', async () => {
    await start(name);
    // call; mov %fs:0,%rdi; movq %xmm0,%rsi; call
    const thread = guest(`${CALL} 64 48 8b 3c 25 00 00 00 00 66 48 0f 7e c6 ${CALL}`);
    const page = platform.memory.allocate(4096);
    platform.memory.windows[0]!.writeUInt32LE(99, page);
    thread.space.map(0x700000, 4096, 3, page);
    await run(thread);
    const state = await thread.extendedState();
    state.writeUInt32LE(42, XMM0);
    if (state.length > 520) state.writeUInt32LE(state.readUInt32LE(512) | 3, 512);
    thread.setThreadPointer(0x700000);
    thread.setResult(0);
    await run(thread);
    expect([...thread.args].slice(0, 2)).toEqual([99, 42]);
  });

  test('one that computes is interrupted, and two spaces run beside each other', async () => {
    await start(name);
    const [busy, calling] = [guest(FOR_EVER), guest(`${CALL} ${CALL}`)];
    platform.resume(busy);
    await run(calling);
    calling.setResult(0);
    await run(calling);
    busy.interrupt();
    expect((await nextEvent()) === busy, busy.event).toBe(true);
    expect([busy.event, busy.registers.pc]).toEqual(['interrupt', TEXT]);
  });

  test('an interrupt that meets a call loses neither', async () => {
    await start(name);
    // loop: call; add $1,%rdi; jmp loop
    const thread = guest(`${CALL} 48 83 c7 01 eb f3`);
    platform.resume(thread);
    let calls = 0;
    let interrupts = 0;
    while (calls < 300 || interrupts === 0) {
      const { event, args, registers } = await nextEvent();
      if (event === 'interrupt') interrupts++;
      else {
        expect([event, args[0]]).toEqual(['syscall', calls++]);
        if (calls % 50 === 0) expect(registers.get(R.rdi)).toBe(calls - 1);
        thread.setResult(7);
      }
      platform.resume(thread);
      if (calls % 3 === 0) thread.interrupt();
    }
  });

  test('the end leaves nothing, and gives this thread its cores back', async () => {
    await start(name);
    platform.resume(guest(FOR_EVER));
    platform.next();
    await platform.close();
    expect(existsSync(`/proc/${process.pid}`)).toBe(false);
    expect(addon().cores()).toHaveLength(cores);
    await start(name);
  });

  test('nothing is in its way here', async () => {
    expect(await obstacle(name, launchStub)).toBeUndefined();
    await start(name);
  });
});
