/** Makes small ELF files, good ones and broken ones. */
import {
  EHDR,
  EHDR_SIZE,
  ET_DYN,
  IDENT,
  PHDR,
  PHDR_SIZE,
  PT_INTERP,
  PT_LOAD,
} from '../../../src/linux/elf.ts';

export interface TestSegment {
  address: number;
  flags: number;
  content: Buffer;
  memorySize?: number;
  alignment?: number;
}

export interface TestElf {
  type?: number;
  machine?: number;
  entry: number;
  interpreter?: string;
  segments: TestSegment[];
}

function writeU64(bytes: Buffer, at: number, value: number): void {
  bytes.writeBigUInt64LE(BigInt(value), at);
}

/** Segments begin at file offsets that agree with their addresses, one page after the other. */
export function elfFile({ type = ET_DYN, machine = 62, entry, interpreter, segments }: TestElf): Buffer {
  const count = segments.length + (interpreter === undefined ? 0 : 1);
  let end = 2048;
  const placed = segments.map((segment) => {
    const page = segment.content.includes('\x7fELF') ? 0 : Math.ceil(end / 4096) * 4096;
    const offset = page + (segment.address % 4096);
    end = Math.max(end, offset + segment.content.length);
    return { ...segment, offset };
  });
  const bytes = Buffer.alloc(end);
  for (const { offset, content } of placed) bytes.set(content, offset);
  IDENT.copy(bytes);
  bytes.writeUInt16LE(type, EHDR.type);
  bytes.writeUInt16LE(machine, EHDR.machine);
  writeU64(bytes, EHDR.entry, entry);
  writeU64(bytes, EHDR.phoff, EHDR_SIZE);
  bytes.writeUInt16LE(PHDR_SIZE, EHDR.phentsize);
  bytes.writeUInt16LE(count, EHDR.phnum);
  placed.forEach(({ address, flags, content, offset, memorySize, alignment = 4096 }, index) => {
    const at = EHDR_SIZE + index * PHDR_SIZE;
    bytes.writeUInt32LE(PT_LOAD, at + PHDR.type);
    bytes.writeUInt32LE(flags, at + PHDR.flags);
    writeU64(bytes, at + PHDR.offset, offset);
    writeU64(bytes, at + PHDR.vaddr, address);
    writeU64(bytes, at + PHDR.filesz, content.length);
    writeU64(bytes, at + PHDR.memsz, memorySize ?? content.length);
    writeU64(bytes, at + PHDR.align, alignment);
  });
  if (interpreter !== undefined) {
    const at = EHDR_SIZE + segments.length * PHDR_SIZE;
    bytes.write(`${interpreter}\0`, 1024, 'latin1');
    bytes.writeUInt32LE(PT_INTERP, at + PHDR.type);
    writeU64(bytes, at + PHDR.offset, 1024);
    writeU64(bytes, at + PHDR.filesz, interpreter.length + 1);
  }
  return bytes;
}
