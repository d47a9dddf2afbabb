import { expect, test } from 'vitest';
import { Failure } from '../../../src/kernel/failure.ts';
import { FAMILIES, makeTable } from '../../../src/kernel/syscalls/table.ts';
import { CallStatistics } from '../../../src/kernel/statistics.ts';
import { credentialsOf } from '../../../src/kernel/tasks/credentials.ts';
import { EFAULT, ENOSYS } from '../../../src/linux/errno.ts';
import { DATA, runGuest } from '../support/guest.ts';

test('answers calls and ends with the code of exit', async () => {
  const seen: number[] = [];
  const { status } = await runGuest(
    function* (guest) {
      seen.push(yield guest.call('getpid'), yield guest.call('getppid'), yield guest.call('getuid'));
      yield guest.call('uname', DATA);
      seen.push(guest.memory.readString(DATA) === 'Linux' ? 1 : 0);
      yield guest.call('exit', 7);
    },
    { credentials: credentialsOf(1000, 1000) },
  );
  expect(seen).toEqual([1, 0, 1000, 1]);
  expect(status).toBe(7 << 8);
});

test('a call that is not in the table is ENOSYS, and is told of once', async () => {
  const told: number[] = [];
  const results: number[] = [];
  await runGuest(
    function* () {
      for (const number of [500, 500, -3, 2 ** 31 - 1]) {
        results.push(yield { kind: 'syscall', number, args: [] });
      }
    },
    { unknownCall: (number) => told.push(number) },
  );
  expect(results).toEqual(Array(4).fill(-ENOSYS));
  expect(told).toEqual([500, -3, 2 ** 31 - 1]);
});

test('a Failure becomes -errno, thrown at once or from a promise', async () => {
  const results: number[] = [];
  const table = makeTable('x86-64', [
    ...FAMILIES,
    {
      getpid: () => {
        throw new Failure(EFAULT);
      },
      getppid: async () => {
        await Promise.resolve();
        throw new Failure(EFAULT);
      },
    },
  ]);
  await runGuest(
    function* (guest) {
      results.push(yield guest.call('getpid'), yield guest.call('getppid'));
      results.push(yield guest.call('uname', 8));
    },
    { table },
  );
  expect(results).toEqual([-EFAULT, -EFAULT, -EFAULT]);
});

test('a bug in a handler is reported by name, and ends the guest', async () => {
  const reports: string[] = [];
  const broken = () => {
    throw new TypeError('undefined is not a function');
  };
  for (const getpid of [broken, async () => broken()]) {
    const table = makeTable('x86-64', [...FAMILIES, { getpid }]);
    const { status } = await runGuest(
      function* (guest) {
        yield guest.call('getpid');
      },
      { table, report: (message) => reports.push(message) },
    );
    expect(status).toBe(9);
  }
  expect(reports).toHaveLength(2);
  for (const report of reports) expect(report).toMatch(/^getpid of task 1.*undefined is not a function/s);
});

test('tracer and statistics see every call', async () => {
  const lines: string[] = [];
  const statistics = new CallStatistics();
  await runGuest(
    function* (guest) {
      yield guest.call('getpid');
      yield guest.call('getpid');
      yield guest.call('exit_group', 0);
    },
    {
      statistics,
      tracer: {
        enter: (task, number) => lines.push(`${task.tid}>${number}`),
        exit: (_task, number, _args, result) => lines.push(`${number}=${result}`),
      },
    },
  );
  expect(lines).toEqual(['1>39', '39=1', '1>39', '39=1', '1>231', '231=0']);
  expect(statistics.counts[39]).toBe(2);
});
