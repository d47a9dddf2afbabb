/** A task without a guest behind it: memory is a buffer, signals are written down. For tests of one room at a time. */
import { Failure, fail } from '../../../src/kernel/failure.ts';
import { DescriptorTable } from '../../../src/kernel/files/descriptors.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import type { Stretch, UserMemory } from '../../../src/kernel/memory/user-memory.ts';
import type { Handler, SyscallFamily } from '../../../src/kernel/syscalls/handler.ts';
import { SignalSet } from '../../../src/kernel/signals/signal-set.ts';
import { ProcessGroup, Session } from '../../../src/kernel/tasks/process-group.ts';
import type { ThreadGroup } from '../../../src/kernel/tasks/thread-group.ts';
import type { Task } from '../../../src/kernel/tasks/task.ts';
import { SignalActions } from '../../../src/kernel/signals/actions.ts';
import { PendingSignals } from '../../../src/kernel/signals/pending.ts';
import { Clock } from '../../../src/kernel/time/clock.ts';
import { Timers } from '../../../src/kernel/timers.ts';
import type { SignalDetails } from '../../../src/kernel/time/signal-sink.ts';
import { WaitQueue } from '../../../src/kernel/wait-queue.ts';
import { EAGAIN, EFAULT, ENAMETOOLONG, ERESTARTSYS, ETIMEDOUT } from '../../../src/linux/errno.ts';

/** Guest memory from address `base` on, 1 MiB unless told otherwise. */
export class FakeMemory implements UserMemory {
  readonly base = 0x10000;
  readonly buffer: Buffer;
  readonly #stretch: Stretch = { buffer: Buffer.alloc(0), start: 0, length: 0 };
  #next = 0;

  constructor(size = 1 << 20) {
    this.buffer = Buffer.alloc(size);
  }

  /** Room for the test's own values. @returns its address */
  reserve(length: number): number {
    const at = this.#next;
    this.#next = (at + length + 15) & ~15;
    if (this.#next > this.buffer.length) throw new Error('the test needs more memory');
    return this.base + at;
  }

  /** What was reserved is not needed any more. */
  rewind(): void {
    this.#next = 0;
  }

  /** Puts bytes somewhere. @returns their address */
  place(bytes: Uint8Array | string): number {
    const source = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    const address = this.reserve(source.length);
    this.writeBytes(address, source);
    return address;
  }

  text(address: number, length: number): string {
    return this.readBytes(address, length).toString('latin1');
  }

  #at(address: number, length: number): number {
    const at = address - this.base;
    return at >= 0 && at + length <= this.buffer.length ? at : fail(EFAULT);
  }

  readU8 = (address: number): number => this.buffer.readUInt8(this.#at(address, 1));
  readU16 = (address: number): number => this.buffer.readUInt16LE(this.#at(address, 2));
  readI32 = (address: number): number => this.buffer.readInt32LE(this.#at(address, 4));
  readU32 = (address: number): number => this.buffer.readUInt32LE(this.#at(address, 4));

  readI64(address: number): number {
    const at = this.#at(address, 8);
    return this.buffer.readInt32LE(at + 4) * 2 ** 32 + this.buffer.readUInt32LE(at);
  }

  writeU8 = (address: number, value: number): void => {
    this.buffer[this.#at(address, 1)] = value;
  };

  writeU16(address: number, value: number): void {
    this.buffer.writeUInt16LE(value & 0xffff, this.#at(address, 2));
  }

  writeU32(address: number, value: number): void {
    this.buffer.writeUInt32LE(value >>> 0, this.#at(address, 4));
  }

  writeI64(address: number, value: number): void {
    const at = this.#at(address, 8);
    this.buffer.writeUInt32LE(value >>> 0, at);
    this.buffer.writeInt32LE(Math.floor(value / 2 ** 32) | 0, at + 4);
  }

  readBytes(address: number, length: number): Buffer {
    const at = this.#at(address, length);
    return Buffer.from(this.buffer.subarray(at, at + length));
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    this.buffer.set(bytes, this.#at(address, bytes.length));
  }

  zero(address: number, length: number): void {
    const at = this.#at(address, length);
    this.buffer.fill(0, at, at + length);
  }

  readString(address: number, limit = 4096): string {
    const at = this.#at(address, 1);
    const end = this.buffer.indexOf(0, at);
    if (end < 0 || end - at >= limit) fail(ENAMETOOLONG);
    return this.buffer.toString('latin1', at, end);
  }

  stretch(address: number, length: number): Stretch {
    this.#stretch.buffer = this.buffer;
    this.#stretch.start = this.#at(address, length);
    this.#stretch.length = length;
    return this.#stretch;
  }
}

/** The parts of a kernel that a room under test needs. */
export function fakeKernel(parts: Partial<Kernel> = {}): Kernel {
  const clock = new Clock();
  const soon = () => setTimeout(run, Math.min(1e9, Math.max(0, timers.next - clock.monotonic())));
  const timers: Timers = new Timers(() => void soon());
  const run = () => {
    timers.run(clock.monotonic());
    if (timers.next !== Infinity) soon();
  };
  return { clock, timers, ...parts } as Kernel;
}

export class FakeTask {
  readonly kernel: Kernel;
  readonly user: FakeMemory;
  readonly memory: FakeMemory;
  files = new DescriptorTable();
  tid = 1;
  name = 'test';
  credentials = {
    uid: 1000,
    euid: 1000,
    suid: 1000,
    fsuid: 1000,
    gid: 1000,
    egid: 1000,
    sgid: 1000,
    fsgid: 1000,
    groups: [],
  };
  /** What was sent to the task and to its group. */
  readonly signals: { signal: number; details?: SignalDetails }[] = [];
  readonly group = {
    pid: 1,
    sendSignal: (signal: number, details?: SignalDetails) => this.sendSignal(signal, details),
    cpuTime: () => this.cpu,
    atExit: new Set<() => void>(),
    atExec: new Set<() => void>(),
    pending: new PendingSignals(),
    signalArrived: new WaitQueue(),
    kernel: undefined as unknown as Kernel,
    actions: new SignalActions(),
    processGroup: undefined as unknown as ProcessGroup,
    session: undefined as unknown as Session,
    isSessionLeader: true,
    limits: { fileSize: Infinity },
  };
  readonly mask = new SignalSet();
  readonly pending = new PendingSignals();
  /** Processor time that it claims to have used, milliseconds. */
  cpu = 0;
  /** Masks that calls have run under. */
  readonly masks: unknown[] = [];
  interrupted = false;
  restartBlock: ((task: Task) => number | Promise<number>) | undefined;
  readonly #interrupts = new Set<() => void>();

  constructor(kernel: Kernel = fakeKernel(), memory = new FakeMemory()) {
    this.kernel = kernel;
    this.group.kernel = kernel;
    this.joinSession(new Session(1), 1);
    this.user = memory;
    this.memory = memory;
  }

  /** Becomes a member of a new process group. */
  joinSession(session: Session, group: number): ProcessGroup {
    this.group.session = session;
    this.group.processGroup = new ProcessGroup(group, session);
    this.group.processGroup.members.add(this.group as unknown as ThreadGroup);
    return this.group.processGroup;
  }

  /** As handlers take it. */
  get task(): Task {
    return this as unknown as Task;
  }

  /** Makes a system call as the dispatcher would: a Failure becomes -errno. */
  call(family: SyscallFamily, name: string, ...args: number[]): number | Promise<number> {
    const row = family[name];
    if (!row) throw new Error(`there is no ${name}`);
    const handler: Handler = typeof row === 'function' ? row : row.handler;
    const six = Float64Array.from({ length: 6 }, (_, index) => args[index] ?? 0);
    const caught = (error: unknown): number => {
      if (error instanceof Failure) return -error.errno;
      throw error;
    };
    try {
      const result = handler(this.task, six);
      return typeof result === 'number' ? result : result.catch(caught);
    } catch (error) {
      return caught(error);
    }
  }

  /** A signal comes: whoever waits gets -ERESTARTSYS. */
  interrupt(): void {
    for (const each of Array.from(this.#interrupts)) each();
  }

  sendSignal(signal: number, details?: SignalDetails): boolean {
    this.signals.push(details ? { signal, details } : { signal });
    return true;
  }

  cpuTime(): number {
    return this.cpu;
  }

  withSignalMask(mask: unknown, call: () => number | Promise<number>): number | Promise<number> {
    this.masks.push(mask);
    return call();
  }

  waitFor(
    queues: readonly WaitQueue[] | WaitQueue,
    attempt: () => number,
    deadline?: number,
  ): Promise<number> {
    const list: readonly WaitQueue[] = Array.isArray(queues) ? queues : [queues as WaitQueue];
    return new Promise((resolve, reject) => {
      const stop = () => {
        for (const queue of list) queue.remove(waiter);
        this.#interrupts.delete(interrupt);
        if (timer) this.kernel.timers.cancel(timer);
      };
      const done = (result: number) => {
        stop();
        resolve(result);
      };
      const look = () => {
        try {
          const result = attempt();
          if (result !== -EAGAIN) done(result);
        } catch (error) {
          stop();
          reject(error);
        }
      };
      const waiter = { notify: look };
      const interrupt = () => done(-ERESTARTSYS);
      for (const queue of list) queue.add(waiter);
      this.#interrupts.add(interrupt);
      const timer =
        deadline === undefined || deadline === Infinity
          ? undefined
          : this.kernel.timers.at(deadline, () => done(-ETIMEDOUT));
      look();
    });
  }
}
