import { expect, test } from 'vitest';
import { EAGAIN, EINTR, EINVAL } from '../../../src/linux/errno.ts';
import { REGISTERS_X86_64 as R } from '../../../src/linux/registers-x86-64.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import { DATA, type FakeThread, type Guest, type Program, runGuest, STACK_TOP } from '../support/guest.ts';

const SA_SIGINFO = 4;
const SA_RESTORER = 0x0400_0000;
const SA_ONSTACK = 0x0800_0000;
const SA_RESTART = 0x1000_0000;
const SA_RESETHAND = 0x8000_0000;

/** Where tests put struct sigaction. */
const ACTION = DATA + 0x100;

function action(guest: Guest, signal: number, handler: number, flags = 0, mask = 0) {
  guest.memory.writeI64(ACTION, handler);
  guest.memory.writeI64(ACTION + 8, flags + SA_RESTORER);
  guest.memory.writeI64(ACTION + 16, 0xabc0);
  guest.memory.writeI64(ACTION + 24, mask);
  return guest.call('rt_sigaction', signal, ACTION, 0, 8);
}

/** Raises a signal with a handler and looks at what the handler finds. */
async function inHandler(look: (guest: Guest) => void, flags = 0, later = false): Promise<FakeThread> {
  let thread!: FakeThread;
  await runGuest(
    function* (guest) {
      // oxlint-disable-next-line require-yield -- it makes no calls
      const handler: Program = function* (inside) {
        look(inside);
      };
      yield action(guest, SIGNALS.SIGUSR1, guest.handler(handler), flags);
      guest.registers.set(R.r12, 0x1234_5678_9abc);
      const result = yield guest.call('kill', 1, SIGNALS.SIGUSR1);
      expect(result).toBe(0);
      expect(guest.registers.get(R.r12)).toBe(0x1234_5678_9abc);
      expect(guest.registers.sp).toBe(STACK_TOP - 0x1000);
    },
    {
      prepare: (_kernel, init) => {
        thread = init.thread as FakeThread;
        thread.stateLater = later;
        thread.state.writeUInt32LE(0x1f80, 24);
        thread.state.fill(0x77, 160, 416);
      },
    },
  );
  return thread;
}

test.each([false, true])('a handler gets a frame as Linux lays it (state later: %s)', async (later) => {
  let seen: Record<string, number> = {};
  const thread = await inHandler(
    (guest) => {
      const { sp } = guest.registers;
      const { memory } = guest;
      const fpstate = memory.readI64(sp + 232);
      seen = {
        alignment: (sp + 8) % 16,
        restorer: memory.readI64(sp),
        signal: guest.registers.get(R.rdi),
        info: guest.registers.get(R.rsi) - sp,
        context: guest.registers.get(R.rdx) - sp,
        si_signo: memory.readI32(sp + 312),
        si_pid: memory.readI32(sp + 312 + 16),
        r12: memory.readI64(sp + 8 + 40 + 8 * R.r12),
        rsp: memory.readI64(sp + 8 + 40 + 8 * R.rsp),
        cs: memory.readU16(sp + 8 + 40 + 144),
        fpstate: fpstate % 64,
        magic: memory.readU32(fpstate + 464),
        blocked: guest.task.mask.has(SIGNALS.SIGUSR1) ? 1 : 0,
      };
      // What the handler does to the vector registers must not outlive it.
      (guest.task.thread as FakeThread).state.fill(0, 160, 416);
    },
    SA_SIGINFO,
    later,
  );
  expect(seen).toEqual({
    alignment: 0,
    restorer: 0xabc0,
    signal: 10,
    info: 312,
    context: 8,
    si_signo: 10,
    si_pid: 1,
    r12: 0x1234_5678_9abc,
    rsp: STACK_TOP - 0x1000,
    cs: 0x33,
    fpstate: 0,
    magic: 0x4650_5853,
    blocked: 1,
  });
  expect(thread.state[200]).toBe(0x77);
});

test('a handler with SA_ONSTACK runs on the alternate stack', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    const stack = DATA + 0x4000;
    guest.memory.writeI64(DATA, stack);
    guest.memory.writeI64(DATA + 16, 0x2000);
    yield guest.call('sigaltstack', DATA, 0);
    const handler: Program = function* (inside) {
      seen.push(inside.registers.sp > stack && inside.registers.sp < stack + 0x2000 ? 1 : 0);
      yield inside.call('sigaltstack', 0, DATA + 64);
      seen.push(inside.memory.readI32(DATA + 64 + 8));
    };
    yield action(guest, SIGNALS.SIGUSR1, guest.handler(handler), SA_ONSTACK);
    yield guest.call('tgkill', 1, 1, SIGNALS.SIGUSR1);
    yield guest.call('sigaltstack', 0, DATA + 64);
    seen.push(guest.memory.readI32(DATA + 64 + 8));
  });
  expect(seen).toEqual([1, 1, 0]);
});

/** A child signals its parent, which waits in `wait4` for it. @returns what wait4 answers, and how often the handler ran */
async function interruptWait(flags: number): Promise<[result: number, handled: number]> {
  let handled = 0;
  let result = 0;
  await runGuest(function* (guest) {
    // oxlint-disable-next-line require-yield -- it makes no calls
    const handler: Program = function* () {
      handled++;
    };
    yield action(guest, SIGNALS.SIGUSR1, guest.handler(handler), flags);
    yield guest.child(function* (child) {
      yield child.call('sched_yield');
      yield child.call('kill', 1, SIGNALS.SIGUSR1);
      for (let turn = 0; turn < 5; turn++) yield child.call('sched_yield');
    }, 'fork');
    result = yield guest.call('wait4', -1, 0, 0, 0);
  });
  return [result, handled];
}

test('an interrupted call fails with EINTR, or begins again with SA_RESTART', async () => {
  expect(await interruptWait(0)).toEqual([-EINTR, 1]);
  expect(await interruptWait(SA_RESTART)).toEqual([2, 1]);
});

test('sigsuspend lets a signal in, and the mask comes back after the handler', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    // oxlint-disable-next-line require-yield -- it makes no calls
    const handler: Program = function* (inside) {
      seen.push(inside.task.mask.has(SIGNALS.SIGUSR2) ? 1 : 0);
    };
    yield action(guest, SIGNALS.SIGUSR1, guest.handler(handler));
    guest.memory.writeI64(DATA, (1 << 9) | (1 << 11));
    yield guest.call('rt_sigprocmask', 0, DATA, 0, 8);
    yield guest.call('kill', 1, SIGNALS.SIGUSR1);
    yield guest.call('rt_sigpending', DATA + 8, 8);
    seen.push(guest.memory.readI32(DATA + 8));
    guest.memory.writeI64(DATA, 0);
    seen.push(yield guest.call('rt_sigsuspend', DATA, 8));
    seen.push(guest.task.mask.low);
  });
  expect(seen).toEqual([1 << 9, 0, -EINTR, (1 << 9) | (1 << 11)]);
});

test('default actions: termination, SIGCHLD ignored, SIGKILL in spite of everything', async () => {
  const statuses: number[] = [];
  await runGuest(function* (guest) {
    for (const signal of [SIGNALS.SIGTERM, SIGNALS.SIGSEGV, SIGNALS.SIGCHLD, SIGNALS.SIGKILL]) {
      yield guest.child(function* (child) {
        child.memory.writeI64(DATA, -1);
        if (signal === SIGNALS.SIGKILL) yield child.call('rt_sigprocmask', 0, DATA, 0, 8);
        yield child.call('kill', yield child.call('getpid'), signal);
        yield child.call('exit', 1);
      }, 'fork');
      yield guest.call('wait4', -1, DATA, 0, 0);
      statuses.push(guest.memory.readU32(DATA));
    }
    statuses.push(yield action(guest, SIGNALS.SIGKILL, 1));
  });
  expect(statuses).toEqual([15, 11, 1 << 8, 9, -EINVAL]);
});

test('a fault is a signal with its address, and ends the process where nobody handles it', async () => {
  const seen: number[] = [];
  const { status } = await runGuest(function* (guest) {
    // oxlint-disable-next-line require-yield -- it makes no calls
    const handler: Program = function* (inside) {
      seen.push(inside.memory.readI64(inside.registers.get(R.rsi) + 16));
    };
    yield action(guest, SIGNALS.SIGSEGV, guest.handler(handler), SA_SIGINFO + SA_RESETHAND);
    yield guest.fault(SIGNALS.SIGSEGV, 1, 0x1234_5000);
    yield guest.fault(SIGNALS.SIGSEGV, 1, 0x1234_5000);
  });
  expect(seen).toEqual([0x1234_5000]);
  expect(status).toBe(11);
});

test('a stack that cannot take the frame, and a frame that makes no sense, end in SIGSEGV', async () => {
  // oxlint-disable-next-line require-yield -- it makes no calls
  const handler: Program = function* () {};
  const noStack = await runGuest(function* (guest) {
    yield action(guest, SIGNALS.SIGUSR1, guest.handler(handler));
    guest.registers.sp = 0x5000;
    yield guest.call('kill', 1, SIGNALS.SIGUSR1);
  });
  expect(noStack.status).toBe(11);
  const badFrame = await runGuest(function* (guest) {
    guest.memory.writeI64(DATA + 0x200 + 40 + 8 * R.rip, -5);
    guest.registers.sp = DATA + 0x200;
    yield guest.call('rt_sigreturn');
  });
  expect(badFrame.status).toBe(11);
});

test('real-time signals queue with their values, standard ones do not', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    guest.memory.writeI64(DATA, 2 ** 39 + (1 << 9));
    yield guest.call('rt_sigprocmask', 0, DATA, 0, 8);
    for (const value of [1, 2]) {
      guest.memory.writeI64(DATA + 0x40 + 24, value);
      guest.memory.writeU32(DATA + 0x40 + 8, -1);
      yield guest.call('rt_sigqueueinfo', 1, 40, DATA + 0x40);
      yield guest.call('kill', 1, SIGNALS.SIGUSR1);
    }
    guest.memory.zero(DATA + 0x80, 16);
    for (let turn = 0; turn < 4; turn++) {
      seen.push(yield guest.call('rt_sigtimedwait', DATA, DATA + 0x100, DATA + 0x80, 8));
      if (seen.at(-1) === 40) seen.push(guest.memory.readI32(DATA + 0x100 + 24));
    }
  });
  expect(seen).toEqual([10, 40, 1, 40, 2, -EAGAIN]);
});

test('a task that computes is interrupted by a signal', async () => {
  const { status } = await runGuest(function* (guest) {
    yield guest.child(function* (child) {
      yield child.call('sched_yield');
      yield child.call('kill', 1, SIGNALS.SIGTERM);
    }, 'fork');
    for (;;) yield guest.compute();
  });
  expect(status).toBe(15);
});
