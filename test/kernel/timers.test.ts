import { expect, test } from 'vitest';
import { type Timer, Timers } from '../../src/kernel/timers.ts';
import { random } from '../../src/lab/random.ts';

test('timers fire in order, whatever is cancelled in between', () => {
  const draw = random(7);
  const fired: number[] = [];
  const timers = new Timers(() => {});
  const waiting = new Set<Timer>();
  for (let round = 0; round < 500; round++) {
    const deadline = draw.int(0, 1000);
    const timer = timers.at(deadline, () => {
      waiting.delete(timer);
      fired.push(deadline);
    });
    waiting.add(timer);
    if (draw.chance(0.3)) {
      const cancelled = draw.pick([...waiting]);
      timers.cancel(cancelled);
      waiting.delete(cancelled);
    }
  }
  const expected = [...waiting].map(({ deadline }) => deadline).sort((a, b) => a - b);
  timers.run(400);
  expect(fired.every((deadline) => deadline <= 400)).toBe(true);
  timers.run(1000);
  expect(fired).toEqual(expected);
  expect(timers.next).toBe(Infinity);
});
