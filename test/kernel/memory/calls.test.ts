import { expect, test } from 'vitest';
import { FileDescription } from '../../../src/kernel/files/description.ts';
import type { FileMemory } from '../../../src/kernel/memory/file-memory.ts';
import { maps } from '../../../src/kernel/memory/maps.ts';
import { usageOf } from '../../../src/kernel/memory/usage.ts';
import {
  EACCES,
  EBADF,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOMEM,
  EOPNOTSUPP,
  ESRCH,
} from '../../../src/linux/errno.ts';
import * as M from '../../../src/linux/mman.ts';
import { PAGE } from '../../../src/platform/memory-file.ts';
import { FilePages } from '../support/file-pages.ts';
import { runGuest, type Program } from '../support/guest.ts';
import type { FakeMemoryFile } from '../support/memory-file.ts';

const RW = M.PROT_READ | M.PROT_WRITE;
const PRIVATE = M.MAP_PRIVATE | M.MAP_ANONYMOUS;

/** `f` times a thousand, as a file that was opened with the flags. */
class TestFile extends FileDescription {
  readonly #memory: FileMemory | number;
  readonly #rdev: number;

  constructor(flags: number, memory: FileMemory | number, rdev = 0) {
    super(flags);
    this.#memory = memory;
    this.#rdev = rdev;
  }

  get name(): string {
    return '/tmp/f';
  }

  stat() {
    const time = { seconds: 0, nanoseconds: 0 };
    const numbers = { dev: 0x801, ino: 7, mode: 0, nlink: 1, uid: 0, gid: 0, size: 0, blksize: 0, blocks: 0 };
    return { ...numbers, rdev: this.#rdev, atime: time, mtime: time, ctime: time };
  }

  override memory(): FileMemory | number {
    return this.#memory;
  }
}

/** Runs a guest whose descriptors 0 to 4 are: read-only, write-only, read-write, a pipe, /dev/zero. */
async function run(program: Program): Promise<void> {
  await runGuest(program, {
    prepare: (kernel, task) => {
      const pages = new FilePages(kernel.memory as FakeMemoryFile, Buffer.alloc(1000, 'f'));
      for (const flags of [0, 1, 2]) task.files.install(new TestFile(flags, pages));
      task.files.install(new TestFile(2, -ENODEV));
      task.files.install(new TestFile(2, -ENODEV, 0x105));
    },
  });
}

test('mmap refuses what Linux refuses', async () => {
  const seen: [unknown, number][] = [];
  await run(function* (guest) {
    const map = (...args: number[]) => guest.call('mmap', ...args);
    seen.push([yield map(0, 0, RW, PRIVATE, -1, 0), -EINVAL]);
    seen.push([yield map(0, -1, RW, PRIVATE, -1, 0), -ENOMEM]);
    seen.push([yield map(0, PAGE, RW, M.MAP_ANONYMOUS, -1, 0), -EINVAL]);
    seen.push([yield map(0, PAGE, RW, PRIVATE, -1, 5), -EINVAL]);
    seen.push([yield map(5, PAGE, RW, PRIVATE | M.MAP_FIXED, -1, 0), -EINVAL]);
    seen.push([yield map(-PAGE, PAGE, RW, PRIVATE | M.MAP_FIXED, -1, 0), -ENOMEM]);
    seen.push([yield map(0, PAGE, RW, M.MAP_SHARED_VALIDATE | M.MAP_SYNC, 2, 0), -EOPNOTSUPP]);
    seen.push([yield map(0, PAGE, RW, M.MAP_PRIVATE, 99, 0), -EBADF]);
    seen.push([yield map(0, PAGE, M.PROT_READ, M.MAP_PRIVATE, 1, 0), -EACCES]);
    seen.push([yield map(0, PAGE, RW, M.MAP_SHARED, 0, 0), -EACCES]);
    seen.push([yield map(0, PAGE, RW, M.MAP_PRIVATE, 3, 0), -ENODEV]);
    const readOnly = yield map(0, PAGE, M.PROT_READ, M.MAP_SHARED, 0, 0);
    seen.push([yield guest.call('mprotect', readOnly, PAGE, RW), -EACCES]);
  });
  for (const [got, wanted] of seen) expect(got).toBe(wanted);
  expect(seen).toHaveLength(12);
});

test('what is mapped can be read, and /proc/PID/maps names it', async () => {
  const found: Record<string, unknown> = {};
  await run(function* (guest) {
    const shared = yield guest.call('mmap', 0, PAGE, RW, M.MAP_SHARED, 2, 0);
    const copy = yield guest.call('mmap', 0x20_0000, PAGE, RW, M.MAP_PRIVATE | M.MAP_FIXED, 0, 0);
    guest.memory.writeU8(shared, 0x41);
    found['private'] = guest.memory.readString(copy).slice(0, 3);
    found['again'] =
      (yield guest.call('madvise', copy, PAGE, 4)) || guest.memory.readString(copy).slice(0, 3);
    found['maps'] = maps(guest.task.mm).split('\n')[1];
    found['own'] = usageOf(guest.task.mm).own / PAGE;
    const zero = yield guest.call('mmap', 0, PAGE, RW, M.MAP_PRIVATE, 4, 0);
    found['zero'] = guest.memory.readU8(zero);
    const low = yield guest.call('mmap', 0, PAGE, RW, PRIVATE | M.MAP_32BIT, -1, 0);
    found['low'] = low > 0 && low < 2 ** 31;
  });
  expect(found).toEqual({
    private: 'fff',
    again: 'Aff',
    maps: `00200000-00201000 rw-p 00000000 08:01 7${' '.repeat(34)}/tmp/f`,
    own: 1,
    zero: 0,
    low: true,
  });
});

test('mremap grows in place, moves, shrinks', async () => {
  const seen: unknown[] = [];
  await run(function* (guest) {
    const at = 0x20_0000;
    const fixed = PRIVATE | M.MAP_FIXED;
    yield guest.call('mmap', at, 2 * PAGE, RW, fixed, -1, 0);
    yield guest.call('mmap', at + 4 * PAGE, PAGE, M.PROT_READ, fixed, -1, 0);
    guest.memory.writeU32(at + PAGE, 77);
    seen.push((yield guest.call('mremap', at, 2 * PAGE, 4 * PAGE, 0)) === at);
    seen.push(yield guest.call('mremap', at, 4 * PAGE, 5 * PAGE, 0));
    const moved = yield guest.call('mremap', at, 4 * PAGE, 5 * PAGE, M.MREMAP_MAYMOVE);
    seen.push(guest.memory.readU32(moved + PAGE), guest.memory.readU32(moved + 4 * PAGE));
    seen.push(yield guest.call('mremap', at, PAGE, PAGE, 0));
    seen.push((yield guest.call('mremap', moved, 5 * PAGE, 2 * PAGE, 0)) === moved);
    seen.push(yield guest.call('msync', moved, 3 * PAGE, M.MS_SYNC));
    seen.push(yield guest.call('mremap', moved, PAGE, PAGE, M.MREMAP_DONTUNMAP));
  });
  expect(seen).toEqual([true, -ENOMEM, 77, 0, -EFAULT, true, -ENOMEM, -EINVAL]);
});

test('mincore tells what was touched', async () => {
  let bytes: number[] = [];
  await run(function* (guest) {
    const at = yield guest.call('mmap', 0, 3 * PAGE, RW, PRIVATE, -1, 0);
    guest.memory.writeU8(at + PAGE, 1);
    yield guest.call('mincore', at, 3 * PAGE, 0x10_0000);
    bytes = [...guest.memory.readBytes(0x10_0000, 3)];
  });
  expect(bytes).toEqual([0, 1, 0]);
});

test('a child’s memory can be read and written, as far as it is there', async () => {
  const seen: unknown[] = [];
  await run(function* (guest) {
    const { memory } = guest;
    const iovec = (at: number, base: number, length: number) => {
      memory.writeI64(at, base);
      memory.writeI64(at + 8, length);
      return at;
    };
    memory.writeBytes(0x10_1000, Buffer.from('parent'));
    const child = yield guest.child(function* (inner) {
      inner.memory.writeBytes(0x10_1000, Buffer.from('child!'));
      yield inner.call('pause');
    }, 'fork');
    yield guest.call('sched_yield');
    const local = iovec(0x10_0000, 0x10_2000, 6);
    seen.push(yield guest.call('process_vm_readv', child, local, 1, iovec(0x10_0100, 0x10_1000, 6), 1, 0));
    seen.push(memory.readBytes(0x10_2000, 6).toString(), memory.readBytes(0x10_1000, 6).toString());
    const edge = iovec(0x10_0200, 0x10_fffd, 6);
    seen.push(yield guest.call('process_vm_writev', child, local, 1, edge, 1, 0));
    seen.push(yield guest.call('process_vm_readv', child, local, 1, iovec(0x10_0300, 0x11_0000, 6), 1, 0));
    seen.push(yield guest.call('process_vm_readv', 999, local, 1, edge, 1, 0));
    yield guest.call('kill', child, 9);
  });
  expect(seen).toEqual([6, 'child!', 'parent', 3, -EFAULT, -ESRCH]);
});
