/**
 * What the kernel asks of the thing that runs guests. Four platforms do it; they share the address spaces and differ
 * only in how a guest's system call comes to us (gVisor: pkg/sentry/platform).
 */
import type { MemoryFile } from './memory-file.ts';

export type PlatformName = 'rewrite' | 'trap' | 'notify' | 'ptrace';

/** PROT_READ, PROT_WRITE, PROT_EXEC of mmap(2), as bits. */
export type Protection = number;

/**
 * A guest's address space: one process of the host, with a control thread of ours in it. Changes are queued, and have
 * happened before any thread of the space runs again; they cannot fail in a way that the guest could tell.
 */
export interface AddressSpace {
  /** Lowest address, and the one beyond the highest, that a guest may use. */
  readonly lowest: number;
  readonly highest: number;
  /** Shows the pages of the memory file from `offset` on; replaces what was there. Multiples of the page size. */
  map(address: number, length: number, protection: Protection, offset: number): void;
  protect(address: number, length: number, protection: Protection): void;
  unmap(address: number, length: number): void;
  /**
   * Calls back once what has been queued is done, and no thread can reach any more what was unmapped: only then may its
   * pages belong to somebody else. Absent where changes are never put off.
   */
  afterChanges?(done: () => void): void;
  /** A thread that waits for its first `resume` with all registers zero. */
  newThread(): Thread;
  /** The guest's memory goes, and all of its threads. @param owner who has run in it last: see newAddressSpace */
  release(owner?: string): void;
}

export type EventKind =
  /** number and arguments are in the registers, as the architecture passes them */
  | 'syscall'
  /** see `fault` */
  | 'fault'
  /** after `interrupt()`: it computed, and has stopped between two instructions */
  | 'interrupt'
  /** its host process is gone: killed, or broken by the guest */
  | 'lost';

export interface Fault {
  /** SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP: what the host would send. */
  signal: number;
  /** si_code (sigaction(2)). */
  code: number;
  address: number;
  /** For SIGSEGV: was it a write? An instruction fetch? */
  write: boolean;
  execute: boolean;
}

/** A guest's thread while it is stopped; while it runs, only `interrupt` may be called. */
export interface Thread {
  readonly space: AddressSpace;
  readonly event: EventKind;
  readonly fault: Fault;
  /** System call number and the six arguments, signed, read once when the event came. */
  readonly number: number;
  readonly args: Float64Array;
  /** The call came from a patched site, without the host; absent where sites are not patched. */
  readonly patched?: boolean;
  readonly registers: Registers;
  /** The kernel's task behind this thread; the platform does not look at it. */
  owner: unknown;
  /** Sets the register that a system call's result is in. */
  setResult(value: number): void;
  /** Base of thread-local storage (arch_prctl(2), ARCH_SET_FS); takes effect at resume. */
  setThreadPointer(address: number): void;
  /** Lets it stop with the event `interrupt` soon, unless another event comes first. */
  interrupt(): void;
  /** A thread that waits inside a system call: it stops spinning and gives its core away. */
  idle(): void;
  /**
   * Makes the vector registers reachable in `extendedState`: a thread that has come here without a host signal has them
   * only in the processor. Resolves at once or after one more stop of the thread.
   */
  extendedState(): Promise<Buffer> | Buffer;
  /** It will not be resumed again. */
  release(): void;
}

/** General registers, flags, instruction and stack pointer; architecture-dependent names are in src/linux. */
export interface Registers {
  get(index: number): number;
  set(index: number, value: number): void;
  low(index: number): number;
  high(index: number): number;
  /** Sets both 32-bit halves, for values beyond 2^53. */
  setHalves(index: number, low: number, high: number): void;
  pc: number;
  sp: number;
}

export interface Platform {
  readonly name: PlatformName;
  readonly memory: MemoryFile;
  /**
   * @param owner on whose behalf: what an owner has released may be used again for the same owner, and for no other,
   * because a hostile guest may have left a thread behind that the host has not ended
   */
  newAddressSpace(owner?: string): AddressSpace;
  /** Runs a stopped thread until its next event. */
  resume(thread: Thread): void;
  /** The next thread with an event, if there is one. Looks for a while before it gives up. */
  next(): Thread | undefined;
  /** Nothing to do: gives the host's thread back to Node until an event comes, or for so many milliseconds. */
  park(ms: number): Promise<void>;
  /** Ends a park that is under way. */
  unpark(): void;
  /** Ends every guest. */
  close(): Promise<void>;
}
