/**
 * What a stub's threads may ask of the host, as seccomp filters (seccomp(2)). The control thread's is installed first and
 * holds for all; each guest thread adds its own, which turns every call of the guest into a trap. Under `notify` the zygote
 * has one before them, of whose notifications the kernel hears.
 *
 * A filter sees where the call was made: only the stub's own pages, which no one can write, make calls that pass.
 */
import { CLASS, encode, JUMP, MODE, type Instruction } from '../confine/seccomp/bpf.ts';
import { addon } from '../linux/addon.ts';
import { AUDIT_ARCHITECTURES } from '../linux/architectures.ts';
import { hostCall } from './host-calls.ts';

const abi = addon().stub;

// struct seccomp_data (seccomp(2)); the low half of a 64-bit field comes first.
const NUMBER = 0;
const ARCHITECTURE = 4;
const POINTER_LOW = 8;
const POINTER_HIGH = 12;
const argument = (index: number): number => 16 + 8 * index;

const ALLOW = 0x7fff_0000;
const TRAP = 0x0003_0000;
const NOTIFY = 0x7fc0_0000;
const ERRNO_EPERM = 0x0005_0001;

/** FUTEX_WAIT and FUTEX_WAKE (futex(2)); not private, because the kernel's process waits on the same words. */
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const ARCH_SET_FS = 0x1002;

/** CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM: a thread and nothing else. */
export const CLONE_THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000 | 0x4_0000;

const load = (k: number): Instruction => ({ code: CLASS.LD | MODE.ABS, jt: 0, jf: 0, k });
const give = (k: number): Instruction => ({ code: CLASS.RET, jt: 0, jf: 0, k });
/** Skips the next instruction when A equals k; else goes on with it. */
const unless = (k: number): Instruction => ({ code: CLASS.JMP | JUMP.JEQ, jt: 1, jf: 0, k });

interface Rule {
  number: number;
  /** The argument and the values, one of which its low half must have. */
  argument?: { index: number; values: readonly number[] };
}

/** From the stub's pages what `rules` allow, and `otherwise` for the rest; `elsewhere` for calls from anywhere else. */
function program(rules: readonly Rule[], otherwise: number, elsewhere = otherwise): Uint8Array {
  return encode([
    ...fromStub(elsewhere),
    ...rules.flatMap(({ number, argument: wanted }) => [load(NUMBER), ...one(number, wanted)]),
    give(otherwise),
  ]);
}

/** Goes on only when the call comes from the stub's pages, and by the architecture's own way. */
function fromStub(elsewhere: number): Instruction[] {
  const refuse = give(elsewhere);
  return [
    load(ARCHITECTURE),
    unless(AUDIT_ARCHITECTURES['x86-64']),
    refuse,
    load(POINTER_HIGH),
    unless(0),
    refuse,
    load(POINTER_LOW),
    { code: CLASS.JMP | JUMP.JGE, jt: 1, jf: 0, k: abi.STUB },
    refuse,
    { code: CLASS.JMP | JUMP.JGT, jt: 0, jf: 1, k: abi.STUB_END },
    refuse,
  ];
}

function one(number: number, wanted: Rule['argument']): Instruction[] {
  const body = wanted
    ? [
        load(argument(wanted.index)),
        ...wanted.values.flatMap((value) => [
          { code: CLASS.JMP | JUMP.JEQ, jt: 0, jf: 1, k: value >>> 0 },
          give(ALLOW),
        ]),
      ]
    : [give(ALLOW)];
  return [{ code: CLASS.JMP | JUMP.JEQ, jt: 0, jf: body.length, k: number }, ...body];
}

/** The whole of what a guest thread reaches of the host: three calls (a test counts them). */
function guestFilter(elsewhere: number): Uint8Array {
  return program(
    [
      { number: hostCall.futex, argument: { index: 1, values: [FUTEX_WAIT, FUTEX_WAKE] } },
      { number: hostCall.rt_sigreturn },
      { number: hostCall.arch_prctl, argument: { index: 0, values: [ARCH_SET_FS] } },
    ],
    TRAP,
    elsewhere,
  );
}

/** Refusals are errors, and not the end of the process: of two filters the stricter counts, and guests must trap. */
function controlFilter(elsewhere: number): Uint8Array {
  return program(
    [
      { number: hostCall.futex, argument: { index: 1, values: [FUTEX_WAIT, FUTEX_WAKE] } },
      { number: hostCall.mmap, argument: { index: 4, values: [abi.MEMORY_FD] } },
      { number: hostCall.munmap },
      { number: hostCall.mprotect },
      { number: hostCall.pwrite64, argument: { index: 0, values: [abi.MEMORY_FD] } },
      { number: hostCall.lseek, argument: { index: 0, values: [abi.RESULT_FD] } },
      { number: hostCall.clone, argument: { index: 0, values: [CLONE_THREAD] } },
      { number: hostCall.tgkill },
      { number: hostCall.gettid },
      { number: hostCall.exit_group },
      { number: hostCall.arch_prctl },
      { number: hostCall.sigaltstack },
      { number: hostCall.rt_sigprocmask },
      { number: hostCall.rt_sigreturn },
      { number: hostCall.seccomp },
    ],
    ERRNO_EPERM,
    elsewhere,
  );
}

/** What a stub's threads run under. */
export interface Filters {
  guest: Uint8Array;
  control: Uint8Array;
}

/** Guests' calls become signals. */
export const TRAPPING: Filters = { guest: guestFilter(TRAP), control: controlFilter(ERRNO_EPERM) };

/** Guests' calls are left to the notifying filter, which all threads have from the zygote: of two actions the stricter counts. */
export const NOTIFYING: Filters = { guest: guestFilter(ALLOW), control: controlFilter(ALLOW) };

/** Tells the listener of every call from outside the stub, and of the ringing of the kernel's bell. */
export function notifyingFilter(): Uint8Array {
  return encode([
    ...fromStub(NOTIFY),
    load(NUMBER),
    { code: CLASS.JMP | JUMP.JEQ, jt: 0, jf: 3, k: hostCall.futex },
    load(argument(0)),
    { code: CLASS.JMP | JUMP.JEQ, jt: 0, jf: 1, k: abi.KERNEL_BELL },
    give(NOTIFY),
    give(ALLOW),
  ]);
}

/** struct sock_fprog for a filter at `address`. */
export function filterHeader(length: number, address: number): Uint8Array {
  const header = Buffer.alloc(16);
  header.writeUInt16LE(length / 8, 0);
  header.writeUInt32LE(address, 8);
  return header;
}
