import { describe, expect, it } from 'vitest';
import { clocks } from '../../../src/kernel/syscalls/clocks.ts';
import { fromMilliseconds } from '../../../src/kernel/time/clock.ts';
import { EINVAL, ERESTART_RESTARTBLOCK } from '../../../src/linux/errno.ts';
import { FakeTask } from '../support/task.ts';

const guest = new FakeTask();
const address = guest.memory.reserve(16);
const told = () => guest.memory.readI64(address) * 1000 + guest.memory.readI64(address + 8) / 1e6;
const put = (seconds: number, nanoseconds: number) => {
  guest.memory.writeI64(address, seconds);
  guest.memory.writeI64(address + 8, nanoseconds);
  return address;
};

describe('clocks', () => {
  it("agree with the host's", () => {
    guest.call(clocks, 'clock_gettime', 0, address);
    expect(Math.abs(told() - Date.now())).toBeLessThan(50);
    guest.call(clocks, 'clock_gettime', 1, address);
    expect(Math.abs(told() - Number(process.hrtime.bigint()) / 1e6)).toBeLessThan(50);
    guest.cpu = 1234.5;
    guest.call(clocks, 'clock_gettime', 2, address);
    expect(told()).toBe(1234.5);
    expect(guest.call(clocks, 'clock_gettime', 99, address)).toBe(-EINVAL);
  });

  it('never step back', () => {
    let last = 0;
    for (let round = 0; round < 2000; round++) {
      guest.call(clocks, 'clock_gettime', 1, address);
      const now = guest.memory.readI64(address) * 1e9 + guest.memory.readI64(address + 8);
      if (now < last) expect.fail(`${last} ns was followed by ${now}`);
      last = now;
    }
  });

  it('are told as seconds and nanoseconds exactly', () => {
    expect(fromMilliseconds(100.001)).toEqual({ seconds: 0, nanoseconds: 100_001_000 });
    expect(fromMilliseconds(999.9999999)).toEqual({ seconds: 1, nanoseconds: 0 });
    expect(fromMilliseconds(-0.5)).toEqual({ seconds: -1, nanoseconds: 999_500_000 });
  });
});

describe('nanosleep', () => {
  it('sleeps as long as it is told, and refuses nonsense', async () => {
    const before = performance.now();
    expect(await guest.call(clocks, 'nanosleep', put(0, 5e6), 0)).toBe(0);
    expect(performance.now() - before).toBeGreaterThanOrEqual(5);
    expect(guest.call(clocks, 'nanosleep', put(0, 1e9), 0)).toBe(-EINVAL);
    expect(guest.call(clocks, 'nanosleep', put(-1, 0), 0)).toBe(-EINVAL);
  });

  it('says what is left when a signal comes, and goes on until the same end', async () => {
    const rest = guest.memory.reserve(16);
    const sleeping = guest.call(clocks, 'nanosleep', put(0, 30e6), rest);
    guest.interrupt();
    expect(await sleeping).toBe(-ERESTART_RESTARTBLOCK);
    const left = guest.memory.readI64(rest + 8);
    expect(left).toBeGreaterThan(20e6);
    expect(left).toBeLessThanOrEqual(30e6);
    expect(await guest.restartBlock!(guest.task)).toBe(0);
  });

  it('does not wait for a time that has passed', () => {
    expect(guest.call(clocks, 'clock_nanosleep', 0, 1, put(1, 0), 0)).toBe(0);
  });
});
