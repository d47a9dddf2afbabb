import { expect, test } from 'vitest';
import { EINVAL, EPERM } from '../../../src/linux/errno.ts';
import { credentialsOf } from '../../../src/kernel/tasks/credentials.ts';
import { DATA, runGuest } from '../support/guest.ts';

const ids = (guest: Parameters<Parameters<typeof runGuest>[0]>[0]) => {
  const { uid, euid, suid, effective } = guest.task.credentials;
  return [uid, euid, suid, effective.low === 0 ? 0 : 1];
};

test('root gives up its rights for good with setuid, and for a while with seteuid', async () => {
  const seen: number[][] = [];
  await runGuest(function* (guest) {
    yield guest.call('setresuid', -1, 1000, -1);
    seen.push(ids(guest));
    yield guest.call('setresuid', -1, 0, -1);
    seen.push(ids(guest));
    yield guest.call('setuid', 1000);
    seen.push(ids(guest), [yield guest.call('setuid', 0)]);
  });
  expect(seen).toEqual([[0, 1000, 0, 0], [0, 0, 0, 1], [1000, 1000, 1000, 0], [-EPERM]]);
});

test('an ordinary user may only move among its ids', async () => {
  const results: number[] = [];
  await runGuest(
    function* (guest) {
      results.push(yield guest.call('setreuid', 1000, 1000), yield guest.call('setresgid', -1, 5, -1));
      results.push(yield guest.call('setgroups', 0, 0), yield guest.call('sethostname', DATA, 4));
      results.push(yield guest.call('setuid', -1), yield guest.call('setfsuid', 0));
    },
    { credentials: credentialsOf(1000, 1000) },
  );
  expect(results).toEqual([0, -EPERM, -EPERM, -EPERM, -EINVAL, 1000]);
});

test('limits, names and the rest are kept', async () => {
  const seen: (number | string)[] = [];
  await runGuest(
    function* (guest) {
      yield guest.call('prlimit64', 0, 7, 0, DATA);
      seen.push(guest.memory.readI64(DATA));
      guest.memory.writeI64(DATA, 64);
      yield guest.call('prlimit64', 0, 7, DATA, 0);
      guest.memory.writeI64(DATA + 8, 2 ** 40);
      seen.push(guest.task.files.limit, yield guest.call('setrlimit', 7, DATA));
      guest.memory.writeBytes(DATA, Buffer.from('a-name-that-is-too-long\0'));
      yield guest.call('prctl', 15, DATA);
      seen.push(guest.task.name, yield guest.call('prctl', 38, 1, 0, 0, 0), yield guest.call('prctl', 39));
      yield guest.call('arch_prctl', 0x1002, 0x7000);
      yield guest.call('arch_prctl', 0x1003, DATA);
      seen.push(guest.memory.readI64(DATA), yield guest.call('arch_prctl', 0x1001, 0x7000));
      seen.push(yield guest.call('getrandom', DATA, 16, 0), yield guest.call('getrandom', DATA, 16, 8));
    },
    { credentials: credentialsOf(1000, 1000) },
  );
  expect(seen).toEqual([1024, 64, -EPERM, 'a-name-that-is-', 0, 1, 0x7000, -EINVAL, 16, -EINVAL]);
});
