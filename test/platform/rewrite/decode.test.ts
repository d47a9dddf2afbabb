import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decode } from '../../../src/platform/rewrite/decode.ts';
import { isBoundary, move } from '../../../src/platform/rewrite/instructions.ts';

/** Room behind the bytes: decode wants to see that an instruction ends within its text. */
const bytes = (hex: string): Buffer =>
  Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), Buffer.alloc(32)]);

/** As objdump of GNU binutils splits them. */
const ONE_EACH = [
  'c3',
  '31 c0',
  '48 89 e5',
  '48 83 f8 ff',
  '48 3d 00 f0 ff ff',
  '66 3d 00 f0',
  'b8 27 00 00 00',
  '66 b8 27 00',
  '49 b8 11 22 33 44 55 66 77 88',
  '48 c7 c0 0f 00 00 00',
  'c7 45 b8 27 00 00 00',
  '48 c7 84 24 88 00 00 00 00 00 00 00',
  'f6 c1 01',
  'f6 d9',
  'f7 45 b8 27 00 00 00',
  'f7 d8',
  '48 8d 35 dd 78 11 00',
  '8b 04 25 28 00 00 00',
  '64 48 8b 04 25 28 00 00 00',
  '44 8b 3c 85 00 00 00 00',
  '80 bb f8 08 00 00 00',
  '48 a1 11 22 33 44 55 66 77 88',
  'c8 10 00 00',
  'e9 00 00 00 00',
  '0f 84 00 00 00 00',
  '0f b6 04 0a',
  '0f ba e0 05',
  'f3 0f 1e fa',
  '66 66 2e 0f 1f 84 00 00 00 00 00',
  'f2 0f 10 05 00 00 00 00',
  '66 0f 3a 0f c1 08',
  '66 0f 38 00 c1',
  'c5 f8 77',
  'c5 fd 6f 06',
  'c4 e2 7d 78 c0',
  'c4 e3 7d 39 c1 01',
  '62 f1 fe 48 6f 06',
  '62 f3 75 20 1f c0 00',
];

test.each(ONE_EACH)('%s is one instruction', (hex) => {
  const text = bytes(hex);
  expect(decode(text, 0)?.length).toBe(text.length - 32);
});

test('what is no instruction has no length', () => {
  for (const hex of ['06', '60', '0e', '27', '82 00 00', 'd4 0a', 'ea', '48 06']) {
    expect(decode(bytes(hex), 0)).toBeUndefined();
  }
});

test('what counts from where it stands is said differently at another place, or stays', () => {
  const at = 0x7eff_1234_5678;
  // je +4 becomes: unless equal skip, jmp *; lea becomes mov.
  expect(move(bytes('74 04'), 0, at)).toEqual({
    length: 2,
    code: [0x75, 14, 0xff, 0x25, 0, 0, 0, 0, 0x7e, 0x56, 0x34, 0x12, 0xff, 0x7e, 0, 0],
    last: false,
  });
  expect(move(bytes('4c 8d 05 00 01 00 00'), 0, at)?.code).toEqual([
    0x49, 0xb8, 0x7f, 0x57, 0x34, 0x12, 0xff, 0x7e, 0, 0,
  ]);
  expect(move(bytes('eb fe'), 0, at)?.last).toBe(true);
  for (const hex of [
    'e8 00 00 00 00',
    '48 8b 05 00 00 00 00',
    '0f 05',
    'e3 10',
    'ff 25 00 00 00 00',
    'ff 24 25 00 00 06 00',
  ]) {
    expect(move(bytes(hex), 0, at)).toBeUndefined();
  }
});

/** A C library has a few hundred `mov $number,%eax; syscall`, and all of them are instructions. */
test('instructions of this machine’s C library begin where they are looked for', () => {
  const file = readFileSync(libc());
  const pattern = Buffer.from([0, 0, 0x0f, 0x05]);
  let [calls, begin, inside] = [0, 0, 0];
  for (let at = file.indexOf(pattern); at >= 0; at = file.indexOf(pattern, at + 1)) {
    if (file[at - 3] !== 0xb8 || file[at - 1]! > 1) continue;
    calls++;
    if (isBoundary(file, at - 3)) begin++;
    if ([at - 2, at - 1, at].some((place) => isBoundary(file, place))) inside++;
  }
  expect(calls).toBeGreaterThan(100);
  expect(begin / calls).toBeGreaterThan(0.95);
  expect(inside).toBe(0);
});

/** The one that Node runs on, as its own mappings name it. */
function libc(): string {
  const maps = readFileSync('/proc/self/maps', 'latin1');
  return /\S*\/(?:libc[.-]|ld-musl)\S*/.exec(maps)![0];
}
