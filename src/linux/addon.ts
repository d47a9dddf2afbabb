/** The door to floor 1: what `native/` exports, typed. Nothing else loads the addon. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface StepLayout {
  op: number;
  /** The names of the step's fields, separated by spaces, in their order. */
  fields: string;
}

/** Sizes and offsets of native/spawn/plan.h in bytes, as the compiler has laid them out. */
export interface Layout {
  plan: Record<
    | 'size'
    | 'magic'
    | 'bytes'
    | 'step_count'
    | 'shared'
    | 'steps'
    | 'magicValue'
    | 'stepSize'
    | 'stepOp'
    | 'stepField'
    | 'fieldSize'
    | 'fieldLength',
    number
  >;
  shared: Record<'started' | 'cloned' | 'executed' | 'failed_step' | 'command_status' | 'finished', number>;
  report: Record<
    | 'size'
    | 'kind'
    | 'pid'
    | 'status'
    | 'error'
    | 'step'
    | 'user_us'
    | 'system_us'
    | 'max_rss_kib'
    | 'where'
    | 'whereSize'
    | 'running'
    | 'failed'
    | 'exited',
    number
  >;
  command: Record<'size' | 'kind' | 'signal' | 'sendSignal' | 'release', number>;
  steps: Record<string, StepLayout>;
}

/** Tells when a word of shared memory has changed, while Node turns its event loop. */
export interface Doorbell {
  /** Calls the constructor's function once, when the word is not `seen` any more. */
  watch(seen: number): void;
  close(): void;
}

/** Seccomp notifications (seccomp_unotify(2)). */
export interface Listener {
  /** Waits so many milliseconds for a call; the words that `listen` got then hold a struct seccomp_notif. */
  receive(milliseconds: number): boolean;
  /** @returns false when nobody waits for this answer any more */
  answer(idLow: number, idHigh: number, resultLow: number, resultHigh: number): boolean;
  /** Calls `ready` once, from Node's event loop, when there is a call; false: does not after all. */
  watch(on: boolean): void;
  close(): void;
}

/** The threads of one process group that we trace; the words that `trace` got hold a record for each (native/ptrace.cc). */
export interface Tracer {
  /** Stops the thread for good; its record is the one with this index. @throws Error when the host refuses */
  seize(index: number, tid: number): void;
  /** @returns the index of the next thread that has stopped; -1 when none does for so many milliseconds */
  next(milliseconds: number): number;
  /** @param signal 0, or one that the stub's handler is to get */
  resume(index: number, signal: number, setsThreadPointer: boolean): void;
  interrupt(index: number): void;
  /** Blocks no signals. */
  unmask(index: number): void;
  /** Vector registers, as in a signal frame. */
  extended(index: number): Buffer;
  setExtended(index: number, area: Buffer): void;
  forget(index: number): void;
  /** Calls `stopped` once, from Node's event loop, when a thread has stopped. */
  watch(): void;
  close(): void;
}

export interface Addon {
  layout: Layout;
  /** Places, states, offsets and flags of native/stub/abi.h. */
  stub: Record<StubConstant, number>;
  /** Starts the shim on [stdin, stdout, stderr, plan, control, console]. */
  launch(executable: number, descriptors: number[]): { pid: number; pidfd: number };
  /** Calls `done` with the exit status (128 + signal when killed); takes the pidfd over. */
  waitProcess(pidfd: number, done: (status: number) => void): void;
  /** Ends this process at once, also while a thread of Node's pool sleeps in a read. */
  endNow(status: number): never;
  pipe(): [read: number, write: number];
  socketPair(): [number, number];
  memoryFile(bytes: Uint8Array): number;
  sealedCopy(path: string): number;
  /** The descriptor that waits in a socket (SCM_RIGHTS), or -1. */
  receiveDescriptor(socket: number): number;
  setWindowSize(terminal: number, rows: number, columns: number): void;
  /** What is written to the terminal is shown as it is: no carriage return is added before a newline. */
  plainOutput(terminal: number): void;
  /** The foreground process group of a terminal, in our pid namespace; 0 when it has none there. */
  foregroundGroup(terminal: number): number;
  /** An empty memfd for all memory of a sandbox. */
  sandboxMemory(): number;
  /** Bytes of the file as an ArrayBuffer; the file grows to hold them. */
  mapWindow(fd: number, offset: number, length: number): ArrayBuffer;
  /** Start and length, alternating, of the pages that exist. */
  populated(fd: number, offset: number, length: number): number[];
  punch(fd: number, offset: number, length: number): void;
  /** Faults in pages of a window. @returns false when the host cannot: it is older than Linux 5.14 */
  populate(window: Uint8Array, start: number, length: number): boolean;
  /** Writes to the memory file at an offset. */
  writeMemory(fd: number, offset: number, from: Uint8Array, start: number, length: number): void;
  /** A descriptor's file offset. */
  position(fd: number): number;
  /** [the processor's counter, CLOCK_MONOTONIC in nanoseconds] of one moment. */
  readCounter(out: Float64Array): void;
  /** A word of this process's auxiliary vector, by its AT_ type; 0: the host does not say. */
  auxiliaryValue(type: number): number;
  /** Offsets in the data page of native/vdso. */
  clockLayout: Record<
    'sequence' | 'ready' | 'counter' | 'monotonic' | 'scale' | 'realtime_seconds' | 'realtime_nanoseconds',
    number
  >;
  /** Status of a path's last name itself, as numbers in the order of native/gofer.cc. @returns 0 or -errno */
  hostStat(path: string, out: Float64Array): number;
  /** The same of an open file. */
  hostStatDescriptor(fd: number, out: Float64Array): number;
  /** Fills in the struct linux_dirent64 of all names of a directory. @returns their bytes, or -errno; -ERANGE: too many */
  hostList(path: string, out: Uint8Array): number;
  /** @returns a descriptor or -errno */
  hostOpen(path: string, flags: number, mode: number): number;
  /** As many bytes as there are until the end of the file. @returns how many, or -errno */
  hostRead(fd: number, out: Uint8Array, start: number, length: number, position: number): number;
  hostClose(fd: number): number;
  futexWake(words: Int32Array, index: number): void;
  /** Blocks this thread until the word is woken or differs from `seen`. */
  futexWait(words: Int32Array, index: number, seen: number, microseconds: number): void;
  listen(fd: number, words: Int32Array, ready: () => void): Listener;
  trace(group: number, words: Int32Array, stopped: () => void): Tracer;
  Doorbell: new (words: Int32Array, index: number, rung: () => void) => Doorbell;
  /** A seccomp filter for all threads of this process, for good. Sets no_new_privs. */
  filterSelf(program: Uint8Array): void;
  /** 0: the host has no Landlock. */
  landlockVersion(): number;
  /**
   * Of the handled rights [fs, net, scoped], this thread and those that it makes later keep those on the folders: pairs of a
   * descriptor and its rights (landlock(7)).
   */
  landlockSelf(handled: [number, number, number], rules: number[]): void;
  /** Takes from libuv's io_urings all but epoll_ctl. @returns how many could not be changed */
  restrictRings(): number;
  /** Keeps this thread, and those that it makes, on these cores. */
  pin(...cores: number[]): void;
  /** The cores that this process may run on. */
  cores(): number[];
}

// prettier-ignore
export type StubConstant =
  | 'STUB' | 'STUB_END' | 'VECTOR_SIGNAL' | 'VECTOR_RESTORER' | 'VECTOR_CALL' | 'SITES' | 'SITES_SIZE'
  | 'TRAMPOLINES' | 'TRAMPOLINES_SIZE' | 'CONTROL' | 'CONTROL_SIZE' | 'BELLS' | 'BELLS_SIZE' | 'ACKS' | 'KERNEL_BELL'
  | 'KERNEL_BELL_SIZE' | 'GUEST_LOWEST' | 'GUEST_HIGHEST' | 'THREADS' | 'THREAD_SIZE' | 'MOST_THREADS'
  | 'MEMORY_FD' | 'RESULT_FD' | 'RUN' | 'PARKED' | 'REQUEST' | 'IDLE' | 'ASLEEP' | 'HANDOVER'
  | 'EVENT_START' | 'EVENT_CALL' | 'EVENT_TRAP' | 'EVENT_FAULT' | 'EVENT_INTERRUPT' | 'EVENT_EXTENDED'
  | 'ANSWER_FULL' | 'ANSWER_TLS' | 'ANSWER_EXTENDED' | 'ANSWER_FRESH'
  | 'STATE' | 'EVENT' | 'RAX' | 'RDI' | 'RSI' | 'RDX' | 'R10' | 'R8' | 'R9' | 'RIP' | 'RSP' | 'RBX' | 'RBP'
  | 'R12' | 'R13' | 'R14' | 'R15' | 'RCX' | 'R11' | 'FLAGS' | 'FS_BASE' | 'SIGNAL' | 'CODE' | 'ADDRESS' | 'ERROR'
  | 'SPIN' | 'EXTENDED' | 'BELL' | 'TID' | 'SELF' | 'ALTSTACK'
  | 'SEQUENCE' | 'COUNT' | 'ACK_DONE' | 'ACK_FAILED' | 'ACK_OFFSET' | 'FILTER' | 'ACK_WORD' | 'COMMANDS'
  | 'COMMAND_NUMBER' | 'COMMAND_FLAGS' | 'COMMAND_ARGS' | 'COMMAND_SIZE' | 'THREAD' | 'FORK' | 'RESULT' | 'MUST_FAIL' | 'MAY_FAIL';

const require = createRequire(import.meta.url);

/** The folder that package.json stands in: sources run from `src/`, the built project from `dist/`. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

let loaded: Addon | undefined;

/** @throws Error that says how to build, when the addon is not there. */
export function addon(): Addon {
  if (loaded) return loaded;
  const load = require('node-gyp-build') as (root: string) => Addon;
  try {
    loaded = load(packageRoot);
  } catch (error) {
    throw new Error('The native part of ring3 is not built: run `npm run build` in its folder.', {
      cause: error,
    });
  }
  return loaded;
}

/** The path of a static helper executable that was built, or prebuilt, beside the addon. */
export function helperPath(name: string): string {
  const places = [
    join(packageRoot, 'build', 'Release', name),
    join(packageRoot, 'prebuilds', `${process.platform}-${process.arch}`, name),
  ];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`${name} is not built: run \`npm run build\` in ${packageRoot}.`);
  return found;
}
