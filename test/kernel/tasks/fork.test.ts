import { expect, test } from 'vitest';
import {
  CLONE_CHILD_CLEARTID,
  CLONE_FILES,
  CLONE_PARENT_SETTID,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VM,
} from '../../../src/linux/clone.ts';
import { ECHILD, EINVAL, EPERM } from '../../../src/linux/errno.ts';
import { P_ALL, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WUNTRACED } from '../../../src/linux/wait.ts';
import { DATA, type Program, runGuest } from '../support/guest.ts';

const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES;

const exitsWith7: Program = function* (guest) {
  for (let turn = 0; turn < 5; turn++) yield guest.call('sched_yield');
  yield guest.call('exit_group', 7);
};

test('a child has a copy of the memory, and its parent waits for it', async () => {
  const seen: number[] = [];
  const { platform } = await runGuest(function* (guest) {
    guest.memory.writeU32(DATA, 1);
    const pid = yield guest.child(function* (child) {
      seen.push(yield child.call('getpid'), yield child.call('getppid'), child.memory.readU32(DATA));
      child.memory.writeU32(DATA, 2);
      yield child.call('exit_group', 7);
    }, 'fork');
    seen.push(pid, yield guest.call('wait4', -1, DATA + 8, 0, 0));
    seen.push(guest.memory.readU32(DATA), guest.memory.readU32(DATA + 8));
    seen.push(yield guest.call('wait4', -1, 0, 0, 0));
  });
  expect(seen).toEqual([2, 1, 1, 2, 2, 1, 7 << 8, -ECHILD]);
  expect(platform.spaces[1]!.released).toBe(true);
});

test('WNOHANG, WNOWAIT and waitid tell without taking', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    const pid = yield guest.child(exitsWith7, 'fork');
    seen.push(yield guest.call('wait4', pid, 0, WNOHANG, 0));
    seen.push(yield guest.call('waitid', P_ALL, 0, DATA, WEXITED | WNOWAIT, 0));
    seen.push(...[0, 8, 16, 24].map((at) => guest.memory.readU32(DATA + at)));
    seen.push(yield guest.call('wait4', pid, 0, 0, 0), yield guest.call('waitid', P_ALL, 0, 0, WEXITED, 0));
  });
  expect(seen).toEqual([0, 0, 17, 1, 2, 7, 2, -ECHILD]);
});

test('vfork lets the parent wait until the child is done with its memory', async () => {
  const seen: (number | string)[] = [];
  await runGuest(function* (guest) {
    const pid = yield guest.child(function* (child) {
      child.memory.writeU32(DATA, 3);
      seen.push('child');
      yield child.call('exit', 0);
    }, 'vfork');
    seen.push(pid, guest.memory.readU32(DATA));
  });
  expect(seen).toEqual(['child', 2, 3]);
});

test('threads share a process, and the last one ends it', async () => {
  const seen: number[] = [];
  const flags = THREAD | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  const { status } = await runGuest(function* (guest) {
    const tid = yield guest.child(
      function* (thread) {
        seen.push(yield thread.call('getpid'), yield thread.call('gettid'));
        yield thread.call('exit', 3);
      },
      'clone',
      flags,
      DATA + 0x8000,
      DATA,
      DATA,
      0,
    );
    seen.push(tid);
    // Joins it as pthread_join does: by the word that its end clears.
    if (guest.memory.readU32(DATA) === tid) yield guest.call('futex', DATA, 0, tid, 0);
    seen.push(guest.memory.readU32(DATA));
    yield guest.call('exit', 5);
  });
  expect(seen.sort()).toEqual([0, 1, 2, 2]);
  expect(status).toBe(5 << 8);
});

test('exit_group ends threads that wait and threads that compute', async () => {
  const { status, kernel } = await runGuest(function* (guest) {
    const waits: Program = function* (thread) {
      yield thread.call('pause');
    };
    const computes: Program = function* (thread) {
      yield thread.compute();
    };
    yield guest.child(waits, 'clone', THREAD, DATA + 0x8000);
    yield guest.child(computes, 'clone', THREAD, DATA + 0x9000);
    yield guest.call('sched_yield');
    yield guest.call('exit_group', 1);
  });
  expect(status).toBe(1 << 8);
  expect(kernel.init!.tasks.size).toBe(0);
});

test('combinations of flags that make no sense are refused', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    seen.push(yield guest.call('clone', CLONE_THREAD, 0), yield guest.call('clone', CLONE_SIGHAND, 0));
    seen.push(yield guest.call('clone', 0x1000_0000, 0), yield guest.call('clone3', DATA, 8));
  });
  expect(seen).toEqual([-EINVAL, -EINVAL, -EPERM, -EINVAL]);
});

test('orphans become children of the first process', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    yield guest.child(function* (child) {
      yield child.child(function* (orphan) {
        while ((yield orphan.call('getppid')) !== 1) yield orphan.call('sched_yield');
      }, 'fork');
    }, 'fork');
    seen.push(yield guest.call('wait4', -1, 0, 0, 0), yield guest.call('wait4', -1, 0, 0, 0));
  });
  expect(seen).toEqual([2, 3]);
});

test('a stopped child is reported, continues, and is killed', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    const pid = yield guest.child(function* (child) {
      yield child.call('kill', 2, 19);
      for (;;) yield child.call('pause');
    }, 'fork');
    seen.push(yield guest.call('wait4', pid, DATA, WUNTRACED, 0), guest.memory.readU32(DATA));
    yield guest.call('kill', pid, 18);
    seen.push(yield guest.call('wait4', pid, DATA, WCONTINUED, 0), guest.memory.readU32(DATA));
    yield guest.call('kill', pid, 19);
    yield guest.call('wait4', pid, DATA, WUNTRACED, 0);
    yield guest.call('kill', pid, 9);
    seen.push(yield guest.call('wait4', pid, DATA, 0, 0), guest.memory.readU32(DATA));
  });
  expect(seen).toEqual([2, 0x137f, 2, 0xffff, 2, 9]);
});

test('sessions and process groups', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    seen.push(yield guest.call('setsid'), yield guest.call('setpgid', 0, 0));
    const pid = yield guest.child(function* (child) {
      for (;;) yield child.call('pause');
    }, 'fork');
    seen.push(yield guest.call('setpgid', pid, 0), yield guest.call('getpgid', pid));
    seen.push(yield guest.call('getsid', pid));
    seen.push(yield guest.call('kill', -pid, 15), yield guest.call('wait4', -pid, DATA, 0, 0));
    seen.push(guest.memory.readU32(DATA));
  });
  expect(seen).toEqual([-EPERM, -EPERM, 0, 2, 1, 0, 2, 15]);
});
