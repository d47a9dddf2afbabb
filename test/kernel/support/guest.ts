/**
 * Guests without a host behind them: a program is a generator that yields events, and gets each call's result back. The kernel,
 * its tasks and their memory are the real ones; only the platform is this.
 *
 *     const status = await runGuest(function* (guest) {
 *       const pid = yield guest.call('getpid');
 *       …
 *     });
 */
import { FileSystemContext } from '../../../src/kernel/files/context.ts';
import { DescriptorTable } from '../../../src/kernel/files/descriptors.ts';
import { Kernel, type KernelOptions } from '../../../src/kernel/kernel.ts';
import { GuestMemory } from '../../../src/kernel/memory/guest-memory.ts';
import { credentialsOf, type Credentials } from '../../../src/kernel/tasks/credentials.ts';
import type { Task } from '../../../src/kernel/tasks/task.ts';
import { REGISTERS_X86_64 as R } from '../../../src/linux/registers-x86-64.ts';
import { syscallNumber } from '../../../src/linux/syscalls.ts';
import type {
  AddressSpace,
  EventKind,
  Fault,
  Platform,
  Registers,
  Thread,
} from '../../../src/platform/platform.ts';
import { FakeMemoryFile } from './memory-file.ts';

export type Step =
  | { kind: 'syscall'; number: number; args: number[] }
  | { kind: 'fault'; fault: Fault }
  /** Runs until the kernel interrupts it. */
  | { kind: 'compute' };

export type Program = (guest: Guest) => Generator<Step, void, number>;

/** Where data and stacks of tests are, in every address space. */
export const DATA = 0x10_0000;
export const STACK_TOP = 0x40_0000;
const PROGRAMS = 0x80_0000;

/** What a program sees of its own thread. */
export class Guest {
  readonly #thread: FakeThread;

  constructor(thread: FakeThread) {
    this.#thread = thread;
  }

  get task(): Task {
    return this.#thread.owner as Task;
  }

  get memory() {
    return this.task.memory;
  }

  get registers(): FakeRegisters {
    return this.#thread.registers;
  }

  call(name: string, ...args: number[]): Step {
    return { kind: 'syscall', number: syscallNumber('x86-64', name)!, args };
  }

  /** A call that makes a child, which begins at `program` instead of here. */
  child(program: Program, name: string, ...args: number[]): Step {
    this.#thread.aliasTo(this.#thread.platform.address(program));
    return this.call(name, ...args);
  }

  fault(signal: number, code: number, address: number, write = false): Step {
    return { kind: 'fault', fault: { signal, code, address, write, execute: false } };
  }

  compute(): Step {
    return { kind: 'compute' };
  }

  /** An address for sa_handler that runs `program`. */
  handler(program: Program): number {
    return this.#thread.platform.address(program);
  }
}

class FakeRegisters implements Registers {
  readonly #low = new Int32Array(18);
  readonly #high = new Int32Array(18);

  get = (index: number): number => this.#high[index]! * 2 ** 32 + (this.#low[index]! >>> 0);
  low = (index: number): number => this.#low[index]!;
  high = (index: number): number => this.#high[index]!;

  set(index: number, value: number): void {
    this.setHalves(index, value % 2 ** 32, Math.floor(value / 2 ** 32));
  }

  setHalves(index: number, low: number, high: number): void {
    this.#low[index] = low;
    this.#high[index] = high;
  }

  get pc(): number {
    return this.get(R.rip);
  }

  set pc(value: number) {
    this.set(R.rip, value);
  }

  get sp(): number {
    return this.get(R.rsp);
  }

  set sp(value: number) {
    this.set(R.rsp, value);
  }
}

function nothingAt(address: number): Step {
  return { kind: 'fault', fault: { signal: 11, code: 1, address, write: false, execute: true } };
}

interface Activation {
  /** Where its thread is while it runs. */
  pc: number;
  /** Where a child of its last call begins, which is where this thread seems to be too. */
  alias: number;
  /** Of its last call. */
  args: number[];
  run: Generator<Step, void, number>;
}

/** Size of the vector state that it claims: x87, SSE and AVX, with the host's note of it. */
const STATE_LENGTH = 832;

export class FakeThread implements Thread {
  readonly space: FakeSpace;
  readonly platform: FakePlatform;
  readonly registers = new FakeRegisters();
  readonly args = new Float64Array(6);
  readonly state = Buffer.alloc(STATE_LENGTH + 4);
  /** Test both ways: state that is there, and state that must be fetched. */
  stateLater = false;
  event: EventKind = 'interrupt';
  fault: Fault = { signal: 0, code: 0, address: 0, write: false, execute: false };
  number = 0;
  owner: unknown;
  threadPointer = 0;
  released = false;
  interrupted = false;
  running = false;
  readonly #activations: Activation[] = [];

  constructor(space: FakeSpace) {
    this.space = space;
    this.platform = space.platform;
    this.state.writeUInt32LE(0x4650_5853, 464);
    this.state.writeUInt32LE(STATE_LENGTH + 4, 468);
    this.state.writeUInt32LE(7, 472);
    this.state.writeUInt32LE(STATE_LENGTH, 480);
    this.state.writeUInt32LE(0x4650_5845, STATE_LENGTH);
  }

  setResult(value: number): void {
    this.registers.set(R.rax, value);
  }

  setThreadPointer(address: number): void {
    this.threadPointer = address;
  }

  interrupt(): void {
    this.interrupted = true;
    if (this.running) this.platform.report(this, 'interrupt');
  }

  idle(): void {}

  extendedState(): Buffer | Promise<Buffer> {
    return this.stateLater ? new Promise((resolve) => setImmediate(() => resolve(this.state))) : this.state;
  }

  release(): void {
    this.released = true;
    for (const { run } of this.#activations.splice(0)) if (!this.platform.busy) run.return();
  }

  aliasTo(pc: number): void {
    this.#activations.at(-1)!.alias = pc;
    this.registers.pc = pc;
  }

  /** Runs its program until the next event. */
  step(): void {
    if (this.released) throw new Error('a thread that was released runs again');
    const { pc } = this.registers;
    const again = this.#activations.findLastIndex(({ pc: at, alias }) => at === pc + 2 || alias === pc + 2);
    if (again >= 0) {
      // The kernel has rewound the call.
      this.#activations.splice(again + 1);
      this.registers.pc = pc + 2;
      return this.#report({
        kind: 'syscall',
        number: this.registers.low(R.rax),
        args: this.#activations[again]!.args,
      });
    }
    if (!this.#enter(pc)) return this.#report(nothingAt(pc));
    const top = this.#activations.at(-1)!;
    const { value, done } = top.run.next(this.registers.get(R.rax));
    if (!done) return this.#report(value as Step);
    if (this.#activations.length > 1) {
      this.registers.sp += 8;
      this.#report({ kind: 'syscall', number: 15, args: [] });
    } else this.#report({ kind: 'syscall', number: 231, args: [0] });
  }

  /** Goes to what is at `pc`: the innermost program, one further out (after sigreturn), or a new one. */
  #enter(pc: number): boolean {
    const at = this.#activations.findLastIndex((each) => each.pc === pc || each.alias === pc);
    if (at >= 0) {
      this.#activations.splice(at + 1);
      this.registers.pc = this.#activations[at]!.pc;
      return true;
    }
    const program = this.platform.program(pc);
    if (program) this.#activations.push({ pc, alias: 0, args: [], run: program(new Guest(this)) });
    return program !== undefined;
  }

  #report(step: Step): void {
    this.running = step.kind === 'compute' && !this.interrupted;
    if (this.running) return;
    if (step.kind === 'syscall') {
      this.number = step.number;
      this.#activations.at(-1)!.args = step.args;
      step.args.forEach((value, index) => (this.args[index] = value));
      this.args.fill(0, step.args.length);
      this.platform.report(this, 'syscall');
    } else if (step.kind === 'fault') {
      this.fault = step.fault;
      this.platform.report(this, 'fault');
    } else this.platform.report(this, 'interrupt');
  }
}

export class FakeSpace implements AddressSpace {
  readonly lowest = 0x1_0000;
  readonly highest = 0x7fff_ffff_f000;
  readonly platform: FakePlatform;
  readonly threads: FakeThread[] = [];
  released = false;

  constructor(platform: FakePlatform) {
    this.platform = platform;
  }

  map(): void {}
  protect(): void {}
  unmap(): void {}

  newThread(): FakeThread {
    const thread = new FakeThread(this);
    this.threads.push(thread);
    return thread;
  }

  release(): void {
    this.released = true;
  }
}

export class FakePlatform implements Platform {
  readonly name = 'trap';
  readonly memory = new FakeMemoryFile();
  readonly spaces: FakeSpace[] = [];
  /** A generator is running, and cannot be closed. */
  busy = false;
  readonly #programs: Program[] = [];
  readonly #events: FakeThread[] = [];
  #unpark: (() => void) | undefined;

  /** Where a program is, so that registers can point to it. */
  address(program: Program): number {
    let index = this.#programs.indexOf(program);
    if (index < 0) index = this.#programs.push(program) - 1;
    return PROGRAMS + 16 * index;
  }

  program(address: number): Program | undefined {
    return this.#programs[(address - PROGRAMS) / 16];
  }

  newAddressSpace(): FakeSpace {
    const space = new FakeSpace(this);
    this.spaces.push(space);
    return space;
  }

  resume(thread: Thread): void {
    const fake = thread as FakeThread;
    this.busy = true;
    try {
      fake.step();
    } finally {
      this.busy = false;
    }
  }

  report(thread: FakeThread, event: EventKind): void {
    thread.running = false;
    thread.interrupted = false;
    thread.event = event;
    this.#events.push(thread);
  }

  next(): Thread | undefined {
    return this.#events.shift();
  }

  park(ms: number): Promise<void> {
    if (this.#events.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#unpark = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  unpark(): void {
    this.#unpark?.();
  }

  async close(): Promise<void> {}
}

export interface GuestOptions extends KernelOptions {
  credentials?: Credentials;
  /** Before the first process runs. */
  prepare?: (kernel: Kernel, init: Task) => void;
}

/** A process image with data and a stack. */
export function newMemory(platform: FakePlatform): GuestMemory {
  const mm = new GuestMemory(platform.memory, platform.newAddressSpace());
  mm.map({ address: DATA, length: 0x1_0000, protection: 3, placement: 'replace' });
  mm.map({ address: STACK_TOP - 0x1_0000, length: 0x1_0000, protection: 3, placement: 'replace' });
  return mm;
}

/** Runs a program as the first process. @returns the wait status of its end, and the kernel to look at */
export async function runGuest(
  program: Program,
  options: GuestOptions = {},
): Promise<{ status: number; kernel: Kernel; platform: FakePlatform }> {
  const platform = new FakePlatform();
  const kernel = new Kernel(platform, { architecture: 'x86-64', ...options });
  const mm = newMemory(platform);
  const thread = mm.space.newThread();
  thread.registers.pc = platform.address(program);
  thread.registers.sp = STACK_TOP - 0x1000;
  const task = kernel.start({
    mm,
    thread,
    files: new DescriptorTable(),
    fs: new FileSystemContext(undefined as never),
    credentials: options.credentials ?? credentialsOf(0, 0),
    name: 'init',
  });
  options.prepare?.(kernel, task);
  const status = await kernel.run();
  return { status, kernel, platform };
}
