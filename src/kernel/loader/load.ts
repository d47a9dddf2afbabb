/**
 * execve(2) up to the point where a thread can start: a new address space with a program, its interpreter and a stack.
 * Nothing of the old one is touched, so that a failure leaves the caller as it was.
 */
import type { Architecture } from '../../linux/architectures.ts';
import { AT } from '../../linux/auxv.ts';
import { ELIBBAD } from '../../linux/errno.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../linux/mman.ts';
import { PAGE, type MemoryFile } from '../../platform/memory-file.ts';
import type { AddressSpace } from '../../platform/platform.ts';
import { Failure } from '../failure.ts';
import { GuestMemory, roundUp } from '../memory/guest-memory.ts';
import type { TextProvider } from '../memory/text-provider.ts';
import type { MappedFile } from '../memory/vma.ts';
import type { Credentials } from '../tasks/credentials.ts';
import { parseElf, type Elf } from './elf.ts';
import type { ImageSource } from './image-source.ts';
import { resolveProgram, type Program } from './script.ts';
import { mapSegments, roomFor } from './segments.ts';
import { buildStack, checkArguments, type StackContent, type StackImage, type StackPlaces } from './stack.ts';

export interface LoadRequest {
  memory: MemoryFile;
  /** Called once it is known that there is something to load. */
  newSpace: () => AddressSpace;
  text?: TextProvider | undefined;
  architecture: Architecture;
  source: ImageSource;
  path: string;
  argv: readonly string[];
  environment: readonly string[];
  credentials: Credentials;
  hardware: Hardware;
  /** 16 bytes for AT_RANDOM. */
  random: Uint8Array;
  /** RLIMIT_STACK in bytes; 8 MiB unless told. */
  stackLimit?: number;
  /** RLIMIT_AS in bytes. */
  sizeLimit?: number;
  /** A vDSO, and the page of data that lies before it. */
  vdso?: { image: MappedFile; data?: MappedFile } | undefined;
}

/** What a program may know of the processor: from the host's own auxiliary vector. */
export interface Hardware {
  capabilities: number;
  capabilities2: number;
  /** AT_MINSIGSTKSZ. */
  minimumSignalStack: number;
}

export interface LoadedImage extends Omit<StackImage, 'bytes'> {
  mm: GuestMemory;
  /** The first instruction: the interpreter's, if there is one. */
  entry: number;
  /** What /proc/PID/exe names; the caller closes it at `source` when the process ends. */
  executable: MappedFile;
  /** The path that it was found at: its last part is the task's name. */
  path: string;
}

interface Loadable {
  program: Program;
  elf: Elf;
  interpreter: { file: MappedFile; elf: Elf } | undefined;
}

/** Where static-PIE and PIE programs go, as on Linux without randomization (arch/x86: ELF_ET_DYN_BASE). */
const PIE_BASE = 0x5555_5555_4000;
const STACK = 8 * 2 ** 20;
const LARGEST_STACK = 64 * 2 ** 20;
const PLATFORMS: Readonly<Record<Architecture, string>> = { 'x86-64': 'x86_64', arm64: 'aarch64' };
/** Ticks of times(2), of which a second has so many (USER_HZ). */
const USER_HZ = 100;

/** @returns -errno: of opening the files, ENOEXEC, ELIBBAD for the interpreter, E2BIG, ENOMEM */
export function loadImage(request: LoadRequest): LoadedImage | number {
  const program = resolveProgram(request.memory, request.source, request.path, request.argv);
  if (typeof program === 'number') return program;
  const loadable = parseProgram(request, program);
  const image = typeof loadable === 'number' ? loadable : loadParsed(request, loadable);
  if (typeof loadable !== 'number' && loadable.interpreter) request.source.close(loadable.interpreter.file);
  if (typeof image === 'number') request.source.close(program.file);
  return image;
}

function parseProgram(request: LoadRequest, program: Program): Loadable | number {
  const { memory, source, architecture } = request;
  const elf = parseElf(memory, program.file.memory, architecture);
  if (typeof elf === 'number') return elf;
  if (elf.interpreter === undefined) return { program, elf, interpreter: undefined };
  const file = source.open(elf.interpreter);
  if (typeof file === 'number') return file;
  const parsed = parseElf(memory, file.memory, architecture);
  if (typeof parsed !== 'number') return { program, elf, interpreter: { file, elf: parsed } };
  source.close(file);
  return -ELIBBAD;
}

function loadParsed(request: LoadRequest, loadable: Loadable): LoadedImage | number {
  const content = stackContent(request, loadable.program);
  const stackSize = Math.min(Math.max(request.stackLimit ?? STACK, 2 * PAGE), LARGEST_STACK);
  const tooBig = checkArguments(content, stackSize);
  if (tooBig < 0) return tooBig;
  const space = request.newSpace();
  const mm = new GuestMemory(request.memory, space, request.text);
  if (request.sizeLimit !== undefined) mm.limit = request.sizeLimit;
  let image;
  try {
    image = fillSpace(request, loadable, mm, content, roundUp(stackSize));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    image = -error.errno;
  }
  if (typeof image === 'number') {
    mm.release();
    space.release();
  }
  return image;
}

function stackContent({ architecture, environment, random }: LoadRequest, program: Program): StackContent {
  const { argv, path } = program;
  return { argv, environment, path, platform: PLATFORMS[architecture], random };
}

function fillSpace(
  request: LoadRequest,
  { program, elf, interpreter }: Loadable,
  mm: GuestMemory,
  content: StackContent,
  stackSize: number,
): LoadedImage | number {
  const stack = mapStack(mm, stackSize, elf.executableStack);
  if (stack < 0) return stack;
  const start = loadElf(mm, elf, program.file, PIE_BASE);
  if (start < 0) return start;
  const linker = interpreter ? loadElf(mm, interpreter.elf, interpreter.file) : 0;
  if (linker < 0) return linker;
  const bias = start - elf.start;
  const base = interpreter ? linker - interpreter.elf.start : 0;
  const vdso = request.vdso ? mapVdso(mm, request.vdso) : 0;
  if (vdso < 0) return vdso;
  mm.heapStart = mm.heapEnd = roundUp(elf.end + bias);
  const values = [AT.AT_PHDR, elf.headers + bias, AT.AT_PHNUM, elf.headerCount];
  values.push(AT.AT_BASE, base, AT.AT_ENTRY, elf.entry + bias);
  if (vdso > 0) values.push(AT.AT_SYSINFO_EHDR, vdso);
  const { bytes, ...places } = buildStack(mm.space.highest, content, (at) => auxv(request, values, at));
  mm.user.writeBytes(places.stackPointer, bytes);
  const entry = interpreter ? interpreter.elf.entry + base : elf.entry + bias;
  return { mm, entry, executable: program.file, path: program.path, ...places };
}

/** @param preferred where one that can be loaded anywhere goes. @returns where its first page is, or -errno */
function loadElf(mm: GuestMemory, elf: Elf, file: MappedFile, preferred?: number): number {
  let start = elf.start;
  if (elf.relocatable) {
    const wanted = preferred === undefined ? 0 : Math.floor(preferred / elf.alignment) * elf.alignment;
    const fits = wanted > 0 && mm.areas.contains(wanted, wanted + elf.end - elf.start);
    start = fits ? wanted : roomFor(mm, elf);
    if (start < 0) return start;
  }
  const result = mapSegments(mm, elf, file, start - elf.start);
  return result < 0 ? result : start;
}

function mapStack(mm: GuestMemory, size: number, executable: boolean): number {
  return mm.map({
    address: mm.space.highest - size,
    length: size,
    protection: PROT_READ | PROT_WRITE | (executable ? PROT_EXEC : 0),
    placement: 'replace',
    name: '[stack]',
  });
}

/** @returns where the vDSO's ELF header is, or -errno */
function mapVdso(mm: GuestMemory, { image, data }: NonNullable<LoadRequest['vdso']>): number {
  const before = data ? roundUp(data.memory.size) : 0;
  const length = roundUp(image.memory.size);
  const start = mm.areas.findFree(before + length);
  const at = { placement: 'replace' as const, allowed: PROT_READ | PROT_EXEC };
  if (data) {
    const page = { address: start, length: before, protection: PROT_READ, file: data, name: '[vvar]' };
    const mapped = mm.map({ ...page, ...at, shared: true });
    if (mapped < 0) return mapped;
  }
  const text = { address: start + before, length, protection: PROT_READ | PROT_EXEC };
  return mm.map({ ...text, ...at, file: image, name: '[vdso]' });
}

/** Pairs of type and value. */
function auxv({ credentials, hardware }: LoadRequest, values: number[], places: StackPlaces): number[] {
  const { uid, euid, gid, egid } = credentials;
  const { capabilities, capabilities2, minimumSignalStack } = hardware;
  const secure = uid !== euid || gid !== egid ? 1 : 0;
  const pairs: [number, number][] = [
    [AT.AT_MINSIGSTKSZ, minimumSignalStack],
    [AT.AT_HWCAP, capabilities],
    [AT.AT_PAGESZ, PAGE],
    [AT.AT_CLKTCK, USER_HZ],
    [AT.AT_PHENT, 56],
    [AT.AT_FLAGS, 0],
    [AT.AT_UID, uid],
    [AT.AT_EUID, euid],
    [AT.AT_GID, gid],
    [AT.AT_EGID, egid],
    [AT.AT_SECURE, secure],
    [AT.AT_RANDOM, places.random],
    [AT.AT_HWCAP2, capabilities2],
    [AT.AT_EXECFN, places.path],
    [AT.AT_PLATFORM, places.platform],
  ];
  return [...values, ...pairs.flat()];
}
