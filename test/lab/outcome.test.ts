import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { HostCannot, WrongAnswer, classify, show } from '../../src/lab/outcome.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('what the submission got wrong is wrong', () => {
  const explanation = { expected: '1', seen: '2', read: 'README.md#one' };
  expect(classify(new WrongAnswer(explanation))).toEqual({
    outcome: 'wrong',
    reason: 'expected 1, saw 2',
    explanation,
  });
});

test('a failed assertion is wrong, and says what was compared', () => {
  const ours = classify(thrownBy(() => expect({ a: 1 }).toEqual({ a: 2 })));
  expect(ours).toMatchObject({ outcome: 'wrong', explanation: { expected: '{"a":2}' } });
  expect(ours.explanation?.seen).toContain('{"a":1}');
  expect(classify(thrownBy(() => assert.equal(1, 2))).outcome).toBe('wrong');
  expect(classify(thrownBy(() => assert.ok(false, 'no way'))).explanation?.expected).toContain('');
});

test('what this host cannot tell names its probe', () => {
  expect(classify(new HostCannot('overlay', 'EPERM'))).toEqual({
    outcome: 'host-cannot',
    reason: 'EPERM',
    probe: 'overlay',
  });
});

test.each([new TypeError('x is not a function'), 'a text', undefined, { message: 'wrong' }])(
  'anything else is the grader’s own: %s',
  (error) => expect(classify(error).outcome).toBe('grader-broke'),
);

test('values are shown in one bounded line', () => {
  const circle: Record<string, unknown> = { big: 5n, bytes: new Uint8Array([1, 255]) };
  circle['self'] = circle;
  expect(show(circle)).toBe('{"big":"5n","bytes":"bytes 01ff","self":"[again]"}');
  expect(show('x'.repeat(10_000)).length).toBeLessThan(500);
  expect(show(undefined)).toBe('undefined');
});
