/** Patches all that can be patched of this machine's C library, and looks at what has become of its bytes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addon } from '../../../src/linux/addon.ts';
import { decode } from '../../../src/platform/rewrite/decode.ts';
import { PATCH } from '../../../src/platform/rewrite/patch.ts';
import { Sites } from '../../../src/platform/rewrite/sites.ts';
import { Text } from '../../../src/platform/rewrite/text.ts';
import { Trampolines } from '../../../src/platform/rewrite/trampolines.ts';
import { SharedMemory } from '../../../src/platform/shared-memory.ts';

const AT = 0x7eff_1234_5000;
const { SITES, TRAMPOLINES } = addon().stub;
const shared = new SharedMemory(addon().sandboxMemory());
const original = readFileSync(libc());

/** The one that Node runs on, as its own mappings name it. */
function libc(): string {
  return /\S*\/(?:libc[.-]|ld-musl)\S*/.exec(readFileSync('/proc/self/maps', 'latin1'))![0];
}

function setUp(address = AT) {
  const trampolines = new Trampolines(shared);
  const sites = new Sites(trampolines);
  const text = new Text('libc', Buffer.from(original), address);
  sites.added(text);
  return { trampolines, sites, text };
}

/** The trampoline behind the slot that a patch jumps through. */
function target(text: Text, start: number): number {
  const slot = text.bytes.readUInt32LE(start - text.address + 3);
  return shared.words[(shared.sites + slot - SITES) / 4]!;
}

test('patches are jumps through slots of their own, and nothing else changes', () => {
  const { text } = setUp();
  expect(text.starts.size).toBeGreaterThan(100);
  const restored = Buffer.from(text.bytes);
  for (const start of text.starts) {
    const at = start - AT;
    expect([0xff, 0x24]).toEqual([...text.bytes.subarray(at, at + 2)]);
    original.copy(restored, at, at, at + PATCH);
  }
  expect(restored.equals(original)).toBe(true);
  const targets = [...text.starts].map((start) => target(text, start));
  expect(new Set(targets).size).toBe(text.starts.size);
  const ordered = text.trampolines.toSorted((a, b) => a.address - b.address);
  ordered.slice(1).forEach(({ address }, index) => {
    const before = ordered[index]!;
    expect(address).toBeGreaterThanOrEqual(before.address + before.length);
  });
});

test('in the middle of a patch no instruction begins where one began', () => {
  const { text } = setUp();
  expect(text.moved.size).toBeGreaterThan(100);
  for (const place of text.moved.keys()) {
    expect(decode(original, place - AT)).toBeDefined();
    expect(decode(text.bytes, place - AT)).toBeUndefined();
  }
});

test('a trampoline has the instructions that were there, and knows where they come from', () => {
  const { sites, text } = setUp();
  let before = 0;
  for (const start of text.starts) {
    // Up to the call the instructions are the same, byte for byte, unless one was relative to its place.
    const at = start - AT;
    const first = target(text, start);
    const found = decode(original, at)!;
    if (original.readUInt16LE(at) === 0x050f) continue;
    before++;
    const moved = shared.trampolines + first - TRAMPOLINES;
    expect(shared.bytes.subarray(moved, moved + found.length)).toEqual(
      original.subarray(at, at + found.length),
    );
    expect(sites.originOf(first)).toBe(start);
    expect(sites.originOf(first + found.length)).toBe(start + found.length);
  }
  expect(before).toBeGreaterThan(100);
});

test('a site that trapped in one copy of a file is patched in the next', () => {
  const { sites, text } = setUp();
  const call = [...calls()].find((end) => {
    sites.patch(text, AT + end);
    return text.moved.has(AT + end);
  })!;
  const next = new Text('libc', Buffer.from(original), AT + 0x10_0000);
  sites.added(next);
  expect(next.moved.has(next.address + call)).toBe(true);
  expect(text.resumeAt(next.address + call)).toBe(next.address + call);
});

/** Where calls end that do not load their number right before. */
function* calls(): Generator<number> {
  const syscall = Buffer.from([0x0f, 0x05, 0x48, 0x3d]);
  for (let at = original.indexOf(syscall); at >= 0; at = original.indexOf(syscall, at + 1)) {
    if (original[at - 5] !== 0xb8) yield at + 2;
  }
}

test('what a text has taken is used again, and the room is enough for many', () => {
  const { sites, text, trampolines } = setUp();
  sites.removed(text);
  for (let copy = 0; copy < 100; copy++) {
    const next = new Text('libc', Buffer.from(original), AT + copy * 2 ** 30);
    sites.added(next);
    expect(next.starts.size).toBe(text.starts.size);
    sites.removed(next);
  }
  expect(trampolines.scarce).toBe(false);
  expect(sites.originOf(text.trampolines[0]!.address)).toBeUndefined();
});

/** Bytes without meaning, full of things that look like calls. */
test.each([1, 2, 3])('whatever the bytes are, patches stay within them (seed %i)', (seed) => {
  let state = seed;
  const next = (below: number): number => (state = (state * 48271) % 0x7fff_ffff) % below;
  const bytes = Buffer.from(Array.from({ length: 1 << 16 }, () => next(256)));
  for (let made = 0; made < 2000; made++) {
    const at = next(bytes.length - 16);
    bytes.set(next(2) === 0 ? [0x0f, 0x05] : [0xb8, next(256), 0, 0, 0, 0x0f, 0x05], at);
  }
  const before = Buffer.from(bytes);
  const sites = new Sites(new Trampolines(shared));
  const text = new Text(`random ${seed}`, bytes, AT);
  sites.added(text);
  for (let tries = 0; tries < 2000; tries++) sites.patch(text, AT + next(bytes.length + 16));
  for (const start of text.starts) before.copy(bytes, start - AT, start - AT, start - AT + PATCH);
  expect(bytes.equals(before)).toBe(true);
  // No two patches share a byte.
  const starts = [...text.starts].sort((a, b) => a - b);
  expect(starts.every((start, index) => index === 0 || start - starts[index - 1]! >= PATCH)).toBe(true);
});
