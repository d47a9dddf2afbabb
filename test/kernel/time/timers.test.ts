import { beforeEach, describe, expect, it } from 'vitest';
import { timers } from '../../../src/kernel/syscalls/timers.ts';
import { EINVAL } from '../../../src/linux/errno.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import { FakeTask } from '../support/task.ts';

let guest: FakeTask;
beforeEach(() => {
  guest = new FakeTask();
});

const soon = (ms = 15) => new Promise((resolve) => void setTimeout(resolve, ms));

/** The machine may be busy: waits as long as it takes, and the test's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await soon(2);
}

/** struct itimerval or itimerspec with fractions only. */
function setting(interval: number, value: number): number {
  const at = guest.memory.reserve(32);
  guest.memory.writeI64(at + 8, interval);
  guest.memory.writeI64(at + 24, value);
  return at;
}

describe('setitimer', () => {
  it('sends SIGALRM once or again and again', async () => {
    guest.call(timers, 'setitimer', 0, setting(0, 2000), 0);
    await until(() => guest.signals.length > 0);
    expect(guest.signals).toEqual([{ signal: SIGNALS.SIGALRM }]);
    guest.call(timers, 'setitimer', 0, setting(2000, 2000), 0);
    await until(() => guest.signals.length > 3);
    const old = guest.memory.reserve(32);
    guest.call(timers, 'setitimer', 0, 0, old);
    expect(guest.memory.readI64(old + 8)).toBe(2000);
  });

  it('counts processor time for the other two', async () => {
    guest.call(timers, 'setitimer', 2, setting(0, 5000), 0);
    await soon();
    expect(guest.signals).toEqual([]);
    guest.cpu = 100;
    await until(() => guest.signals.length > 0);
    expect(guest.signals).toEqual([{ signal: SIGNALS.SIGPROF }]);
    expect(guest.call(timers, 'setitimer', 3, setting(0, 1), 0)).toBe(-EINVAL);
  });

  it('is what alarm sets, in whole seconds', () => {
    expect(guest.call(timers, 'alarm', 100)).toBe(0);
    expect(guest.call(timers, 'alarm', 0)).toBe(100);
    expect(guest.call(timers, 'alarm', 0)).toBe(0);
  });
});

describe('timer_create', () => {
  function create(signal: number, notify = 0): number {
    const event = guest.memory.reserve(64);
    guest.memory.writeU32(event, 0x1234);
    guest.memory.writeU32(event + 4, 0x5678);
    guest.memory.writeU32(event + 8, signal);
    guest.memory.writeU32(event + 12, notify);
    const id = guest.memory.reserve(4);
    expect(guest.call(timers, 'timer_create', 1, event, id)).toBe(0);
    return guest.memory.readI32(id);
  }

  it('sends its signal with its value, and counts what was missed while that was pending', async () => {
    const id = create(SIGNALS.SIGUSR1);
    let pending = false;
    guest.group.sendSignal = (signal, details) => {
      if (pending) return false;
      guest.signals.push({ signal, details: details! });
      return (pending = true);
    };
    guest.call(timers, 'timer_settime', id, 0, setting(1e6, 1e6), 0);
    await until(() => guest.signals.length > 0);
    await soon(20);
    const [sent] = guest.signals;
    expect(sent).toMatchObject({
      signal: SIGNALS.SIGUSR1,
      details: { value: { low: 0x1234, high: 0x5678 } },
    });
    const overrun = sent!.details!.timer!.takeOverrun();
    expect(overrun).toBeGreaterThanOrEqual(3);
    expect(guest.call(timers, 'timer_getoverrun', id)).toBe(overrun);
    expect(guest.call(timers, 'timer_delete', id)).toBe(0);
    expect(guest.call(timers, 'timer_gettime', id, guest.memory.reserve(32))).toBe(-EINVAL);
  });

  it('ends with the program that made it, alarms do not', async () => {
    const id = create(SIGNALS.SIGUSR1);
    guest.call(timers, 'timer_settime', id, 0, setting(0, 1e6), 0);
    guest.call(timers, 'setitimer', 0, setting(0, 1000), 0);
    for (const each of guest.group.atExec) each();
    await until(() => guest.signals.length > 0);
    await soon();
    expect(guest.signals).toEqual([{ signal: SIGNALS.SIGALRM }]);
  });
});
