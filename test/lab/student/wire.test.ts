import { describe, expect, test } from 'vitest';
import { random } from '../../../src/lab/random.ts';
import { MAX_FRAME, frame, fromWire, reader, toWire } from '../../../src/lab/student/wire.ts';

const across = (value: unknown) => fromWire(JSON.parse(JSON.stringify(toWire(value))));

test.each([
  ['null', null],
  ['undefined', undefined],
  ['undefined inside', [undefined, { a: undefined }]],
  ['a bigint', { big: -123456789012345678901234567890n }],
  ['numbers that JSON lacks', [NaN, Infinity, -Infinity, 0.1]],
  ['bytes', new Uint8Array([0, 1, 255])],
  ['what looks like a tag', { $bytes: 'not really' }],
  ['more dollars', { $: 1, $b: { $c: [] } }],
  ['names of prototypes', { '': { constructor: 1, toString: 2, hasOwnProperty: 3 } }],
  ['odd texts', ['a\u0000b', '\ud800', '🦀']],
])('%s: arrives as it was', (_name, value) => {
  expect(across(value)).toEqual(value);
});

test('minus zero keeps its sign, and a part of a buffer its place', () => {
  expect(Object.is(across(-0), -0)).toBe(true);
  expect(across(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toEqual(new Uint8Array([2, 3]));
  expect(across(new Uint32Array([1]))).toEqual(new Uint8Array([1, 0, 0, 0]));
});

describe('frames', () => {
  test('survive any cut of the stream', () => {
    const messages = [{ a: 1 }, 'two', [3], { text: 'ü'.repeat(5000) }];
    const bytes = Buffer.concat(messages.map(frame));
    for (const size of [1, 2, 3, 5, 7, 4096, bytes.length]) {
      const read = reader();
      const got: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) got.push(...read(bytes.subarray(at, at + size)));
      expect(got).toEqual(messages);
    }
  });

  test('are bounded before they are held', () => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(MAX_FRAME + 1);
    expect(() => reader()(head)).toThrow('too large');
    expect(() => frame('x'.repeat(MAX_FRAME))).toThrow('larger than 8 MiB');
  });
});

describe('hostile values', () => {
  test.each([
    [{ $nothing: 1 }, 'unknown tag'],
    [{ $bigint: '1e9' }, 'unknown tag'],
    [{ $bigint: '9'.repeat(200_000) }, 'unknown tag'],
    [{ $bytes: 5 }, 'unknown tag'],
    [{ $function: 0 }, 'unknown tag'],
    [{ $object: null }, 'no value'],
    [JSON.parse('{"__proto__": 1}'), '__proto__'],
    [JSON.parse('{"$object": {"__proto__": 1}}'), '__proto__'],
    [JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`), 'deeper'],
  ])('%j is refused', (value, expected) => {
    expect(() => fromWire(value)).toThrow(expected);
  });

  test('random bytes never do more than throw a WireError', () => {
    const { bytes, int } = random(3);
    for (let round = 0; round < 2000; round++) {
      const body = Buffer.from(bytes(int(0, 40)));
      const head = Buffer.alloc(4);
      head.writeUInt32LE(int(0, 60));
      try {
        for (const message of reader()(Buffer.concat([head, body]))) fromWire(message);
      } catch (error) {
        expect((error as Error).name).toBe('WireError');
      }
    }
  });
});
