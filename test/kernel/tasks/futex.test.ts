import { expect, test } from 'vitest';
import { CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM } from '../../../src/linux/clone.ts';
import { EAGAIN, EINTR, EINVAL, ENOSYS, ETIMEDOUT } from '../../../src/linux/errno.ts';
import * as F from '../../../src/linux/futex.ts';
import { DATA, type Program, runGuest } from '../support/guest.ts';

const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES;

test('a wait compares, and times out on either clock', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    guest.memory.writeU32(DATA, 5);
    seen.push(yield guest.call('futex', DATA, F.FUTEX_WAIT, 4, 0));
    seen.push(yield guest.call('futex', DATA + 2, F.FUTEX_WAIT, 4, 0));
    guest.memory.writeI64(DATA + 16, 0);
    guest.memory.writeI64(DATA + 24, 2_000_000);
    seen.push(yield guest.call('futex', DATA, F.FUTEX_WAIT | F.FUTEX_PRIVATE_FLAG, 5, DATA + 16));
    seen.push(
      yield guest.call('futex', DATA, F.FUTEX_WAIT_BITSET | F.FUTEX_CLOCK_REALTIME, 5, DATA + 16, 0, 1),
    );
    seen.push(yield guest.call('futex', DATA, F.FUTEX_LOCK_PI, 0, 0));
    guest.memory.writeI64(DATA + 24, 1e9);
    seen.push(yield guest.call('futex', DATA, F.FUTEX_WAIT, 5, DATA + 16));
  });
  expect(seen).toEqual([-EAGAIN, -EINVAL, -ETIMEDOUT, -ETIMEDOUT, -ENOSYS, -EINVAL]);
});

/** Three threads wait with different bits; `wake` does something to them. @returns which came back, with what */
async function withWaiters(wake: Program): Promise<Map<number, number>> {
  const back = new Map<number, number>();
  await runGuest(function* (guest) {
    for (const bits of [1, 2, 4]) {
      const waiter: Program = function* (thread) {
        const result = yield thread.call('futex', DATA, F.FUTEX_WAIT_BITSET, 0, 0, 0, bits);
        back.set(bits, result);
        yield thread.call('exit', 0);
      };
      yield guest.child(waiter, 'clone', THREAD, DATA + 0x1000 * (bits + 1));
    }
    for (let turn = 0; turn < 5; turn++) yield guest.call('sched_yield');
    yield* wake(guest);
    for (let turn = 0; turn < 10; turn++) yield guest.call('sched_yield');
    yield guest.call('exit_group', 0);
  });
  return back;
}

test('wakes choose by order and by bits', async () => {
  const results: number[] = [];
  const back = await withWaiters(function* (guest) {
    results.push(yield guest.call('futex', DATA, F.FUTEX_WAKE_BITSET, 9, 0, 0, 2));
    results.push(yield guest.call('futex', DATA, F.FUTEX_WAKE, 1));
  });
  expect(results).toEqual([1, 1]);
  expect([...back.keys()].sort()).toEqual([1, 2]);
});

test('requeue moves waiters to another word', async () => {
  const results: number[] = [];
  const back = await withWaiters(function* (guest) {
    results.push(yield guest.call('futex', DATA, F.FUTEX_CMP_REQUEUE, 1, 9, DATA + 64, 1));
    results.push(yield guest.call('futex', DATA, F.FUTEX_CMP_REQUEUE, 1, 9, DATA + 64, 0));
    results.push(yield guest.call('futex', DATA, F.FUTEX_WAKE, 9));
    results.push(yield guest.call('futex', DATA + 64, F.FUTEX_WAKE, 1));
  });
  expect(results).toEqual([-EAGAIN, 3, 0, 1]);
  expect(back.size).toBe(2);
});

test('FUTEX_WAKE_OP changes a word and wakes by its old value', async () => {
  const results: number[] = [];
  const add3IfOver4 = (1 << 28) | (4 << 24) | (3 << 12) | 4;
  const back = await withWaiters(function* (guest) {
    guest.memory.writeU32(DATA + 64, 5);
    results.push(yield guest.call('futex', DATA + 64, F.FUTEX_WAKE_OP, 1, 2, DATA, add3IfOver4));
    results.push(yield guest.call('futex', DATA, F.FUTEX_WAKE_OP, 1, 1, DATA + 64, add3IfOver4));
    results.push(guest.memory.readU32(DATA + 64), guest.memory.readU32(DATA));
  });
  expect(results).toEqual([0, 1, 8, 3]);
  expect(back.size).toBe(1);
});

test('a signal ends a wait, and leaves no waiter behind', async () => {
  const seen: number[] = [];
  await runGuest(function* (guest) {
    // oxlint-disable-next-line require-yield -- it makes no calls
    const handler: Program = function* () {};
    guest.memory.writeI64(DATA + 0x100, guest.handler(handler));
    guest.memory.writeI64(DATA + 0x108, 0x0400_0000);
    yield guest.call('rt_sigaction', 10, DATA + 0x100, 0, 8);
    yield guest.child(function* (child) {
      yield child.call('sched_yield');
      yield child.call('kill', 1, 10);
    }, 'fork');
    seen.push(yield guest.call('futex', DATA, F.FUTEX_WAIT, 0, 0));
    seen.push(yield guest.call('futex', DATA, F.FUTEX_WAKE, 1));
  });
  expect(seen).toEqual([-EINTR, 0]);
});

test('a robust futex of a thread that ends is given up, even where the list is a ring', async () => {
  const [head, lock] = [DATA + 0x200, DATA + 0x300];
  const seen: number[] = [];
  await runGuest(function* (guest) {
    guest.memory.writeI64(head, lock);
    guest.memory.writeI64(head + 8, 16);
    guest.memory.writeI64(lock, lock);
    const owner: Program = function* (thread) {
      yield thread.call('set_robust_list', head, 24);
      thread.memory.writeU32(lock + 16, (yield thread.call('gettid')) | F.FUTEX_WAITERS);
      yield thread.call('exit', 0);
    };
    yield guest.child(owner, 'clone', THREAD, DATA + 0x8000);
    while ((guest.memory.readU32(lock + 16) & F.FUTEX_OWNER_DIED) === 0) yield guest.call('sched_yield');
    seen.push(guest.memory.readU32(lock + 16) & F.FUTEX_TID_MASK);
  });
  expect(seen).toEqual([0]);
});
