/**
 * Entering a signal handler and coming back from it on x86-64 (sigreturn(2); Linux: x64_setup_rt_frame).
 *
 * What comes back was in the guest's hands: every value is checked or masked before it reaches a register.
 */
import { EFAULT } from '../../linux/errno.ts';
import { REGISTERS_X86_64 as R } from '../../linux/registers-x86-64.ts';
import * as F from '../../linux/signal-frame-x86-64.ts';
import { encodeSignalInfo, type SignalInfo } from '../../linux/siginfo.ts';
import { fail } from '../failure.ts';
import type { Task } from '../tasks/task.ts';
import { SA_NODEFER, SA_ONSTACK, SA_RESTORER, type SignalAction } from './actions.ts';
import { AlternateStack } from './alternate-stack.ts';
import { areaLength, restoreExtendedState, writeExtendedState } from './extended-state-x86-64.ts';

/** Length of the `syscall` instruction. */
const SYSCALL_LENGTH = 2;
/** As many registers as a frame holds; their indexes are those of `Registers`. */
const REGISTERS = 18;

/** The call under way is to be made once more when the guest goes on. */
export function rewindCall(task: Task): void {
  const { registers, number } = task.thread;
  registers.set(R.rax, number);
  registers.pc -= SYSCALL_LENGTH;
}

/**
 * Puts the frame on the stack and the handler into the registers. Fails with EFAULT when the stack cannot take it.
 * @returns a promise when the platform must fetch the vector registers first
 */
export function enterHandler(task: Task, info: SignalInfo, action: SignalAction): Promise<void> | undefined {
  if ((action.flags & SA_RESTORER) === 0) fail(EFAULT);
  const state = task.thread.extendedState();
  if (!('then' in state)) {
    pushFrame(task, info, action, state);
    return undefined;
  }
  return state.then((fetched) => {
    if (!task.dead) pushFrame(task, info, action, fetched);
  });
}

function pushFrame(task: Task, info: SignalInfo, action: SignalAction, state: Buffer): void {
  const { registers } = task.thread;
  const length = areaLength(state);
  const fpstate = place(task, action, length);
  const frame = Math.floor((fpstate - F.FRAME_SIZE) / 16) * 16 - 8;
  const bytes = Buffer.alloc(F.FRAME_SIZE);
  writePointer(bytes, action.restorer, 0);
  writeContext(task, bytes, fpstate, length > F.FXSAVE_SIZE);
  encodeSignalInfo(info, bytes.subarray(F.FRAME_SIGINFO));
  checkRoom(task, frame, fpstate);
  writeExtendedState(task.memory, fpstate, state);
  task.memory.writeBytes(frame, bytes);

  registers.set(R.rdi, info.signal);
  registers.set(R.rsi, frame + F.FRAME_SIGINFO);
  registers.set(R.rdx, frame + F.FRAME_UCONTEXT);
  registers.set(R.rax, 0);
  registers.set(R.eflags, registers.low(R.eflags) & ~F.HANDLER_CLEARS);
  registers.sp = frame;
  registers.pc = action.handler;
  blockDuring(task, info.signal, action);
}

/** Where the XSAVE area goes: below the stack pointer and its red zone, or at the top of the alternate stack. */
function place(task: Task, action: SignalAction, length: number): number {
  const { sp } = task.thread.registers;
  const { altStack } = task;
  const switches = (action.flags & SA_ONSTACK) !== 0 && altStack.enabled && !altStack.holds(sp);
  const top = switches ? altStack.base + altStack.size : sp - F.RED_ZONE;
  return Math.floor((top - length - 4) / 64) * 64;
}

/** A frame that would grow out of the alternate stack's lower end is not written at all. */
function checkRoom(task: Task, frame: number, fpstate: number): void {
  const { altStack } = task;
  if (!altStack.enabled) return;
  const top = altStack.base + altStack.size;
  if (fpstate > altStack.base && fpstate < top && frame < altStack.base) fail(EFAULT);
}

function writeContext(task: Task, bytes: Buffer, fpstate: number, extended: boolean): void {
  const { thread, altStack, lastFault } = task;
  const { registers } = thread;
  bytes.writeUInt32LE(F.UC_SS | (extended ? F.UC_FP_XSTATE : 0), F.UC_FLAGS);
  writePointer(bytes, altStack.base, F.UC_STACK);
  bytes.writeInt32LE(altStack.shownFlags(registers.sp), F.UC_STACK + 8);
  writePointer(bytes, altStack.size, F.UC_STACK + 16);
  for (let index = 0; index < REGISTERS; index++) {
    bytes.writeInt32LE(registers.low(index) | 0, F.UC_REGISTERS + 8 * index);
    bytes.writeInt32LE(registers.high(index) | 0, F.UC_REGISTERS + 8 * index + 4);
  }
  bytes.writeUInt16LE(F.USER_CS, F.UC_SEGMENTS);
  bytes.writeUInt16LE(F.USER_SS, F.UC_SEGMENTS + 6);
  if (lastFault) {
    const error =
      (lastFault.code > 1 ? F.PF_PROTECTION : 0) |
      (lastFault.write ? F.PF_WRITE : 0) |
      (lastFault.execute ? F.PF_FETCH : 0);
    bytes.writeUInt32LE(error | F.PF_USER, F.UC_ERROR);
    bytes.writeUInt32LE(F.TRAP_PAGE_FAULT, F.UC_TRAP);
    writePointer(bytes, lastFault.address, F.UC_CR2);
  }
  const mask = task.savedMask ?? task.mask;
  bytes.writeInt32LE(mask.low, F.UC_OLD_MASK);
  bytes.writeInt32LE(mask.high, F.UC_OLD_MASK + 4);
  writePointer(bytes, fpstate, F.UC_FPSTATE);
  bytes.writeInt32LE(mask.low, F.UC_SIGMASK);
  bytes.writeInt32LE(mask.high, F.UC_SIGMASK + 4);
}

/** The handler runs with its own mask added; what sigsuspend or ppoll had changed comes back with the frame. */
function blockDuring(task: Task, signal: number, action: SignalAction): void {
  const mask = task.mask.clone();
  mask.addAll(action.mask);
  if ((action.flags & SA_NODEFER) === 0) mask.add(signal);
  task.savedMask = undefined;
  task.setMask(mask.low, mask.high);
  if (task.altStack.autodisarm) task.altStack = new AlternateStack();
}

/** rt_sigreturn(2). Fails with EFAULT, upon which the guest gets SIGSEGV. */
export function leaveHandler(task: Task): Promise<number> | number {
  const { registers } = task.thread;
  const bytes = task.memory.readBytes(registers.sp - 8, F.FRAME_SIZE);
  const fpstate = readPointer(bytes, F.UC_FPSTATE);
  if (readHigh(bytes, R.rip) > HIGHEST_HALF || readHigh(bytes, R.rip) < 0) fail(EFAULT);
  const finish = (state: Buffer): number => {
    restoreExtendedState(task.memory, fpstate, state);
    restoreRegisters(task, bytes);
    restoreStack(task, bytes);
    task.registersComplete = true;
    task.attention = true;
    task.setMask(bytes.readInt32LE(F.UC_SIGMASK), bytes.readInt32LE(F.UC_SIGMASK + 4));
    return 0;
  };
  const state = task.thread.extendedState();
  return 'then' in state ? state.then(finish) : finish(state);
}

/** Upper half of the highest address that a program can be at. */
const HIGHEST_HALF = 0x7fff;

function restoreRegisters(task: Task, bytes: Buffer): void {
  const { registers } = task.thread;
  const kept = registers.low(R.eflags) & ~F.RESTORED_FLAGS;
  for (let index = 0; index < REGISTERS; index++) {
    const at = F.UC_REGISTERS + 8 * index;
    const low = bytes.readInt32LE(at);
    if (index === R.eflags) registers.setHalves(index, kept | (low & F.RESTORED_FLAGS), 0);
    else registers.setHalves(index, low, bytes.readInt32LE(at + 4));
  }
}

/** The alternate stack as it was; nonsense is ignored, as Linux does. */
function restoreStack(task: Task, bytes: Buffer): void {
  const flags = bytes.readInt32LE(F.UC_STACK + 8) & ~1;
  const size = readPointer(bytes, F.UC_STACK + 16);
  const { sp } = task.thread.registers;
  if (task.altStack.holds(sp) || size < 0) return;
  task.altStack = new AlternateStack(readPointer(bytes, F.UC_STACK), size, flags);
}

function writePointer(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value >>> 0, at);
  bytes.writeInt32LE(Math.floor(value / 2 ** 32) | 0, at + 4);
}

function readPointer(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 2 ** 32;
}

function readHigh(bytes: Buffer, register: number): number {
  return bytes.readInt32LE(F.UC_REGISTERS + 8 * register + 4);
}
