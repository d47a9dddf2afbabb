/** Random calls with half-valid arguments: whatever a guest asks for, the kernel neither fails nor hangs. */
import { expect, test } from 'vitest';
import { random, type Random } from '../../../src/lab/random.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import type { Task } from '../../../src/kernel/tasks/task.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import { makeTable } from '../../../src/kernel/syscalls/table.ts';
import { futexes } from '../../../src/kernel/syscalls/futex.ts';
import { identity } from '../../../src/kernel/syscalls/identity.ts';
import { limits } from '../../../src/kernel/syscalls/limits.ts';
import { scheduling } from '../../../src/kernel/syscalls/scheduling.ts';
import { signals } from '../../../src/kernel/syscalls/signals.ts';
import { system } from '../../../src/kernel/syscalls/system.ts';
import { tasks } from '../../../src/kernel/syscalls/tasks.ts';
import { children } from '../../../src/kernel/syscalls/wait.ts';
import { DATA, type Guest, type Program, runGuest, STACK_TOP } from '../support/guest.ts';

const FAMILIES = [children, futexes, identity, limits, scheduling, signals, system, tasks];
const NAMES = FAMILIES.flatMap((family) => Object.keys(family));
const CALLS = 4000;

function argument(draw: Random): number {
  const kinds = [
    () => draw.int(-2, 70),
    () => DATA + draw.int(0, 0x2000),
    () => DATA + 8 * draw.int(0, 0x100),
    () => STACK_TOP - draw.int(-16, 64),
    () => 2 ** draw.int(0, 62) * (draw.chance(0.3) ? -1 : 1),
    () => draw.int(0, 2 ** 31),
    () => 0,
  ];
  return draw.pick(kinds)();
}

function scribble(guest: Guest, draw: Random): void {
  for (let words = 0; words < 4; words++) {
    guest.memory.writeU32(DATA + 4 * draw.int(0, 0x800), draw.int(-3, 130));
  }
}

test('the kernel answers whatever a guest asks', async () => {
  const seed = 20_260;
  const draw = random(seed);
  const reports: string[] = [];
  const left = { calls: CALLS };
  const table = makeTable('x86-64', [
    ...FAMILIES,
    // Those that would end the test, or wait for nobody.
    { exit_group: () => 0, pause: () => 0, rt_sigsuspend: () => 0 },
  ]);
  /** Every process does some calls, and ends; children begin here too. */
  const program: Program = function* (guest) {
    for (let own = 0; own < 40 && left.calls > 0; own++) {
      left.calls--;
      scribble(guest, draw);
      const args = Array.from({ length: 6 }, () => argument(draw));
      const name = draw.pick(NAMES);
      if (name.startsWith('futex') || name === 'wait4' || name === 'rt_sigtimedwait') args[3] = DATA;
      if (name === 'waitid') args[3] = 5;
      if (name.startsWith('clone')) args[0] = draw.pick([0x11, 0x10f00, 0x3d0f00, 0x4111, args[0]!]);
      yield guest.child(program, name, ...args);
    }
    yield guest.call('exit', 0);
  };
  const first: Program = function* (guest) {
    while (left.calls > 0) {
      yield guest.child(program, 'fork');
      for (let turn = 0; turn < 60; turn++) yield guest.call('sched_yield');
    }
    yield guest.call('exit', 0);
  };
  let init: Task | undefined;
  // Somebody stops the first process now and then.
  const continues = setInterval(() => init?.group.sendSignal(SIGNALS.SIGCONT), 20);
  const report = (message: string) => void reports.push(message);
  const prepare = (_kernel: Kernel, task: Task) => void (init = task);
  while (left.calls > 0) await runGuest(first, { table, report, prepare });
  clearInterval(continues);
  expect(reports, `seed ${seed}`).toEqual([]);
}, 60_000);
