import { expect, test } from 'vitest';
import { PageBudget } from '../../../src/kernel/files/page-budget.ts';
import { FilePages, type Backing } from '../../../src/kernel/files/pages.ts';
import { IoVector } from '../../../src/kernel/memory/io-vector.ts';
import { PAGE, WINDOW } from '../../../src/platform/memory-file.ts';
import { OutOfMemory } from '../../../src/platform/out-of-memory.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';

const KIB = 1024;

/** A file of the host that is all one letter, and counts how often it is read. */
class Letters implements Backing {
  length: number;
  readonly identity = 'letters';
  readonly #letter: string;
  fills: number[] = [];

  constructor(letter: string, length: number) {
    this.#letter = letter;
    this.length = length;
  }

  fill(buffer: Buffer, start: number, length: number, position: number): void {
    this.fills.push(position);
    buffer.fill(this.#letter, start, start + length);
  }
}

function read(pages: FilePages, position: number, length: number): string {
  const buffer = Buffer.alloc(length);
  return buffer.toString('latin1', 0, pages.read(IoVector.kernel(buffer), position));
}

function write(pages: FilePages, position: number, text: string): void {
  pages.write(IoVector.kernel(Buffer.from(text)), position);
}

test('only the blocks that are needed are read, and each once', () => {
  const host = new Letters('a', 1024 * KIB);
  const pages = new FilePages(new FakeMemoryFile(), host);
  expect(read(pages, 300 * KIB, 3)).toBe('aaa');
  expect(read(pages, 300 * KIB, 3)).toBe('aaa');
  expect(host.fills).toEqual([256 * KIB]);
  expect(read(pages, 1024 * KIB - 1, 9)).toBe('a');
});

test('a write needs of the host only what lies beside it', () => {
  const host = new Letters('a', 1024 * KIB);
  const pages = new FilePages(new FakeMemoryFile(), host);
  write(pages, 100 * KIB, 'b'.repeat(400 * KIB));
  expect(host.fills).toEqual([0, 384 * KIB]);
  expect(read(pages, 100 * KIB - 2, 4)).toBe('aabb');
  expect(read(pages, 500 * KIB - 2, 4)).toBe('bbaa');
  expect(pages.identity).toBeUndefined();
});

test('what exceeds the budget is dropped and read again, but not what is mapped or changed', () => {
  const budget = new PageBudget(192 * KIB);
  const memory = new FakeMemoryFile();
  const hosts = [0, 1, 2, 3].map((index) => new Letters(String(index), 64 * KIB));
  const files = hosts.map((host) => new FilePages(memory, host, budget));
  files[0]!.acquire();
  files.forEach((file) => read(file, 0, 1));
  expect(files.map(({ held }) => held / KIB)).toEqual([64, 0, 64, 64]);
  write(files[2]!, 0, 'x');
  read(files[1]!, 0, 1);
  expect(budget.drop()).toBe(true);
  expect(files.map(({ held }) => held / KIB)).toEqual([64, 0, 64, 0]);
  expect(read(files[1]!, 0, 1) + read(files[2]!, 0, 2) + read(files[3]!, 0, 1)).toBe('1x23');
});

test('cached pages make room at the sandbox’s limit, but not those of a file that is being read', () => {
  const memory = new FakeMemoryFile(96 * KIB);
  const budget = new PageBudget(Infinity);
  memory.onShortage(() => budget.drop());
  const files = ['0', '1'].map((letter) => new FilePages(memory, new Letters(letter, 64 * KIB), budget));
  for (const round of [0, 1, 0]) expect(read(files[round]!, 64 * KIB - 1, 1)).toBe(String(round));
  expect(files.map(({ held }) => held / KIB)).toEqual([64, 0]);
  // The pages that it is read into may be missing, as a guest's are, and there is no room for both.
  const into = Buffer.alloc(8);
  const io = IoVector.kernel(into);
  const stretch = io.stretch.bind(io);
  io.stretch = (length) => {
    expect(() => memory.allocate(64 * KIB)).toThrow(OutOfMemory);
    return stretch(length);
  };
  files[0]!.read(io, 0);
  expect(into.toString()).toBe('00000000');
  expect(memory.allocate(64 * KIB)).toBeGreaterThanOrEqual(0);
});

test('a file that is larger than the memory there is can be read', () => {
  const memory = new FakeMemoryFile(3072 * KIB);
  const budget = new PageBudget(Infinity);
  memory.onShortage(() => budget.drop());
  const host = new Letters('a', 8192 * KIB);
  const pages = new FilePages(memory, host, budget);
  for (let at = 0; at < 8192 * KIB; at += 2 * KIB) expect(read(pages, at, 2 * KIB)).toBe('a'.repeat(2 * KIB));
  expect(host.fills).toHaveLength(64);
  expect(pages.held).toBeLessThanOrEqual(3072 * KIB);
});

test('what is read once in large pieces is not kept; what is read again is', () => {
  const host = new Letters('a', 300 * KIB);
  const pages = new FilePages(new FakeMemoryFile(), host);
  const whole = 'a'.repeat(300 * KIB);
  expect([read(pages, 0, 300 * KIB), pages.held]).toEqual([whole, 0]);
  expect([read(pages, 0, 300 * KIB), pages.held]).toEqual([whole, 300 * KIB]);
  const { length } = host.fills;
  expect([read(pages, 0, 300 * KIB), host.fills.length]).toEqual([whole, length]);
});

test('mapped pages stay where they are while the file grows', () => {
  const memory = new FakeMemoryFile();
  const pages = new FilePages(memory);
  write(pages, 0, 'first');
  const { offset } = pages.extent(0, PAGE);
  pages.acquire();
  write(pages, 5, 'x'.repeat(64 * KIB));
  expect(pages.extent(0, PAGE).offset).toBe(offset);
  memory.windows[Math.floor(offset / WINDOW)]!.write('FIRST', offset % WINDOW);
  expect(read(pages, 0, 7)).toBe('FIRSTxx');
  pages.release();
});

test('memory comes back when a file is cut short or gone', () => {
  const memory = new FakeMemoryFile();
  const pages = new FilePages(memory);
  write(pages, 0, 'x'.repeat(100 * KIB));
  pages.truncate(10);
  expect(memory.used).toBe(PAGE);
  pages.truncate(PAGE);
  expect(read(pages, 8, 4)).toBe('xx\0\0');
  pages.acquire();
  pages.free();
  expect(memory.used).toBe(PAGE);
  pages.release();
  expect(memory.used).toBe(0);
});

test('holes take no memory', () => {
  const memory = new FakeMemoryFile();
  const pages = new FilePages(memory);
  pages.truncate(2 ** 40);
  write(pages, 2 ** 39, 'far');
  expect(read(pages, 2 ** 39 - 1, 5)).toBe('\0far\0');
  expect(memory.used).toBeLessThan(256 * KIB);
});
