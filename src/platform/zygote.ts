/**
 * The first stub of a sandbox, pid 1 of its pid namespace: it makes the others by fork, so that each begins with the
 * shared pages in place, and all end when it does.
 */
import { addon } from '../linux/addon.ts';
import { SIGNALS } from '../linux/signals.ts';
import { Commands } from './commands.ts';
import { CLONE_THREAD, filterHeader, notifyingFilter, type Filters } from './filters.ts';
import { hostCall } from './host-calls.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { StubThread } from './stub-thread.ts';

const abi = addon().stub;

const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_SHARED_FIXED = 0x11;
const SA_SIGINFO = 0x4;
/** An interrupted notification begins again, so that its number and address are in the registers. */
const SA_RESTART = 0x1000_0000;
const SA_RESTORER = 0x0400_0000;
const SA_ONSTACK = 0x0800_0000;
const SIG_IGN = 1;
const SIG_SETMASK = 2;
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** The zygote's end of a socket to us, under `notify`. */
const CHANNEL_FD = 2;
/** Above it lie the zygote's own stack and the host's vDSO, which guests must not find. */
const HIGHEST = 0x7fff_ffff_f000;

/** Signals that the host sends to a guest thread: calls that trap, faults, and our wish that it stop. */
const HANDLED = ['SIGSYS', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGURG'] as const;

/** struct kernel_sigaction of x86-64: handler, flags, restorer, mask. */
function action(handler: number, flags: number, restorer: number): Uint8Array {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(handler, 0);
  bytes.writeUInt32LE(flags, 8);
  bytes.writeUInt32LE(restorer, 16);
  bytes.fill(0xff, 24);
  return bytes;
}

/** How many processes can be asked after at a time. */
export const MOST_ASKED = 64;

export class Zygote {
  readonly #shared: SharedMemory;
  readonly #commands: Commands;
  /** Told the process id of the last fork, in the sandbox's pid namespace, as soon as it is known. */
  #forked: ((pid: number) => void) | undefined;
  readonly #result: number;
  readonly #filters: Filters;

  /** Writes what the zygote does first; it may be started any time later. */
  constructor(shared: SharedMemory, result: number, filters: Filters) {
    this.#shared = shared;
    this.#filters = filters;
    this.#result = result;
    this.#commands = new Commands(shared, shared.takeControl(), () => true);
    this.#prepare();
  }

  get busy(): boolean {
    return this.#commands.busy;
  }

  /** Blocks until the zygote has done what it was told. @throws Error when it has not: then no guest is left either */
  finish(): void {
    this.#finish();
    this.#forked?.(addon().position(this.#result));
    this.#forked = undefined;
  }

  /**
   * Installs the filter that notifies, for itself and whatever it clones, and sends the listener out through its descriptor 2.
   * Afterwards it has neither. @throws Error when the host has no such filters, or one of its own above us
   */
  sendListener(): void {
    const list = this.#commands;
    const filter = notifyingFilter();
    const header = list.data(filterHeader(filter.length, list.data(filter)));
    const flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    list.add(hostCall.seccomp, abi.RESULT, SECCOMP_SET_MODE_FILTER, flags, header);
    this.#run();
    const listener = addon().position(this.#result);
    list.add(hostCall.sendmsg, 0, CHANNEL_FD, list.data(this.#message(listener)));
    list.add(hostCall.close, 0, CHANNEL_FD);
    list.add(hostCall.close, 0, listener);
    this.#run();
  }

  #run(): void {
    this.#commands.publish();
    addon().futexWake(this.#shared.words, this.#commands.sleepWord);
    this.#finish();
  }

  #finish(): void {
    if (!this.#commands.succeeded())
      throw new Error("The sandbox's first process is gone, or could not do its work.");
  }

  /** struct msghdr with one byte and one descriptor (unix(7), SCM_RIGHTS). @returns what it is */
  #message(fd: number): Uint8Array {
    const list = this.#commands;
    const vector = Buffer.alloc(16);
    vector.writeUInt32LE(list.word(0), 0);
    vector.writeUInt32LE(1, 8);
    const rights = Buffer.alloc(24);
    rights.writeUInt32LE(20, 0);
    rights.writeUInt32LE(SOL_SOCKET, 8);
    rights.writeUInt32LE(SCM_RIGHTS, 12);
    rights.writeUInt32LE(fd, 16);
    const message = Buffer.alloc(56);
    message.writeUInt32LE(list.data(vector), 16);
    message.writeUInt32LE(1, 24);
    message.writeUInt32LE(list.data(rights), 32);
    message.writeUInt32LE(rights.length, 40);
    return message;
  }

  /** Is there none of these processes any more? Blocks until the zygote has looked. @param pids at most MOST_ASKED */
  areGone(pids: readonly number[]): boolean {
    return this.#signal(pids, 0, abi.MUST_FAIL);
  }

  /** Are these processes all there? Blocks until the zygote has looked. @param pids at most MOST_ASKED */
  areAlive(pids: readonly number[]): boolean {
    return this.#signal(pids, 0, 0);
  }

  /** A space that does not obey: it ends, whatever state it is in. */
  kill(pid: number): void {
    this.#signal([pid], SIGNALS.SIGKILL, abi.MAY_FAIL);
  }

  #signal(pids: readonly number[], signal: number, flags: number): boolean {
    this.finish();
    for (const pid of pids) this.#commands.add(hostCall.kill, flags, pid, signal);
    this.#commands.publish();
    addon().futexWake(this.#shared.words, this.#commands.sleepWord);
    return this.#commands.succeeded();
  }

  #prepare(): void {
    const list = this.#commands;
    const all = Buffer.alloc(8, 0xff);
    list.add(hostCall.munmap, 0, abi.GUEST_LOWEST, HIGHEST - abi.GUEST_LOWEST);
    list.add(hostCall.rt_sigprocmask, 0, SIG_SETMASK, list.data(all), 0, 8);
    list.add(hostCall.rt_sigaction, 0, SIGNALS.SIGCHLD, list.data(action(SIG_IGN, SA_RESTORER, 0)), 0, 8);
    const flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_RESTORER;
    const handler = list.data(action(abi.VECTOR_SIGNAL, flags, abi.VECTOR_RESTORER));
    for (const name of HANDLED) list.add(hostCall.rt_sigaction, 0, SIGNALS[name], handler, 0, 8);
    const { bells, kernelBell, sites, trampolines } = this.#shared;
    this.#map(abi.BELLS, abi.BELLS_SIZE, PROT_READ, bells);
    this.#map(abi.KERNEL_BELL, abi.KERNEL_BELL_SIZE, PROT_READ | PROT_WRITE, kernelBell);
    this.#map(abi.SITES, abi.SITES_SIZE, PROT_READ, sites);
    this.#map(abi.TRAMPOLINES, abi.TRAMPOLINES_SIZE, PROT_READ | PROT_EXEC, trampolines);
    list.add(hostCall.prctl, 0, PR_SET_NO_NEW_PRIVS, 1);
    list.publish();
  }

  #map(address: number, length: number, protection: number, offset: number): void {
    this.#commands.add(
      hostCall.mmap,
      0,
      address,
      length,
      protection,
      MAP_SHARED_FIXED,
      abi.MEMORY_FD,
      offset,
    );
  }

  /**
   * Makes an address space with a first thread.
   * @param forked told the new process's id, later
   * @param alive see Commands
   * @returns its commands; the first list is under way
   */
  fork(control: number, thread: StubThread, forked: (pid: number) => void, alive: () => boolean): Commands {
    const list = new Commands(this.#shared, control, alive);
    const { guest, control: own } = this.#filters;
    list.setFilter(list.data(filterHeader(guest.length, list.data(guest, true)), true));
    const header = list.data(filterHeader(own.length, list.data(own)));
    list.add(hostCall.prctl, 0, PR_SET_PDEATHSIG, SIGNALS.SIGKILL);
    list.add(hostCall.seccomp, 0, SECCOMP_SET_MODE_FILTER, 0, header);
    addThread(list, this.#shared, thread);
    list.publish();

    this.finish();
    this.#forked = forked;
    const offset = this.#shared.controlOffset(control);
    this.#commands.add(hostCall.clone, abi.FORK | abi.RESULT, SIGNALS.SIGCHLD, 0, 0, 0, 0, offset);
    this.#commands.publish();
    addon().futexWake(this.#shared.words, this.#commands.sleepWord);
    return list;
  }
}

/** Adds to a list what makes a guest thread: its pages, and the thread itself. */
export function addThread(list: Commands, shared: SharedMemory, thread: StubThread): void {
  const { address } = thread;
  const offset = shared.contextOffset(thread.context);
  const at = offset >> 2;
  const { words } = shared;
  words.fill(0, at, at + 64);
  putAddress(words, at + (abi.SELF >> 2), thread.usesGs ? address : 0);
  // struct sigaltstack: base, flags, size. The pages below are the context's, those above the waiting thread's own stack.
  putAddress(words, at + (abi.ALTSTACK >> 2), address + 0x1000);
  putAddress(words, at + (abi.ALTSTACK >> 2) + 4, abi.THREAD_SIZE - 0x1000);
  words[at + (abi.BELL >> 2)] = thread.context;
  words[at + (abi.STATE >> 2)] = thread.firstState;
  list.add(
    hostCall.mmap,
    0,
    address,
    abi.THREAD_SIZE,
    PROT_READ | PROT_WRITE,
    MAP_SHARED_FIXED,
    abi.MEMORY_FD,
    offset,
  );
  list.add(hostCall.clone, abi.THREAD, CLONE_THREAD, address, 0, 0, 0, thread.token);
}

function putAddress(words: Int32Array, at: number, value: number): void {
  words[at] = value % 0x1_0000_0000;
  words[at + 1] = Math.floor(value / 0x1_0000_0000);
}
