/**
 * What the headers of an ELF file say, checked as far as Linux checks it (fs/binfmt_elf.c). Files are hostile: a number
 * that is used has been looked at here.
 */
import { ENOEXEC } from '../../linux/errno.ts';
import type { Architecture } from '../../linux/architectures.ts';
import {
  EHDR,
  EHDR_SIZE,
  ET_DYN,
  ET_EXEC,
  IDENT,
  MACHINES,
  PF_R,
  PF_W,
  PF_X,
  PHDR,
  PHDR_SIZE,
  PT_GNU_STACK,
  PT_INTERP,
  PT_LOAD,
  PT_PHDR,
} from '../../linux/elf.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../linux/mman.ts';
import { PAGE, type MemoryFile } from '../../platform/memory-file.ts';
import type { FileMemory } from '../memory/file-memory.ts';
import { readFile } from './image-source.ts';

export interface Segment {
  address: number;
  memorySize: number;
  fileOffset: number;
  fileSize: number;
  protection: number;
}

export interface Elf {
  /** May it be loaded anywhere (ET_DYN)? */
  relocatable: boolean;
  entry: number;
  /** Where the program headers are in memory, and how many. */
  headers: number;
  headerCount: number;
  /** In ascending order, at least one. */
  segments: Segment[];
  /** From the first page to the end of the last segment. */
  start: number;
  end: number;
  /** What `start` wants to be a multiple of. */
  alignment: number;
  interpreter: string | undefined;
  executableStack: boolean;
}

interface Header {
  type: number;
  flags: number;
  offset: number;
  address: number;
  fileSize: number;
  memorySize: number;
  alignment: number;
}

const MOST_HEADERS = Math.floor(65536 / PHDR_SIZE);
const PATH_MAX = 4096;
/** No address or size of a program reaches this far. */
const ADDRESS_LIMIT = 2 ** 47;

/** @returns -ENOEXEC for what is no program for this machine */
export function parseElf(memory: MemoryFile, file: FileMemory, architecture: Architecture): Elf | number {
  const ehdr = readFile(memory, file, 0, EHDR_SIZE);
  if (ehdr.length < EHDR_SIZE || ehdr.compare(IDENT, 0, IDENT.length, 0, IDENT.length) !== 0) return -ENOEXEC;
  const type = ehdr.readUInt16LE(EHDR.type);
  if (type !== ET_EXEC && type !== ET_DYN) return -ENOEXEC;
  if (ehdr.readUInt16LE(EHDR.machine) !== MACHINES[architecture]) return -ENOEXEC;
  const count = ehdr.readUInt16LE(EHDR.phnum);
  if (ehdr.readUInt16LE(EHDR.phentsize) !== PHDR_SIZE || count < 1 || count > MOST_HEADERS) return -ENOEXEC;
  const table = readFile(memory, file, readU64(ehdr, EHDR.phoff), count * PHDR_SIZE);
  if (table.length < count * PHDR_SIZE) return -ENOEXEC;
  const headers = Array.from({ length: count }, (_, index) => parseHeader(table, index * PHDR_SIZE));
  const entry = readU64(ehdr, EHDR.entry);
  const segments = loadSegments(headers);
  const interpreter = interpreterOf(memory, file, headers);
  if (!segments || entry > ADDRESS_LIMIT || typeof interpreter === 'number') return -ENOEXEC;
  return {
    relocatable: type === ET_DYN,
    entry,
    headers: headersAddress(headers, segments, readU64(ehdr, EHDR.phoff)),
    headerCount: count,
    segments,
    start: pageOf(segments[0]!.address),
    end: Math.max(...segments.map((segment) => segment.address + segment.memorySize)),
    alignment: alignmentOf(headers),
    interpreter,
    executableStack: headers.some((header) => header.type === PT_GNU_STACK && (header.flags & PF_X) !== 0),
  };
}

/** Numbers beyond 2^53 lose low bits, but stay too large for every check. */
function readU64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);
}

function parseHeader(table: Buffer, at: number): Header {
  return {
    type: table.readUInt32LE(at + PHDR.type),
    flags: table.readUInt32LE(at + PHDR.flags),
    offset: readU64(table, at + PHDR.offset),
    address: readU64(table, at + PHDR.vaddr),
    fileSize: readU64(table, at + PHDR.filesz),
    memorySize: readU64(table, at + PHDR.memsz),
    alignment: readU64(table, at + PHDR.align),
  };
}

function loadSegments(headers: Header[]): Segment[] | undefined {
  const segments: Segment[] = [];
  for (const { type, flags, offset, address, fileSize, memorySize } of headers) {
    if (type !== PT_LOAD || memorySize === 0) continue;
    const inRange = address + memorySize <= ADDRESS_LIMIT && offset + fileSize <= Number.MAX_SAFE_INTEGER;
    const previous = segments.at(-1);
    if (!inRange || fileSize > memorySize || address % PAGE !== offset % PAGE) return undefined;
    if (previous && address < previous.address + previous.memorySize) return undefined;
    const protection = protectionOf(flags);
    segments.push({ address, memorySize, fileOffset: offset, fileSize, protection });
  }
  return segments.length > 0 ? segments : undefined;
}

function protectionOf(flags: number): number {
  return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}

function interpreterOf(memory: MemoryFile, file: FileMemory, headers: Header[]): string | number | undefined {
  const header = headers.find(({ type }) => type === PT_INTERP);
  if (!header) return undefined;
  if (header.fileSize < 2 || header.fileSize > PATH_MAX) return -ENOEXEC;
  const bytes = readFile(memory, file, header.offset, header.fileSize);
  if (bytes.length < header.fileSize || bytes.at(-1) !== 0) return -ENOEXEC;
  return bytes.latin1Slice(0, bytes.indexOf(0));
}

/** PT_PHDR says it; otherwise they are where the segment that contains them in the file is. */
function headersAddress(headers: Header[], segments: Segment[], position: number): number {
  const own = headers.find(({ type }) => type === PT_PHDR);
  if (own) return own.address;
  const holder = segments.find(
    ({ fileOffset, fileSize }) => position >= fileOffset && position < fileOffset + fileSize,
  );
  return holder ? position - holder.fileOffset + holder.address : 0;
}

function alignmentOf(headers: Header[]): number {
  const wanted = headers.filter(({ type }) => type === PT_LOAD).map(({ alignment }) => alignment);
  const powers = wanted.filter((alignment) => alignment <= 2 ** 30 && Number.isInteger(Math.log2(alignment)));
  return Math.max(PAGE, ...powers);
}

export function pageOf(address: number): number {
  return Math.floor(address / PAGE) * PAGE;
}
