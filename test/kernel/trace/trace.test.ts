import { expect, test } from 'vitest';
import { makeTable } from '../../../src/kernel/syscalls/table.ts';
import { errorText } from '../../../src/kernel/trace/errors.ts';
import { bitNames, hex } from '../../../src/kernel/trace/names.ts';
import { quote } from '../../../src/kernel/trace/quote.ts';
import { Strace } from '../../../src/kernel/trace/strace.ts';
import { setText } from '../../../src/kernel/trace/structs/signals.ts';
import { statusText } from '../../../src/kernel/trace/structs/processes.ts';
import { traceRow } from '../../../src/kernel/trace/table.ts';
import { SYSCALLS } from '../../../src/linux/syscalls.ts';
import { runGuest } from '../support/guest.ts';

test.each([
  ['a\n\0', '"a\\n\\0"'],
  ['\x001', '"\\0001"'],
  ['\x7f\xff"\\', '"\\177\\377\\"\\\\"'],
])('%j is quoted as C writes it', (bytes, expected) => {
  expect(quote(bytes)).toBe(expected);
});

test('numbers become the names that programs write', () => {
  const names = [
    [1, 'A'],
    [6, 'BC'],
    [2, 'B'],
  ] as const;
  expect([0, 1, 2, 7, 0x18].map((value) => bitNames(names, value))).toEqual(['0', 'A', 'B', 'A|BC', '0x18']);
  expect([hex(0), hex(255), hex(-1)]).toEqual(['0', '0xff', '0xffffffffffffffff']);
});

test('errors, sets of signals and ends of children in words', () => {
  expect(errorText(2)).toBe('-1 ENOENT (No such file or directory)');
  expect(errorText(512)).toBe('? ERESTARTSYS (To be restarted if SA_RESTART is set)');
  expect(setText((1 << 16) | (1 << 1), 0)).toBe('[INT CHLD]');
  expect(setText(~(1 << 8), -1)).toBe('~[KILL]');
  expect([0x300, 15, 0x8b, 0x137f].map(statusText)).toEqual([
    'WIFEXITED(s) && WEXITSTATUS(s) == 3',
    'WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM',
    'WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)',
    'WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP',
  ]);
});

test('every call that the kernel answers has a row', () => {
  const unknown = traceRow('no such call');
  const { rows } = makeTable('x86-64');
  const missing = rows.filter(({ name, support }) => support !== 'refused' && traceRow(name) === unknown);
  expect(missing.map(({ name }) => name)).toEqual([]);
});

/** Addresses that cannot be read, and numbers that nobody has, in every place. */
test('whatever a guest passes, the call goes on', async () => {
  const lines: string[] = [];
  const hostile = [0, -1, 1, 0x7fff_ffff_f000, -4096, 2 ** 53];
  const names = Object.keys(SYSCALLS['x86-64']).filter((name) => traceRow(name) !== traceRow('no such call'));
  const { status } = await runGuest(
    function* (guest) {
      yield guest.call('getpid');
      yield guest.call('exit_group', 7);
    },
    {
      tracer: {
        enter: (task) => {
          const strace = new Strace((text) => void lines.push(text));
          for (const name of names) {
            for (const value of hostile) {
              const args = new Float64Array(6).fill(value);
              strace.enter(task, SYSCALLS['x86-64'][name]!, args);
              strace.exit(task, SYSCALLS['x86-64'][name]!, args, value === 1 ? -14 : 1);
            }
          }
        },
        exit: () => {},
      },
    },
  );
  expect(status).toBe(7 << 8);
  expect(lines.length).toBe(2 * names.length * hostile.length);
  expect(lines.find((line) => line.startsWith('openat('))).toBe(
    'openat(0, NULL, O_RDONLY)               = 1\n',
  );
});
