import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ImageSource } from '../../../src/kernel/loader/image-source.ts';
import { loadImage, type LoadedImage, type LoadRequest } from '../../../src/kernel/loader/load.ts';
import { credentialsOf } from '../../../src/kernel/tasks/credentials.ts';
import type { MappedFile } from '../../../src/kernel/memory/vma.ts';
import { AT } from '../../../src/linux/auxv.ts';
import { ET_EXEC, PF_R, PF_W, PF_X } from '../../../src/linux/elf.ts';
import { E2BIG, ELIBBAD, ELOOP, ENOENT, ENOEXEC, ENOMEM } from '../../../src/linux/errno.ts';
import { FakeAddressSpace } from '../support/address-space.ts';
import { elfFile, type TestElf } from '../support/elf-file.ts';
import { FilePages, mapped } from '../support/file-pages.ts';
import { FakeMemoryFile } from '../support/memory-file.ts';

const IDS = { ...credentialsOf(1, 3), euid: 2 };

class Files implements ImageSource {
  held = 0;
  readonly #files = new Map<string, MappedFile>();

  constructor(memory: FakeMemoryFile, files: Record<string, Buffer | string>) {
    for (const [path, content] of Object.entries(files)) {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
      this.#files.set(path, mapped(new FilePages(memory, bytes, 1 << 20, path), path));
    }
  }

  open(path: string): MappedFile | number {
    const file = this.#files.get(path);
    if (file) this.held++;
    return file ?? -ENOENT;
  }

  close(): void {
    this.held--;
  }
}

function load(files: Record<string, Buffer | string>, more: Partial<LoadRequest> = {}) {
  const memory = (more.memory as FakeMemoryFile | undefined) ?? new FakeMemoryFile();
  const source = new Files(memory, files);
  const space = new FakeAddressSpace();
  const image = loadImage({
    memory,
    newSpace: () => space,
    architecture: 'x86-64',
    source,
    path: '/bin/x',
    argv: ['x', '-l'],
    environment: ['A=1'],
    credentials: IDS,
    hardware: { capabilities: 0x1234, capabilities2: 2, minimumSignalStack: 3632 },
    random: Buffer.alloc(16, 'r'),
    ...more,
  });
  return { image, memory, source, space };
}

const good = (result: { image: LoadedImage | number }): LoadedImage => {
  if (typeof result.image === 'number') throw new Error(`errno ${-result.image}`);
  return result.image;
};

const staticProgram: TestElf = {
  type: ET_EXEC,
  entry: 0x401010,
  segments: [
    { address: 0x400000, flags: PF_R, content: Buffer.alloc(1024, '\x7fELF headers') },
    { address: 0x401000, flags: PF_R | PF_X, content: Buffer.alloc(100, 0x90) },
    { address: 0x403f00, flags: PF_R | PF_W, content: Buffer.alloc(0x80, 7), memorySize: 0x3000 },
  ],
};

/** argc, argv, environment and auxiliary vector, read as a program reads them. */
function readStack({ mm, stackPointer }: LoadedImage) {
  const { user } = mm;
  let at = stackPointer;
  const next = () => user.readI64((at += 8) - 8);
  const texts = () => {
    const found = [];
    for (let pointer = next(); pointer !== 0; pointer = next()) found.push(user.readString(pointer, 2 ** 17));
    return found;
  };
  const argc = next();
  const argv = texts();
  const environment = texts();
  const auxv = new Map<number, number>();
  for (let type = next(); type !== 0; type = next()) auxv.set(type, next());
  return { argc, argv, environment, auxv };
}

test('a static program: text, data, zeros, heap and stack', () => {
  const image = good(load({ '/bin/x': elfFile(staticProgram) }));
  const { mm } = image;
  expect(image.entry).toBe(0x401010);
  expect(mm.user.readU8(0x401063)).toBe(0x90);
  expect(mm.user.readU8(0x403f7f)).toBe(7);
  expect(mm.user.readBytes(0x403f80, 0x2f80).every((byte) => byte === 0)).toBe(true);
  expect([mm.heapStart, mm.heapEnd]).toEqual([0x407000, 0x407000]);
  expect(() => mm.user.writeU8(0x401000, 1)).toThrow();
  expect(image.stackPointer % 16).toBe(0);
  const { argc, argv, environment, auxv } = readStack(image);
  expect([argc, argv, environment]).toEqual([2, ['x', '-l'], ['A=1']]);
  expect(auxv.get(AT.AT_PHDR)).toBe(0x400040);
  expect([auxv.get(AT.AT_PHNUM), auxv.get(AT.AT_ENTRY), auxv.get(AT.AT_BASE)]).toEqual([3, 0x401010, 0]);
  expect([auxv.get(AT.AT_UID), auxv.get(AT.AT_EUID), auxv.get(AT.AT_SECURE)]).toEqual([1, 2, 1]);
  expect(mm.user.readString(auxv.get(AT.AT_EXECFN)!)).toBe('/bin/x');
  expect(mm.user.readString(auxv.get(AT.AT_PLATFORM)!)).toBe('x86_64');
  expect(mm.user.readBytes(auxv.get(AT.AT_RANDOM)!, 16).toString()).toBe('r'.repeat(16));
  const { argumentsStart: start, argumentsEnd: end, environmentEnd } = image;
  expect(mm.user.readBytes(start, environmentEnd - start).toString()).toBe('x\0-l\0A=1\0');
  expect(end - start).toBe(5);
});

test('a program that can lie anywhere, with its interpreter and a vDSO', () => {
  const segments = [
    { address: 0, flags: PF_R | PF_X, content: Buffer.from('\x7fELF'), alignment: 2 ** 21 },
    { address: 0x3000, flags: PF_R | PF_W, content: Buffer.alloc(8), memorySize: 0x1000 },
  ];
  const files = {
    '/bin/x': elfFile({ entry: 0x10, interpreter: '/lib/ld.so', segments }),
    '/lib/ld.so': elfFile({ entry: 0x20, segments }),
  };
  const memory = new FakeMemoryFile();
  const vdso = { image: mapped(new FilePages(memory, Buffer.from('vdso')), '[vdso]') };
  const result = load(files, { memory, vdso });
  const image = good(result);
  const { auxv } = readStack(image);
  const base = auxv.get(AT.AT_BASE)!;
  expect(auxv.get(AT.AT_ENTRY)).toBe(0x5555_5540_0010);
  expect(base % 2 ** 21).toBe(0);
  expect(image.entry).toBe(base + 0x20);
  expect(image.mm.user.readString(auxv.get(AT.AT_SYSINFO_EHDR)!)).toBe('vdso');
  // The program itself stays open, for /proc/PID/exe.
  expect(result.source.held).toBe(1);
});

test('scripts name their interpreter, which may be a script', () => {
  const files = {
    '/bin/x': '#! /bin/y -e  two words \nrest',
    '/bin/y': '#!/bin/z\n',
    '/bin/z': elfFile(staticProgram),
  };
  const image = good(load(files));
  expect(readStack(image).argv).toEqual(['/bin/z', '/bin/y', '-e  two words', '/bin/x', '-l']);
  expect(image.path).toBe('/bin/z');
  expect(load({ '/bin/x': '#!/bin/x\n' })).toMatchObject({ image: -ELOOP, source: { held: 0 } });
  expect(load({ '/bin/x': '#!/nowhere' }).image).toBe(-ENOENT);
  expect(load({ '/bin/x': '#!  \n' }).image).toBe(-ENOEXEC);
  expect(load({ '/bin/x': `#!/${'x'.repeat(300)}` }).image).toBe(-ENOEXEC);
});

test('what is no program for this machine is refused, and nothing stays open', () => {
  const whole = elfFile(staticProgram);
  const broken = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(whole);
    change(bytes);
    return bytes;
  };
  const [first] = staticProgram.segments;
  const cases = [
    Buffer.alloc(0),
    Buffer.from('echo hello\n'),
    whole.subarray(0, 100),
    broken((bytes) => bytes.writeUInt8(1, 4)),
    broken((bytes) => bytes.writeUInt16LE(183, 18)),
    broken((bytes) => bytes.writeUInt16LE(0xffff, 56)),
    broken((bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 32)),
    broken((bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 24)),
    broken((bytes) => bytes.writeBigUInt64LE(2n ** 64n - 4096n, 64 + 16)),
    broken((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 64 + 40)),
    broken((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 64 + 8)),
    elfFile({ ...staticProgram, segments: [] }),
    elfFile({ ...staticProgram, segments: [staticProgram.segments[1]!, first!] }),
    elfFile({ ...staticProgram, interpreter: 'x'.repeat(5000) }).subarray(0, 1024),
  ];
  for (const bytes of cases) {
    const { image, source, memory } = load({ '/bin/x': bytes });
    expect([image, source.held]).toEqual([-ENOEXEC, 0]);
    expect(memory.used).toBeLessThan(2 ** 22);
  }
  const elsewhere = elfFile({ ...staticProgram, segments: [{ ...first!, address: 0 }] });
  expect(load({ '/bin/x': elsewhere })).toMatchObject({ image: -ENOMEM, space: { released: true } });
  const dynamic = elfFile({ ...staticProgram, interpreter: '/ld' });
  expect(load({ '/bin/x': dynamic }).image).toBe(-ENOENT);
  expect(load({ '/bin/x': dynamic, '/ld': '' })).toMatchObject({ image: -ELIBBAD, source: { held: 0 } });
});

test('bytes that were changed at random never make it throw', () => {
  const whole = elfFile({ ...staticProgram, interpreter: '/bin/x' });
  const memory = new FakeMemoryFile();
  let state = 1;
  const next = (below: number) => (state = (state * 48271) % 0x7fff_ffff) % below;
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(whole);
    for (let count = 1 + next(3); count > 0; count--) bytes[next(64 + 4 * 56)] = next(256);
    const before = memory.used;
    const { image } = load({ '/bin/x': bytes }, { memory });
    if (typeof image !== 'number') image.mm.release();
    expect(memory.used - before).toBeLessThan(2 ** 22);
  }
});

test('arguments have limits, and no arguments are one empty one', () => {
  const files = { '/bin/x': elfFile(staticProgram) };
  expect(load(files, { argv: ['x'.repeat(131_072)] }).image).toBe(-E2BIG);
  const many = Array.from({ length: 30 }, () => 'x'.repeat(100_000));
  expect(load(files, { argv: many }).image).toBe(-E2BIG);
  expect(readStack(good(load(files, { argv: many.slice(10) }))).argc).toBe(20);
  expect(readStack(good(load(files, { argv: [] }))).argv).toEqual(['']);
});

test('a program of this host', () => {
  const path = process.execPath;
  const linker = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' };
  const interpreter = linker[process.arch as 'x64'];
  const files = { [path]: readFileSync(path), [interpreter]: readFileSync(interpreter) };
  const architecture = process.arch === 'x64' ? 'x86-64' : 'arm64';
  const image = good(load(files, { path, architecture }));
  const head = image.mm.user.readBytes(image.entry, 16);
  expect(head.every((byte) => byte === 0)).toBe(false);
  expect(image.mm.areas.items.at(-1)!.name).toBe('[stack]');
});
