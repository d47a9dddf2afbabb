/** struct seccomp_notif (seccomp_unotify(2)) as 32-bit words, the low half of a 64-bit field first. */
import { addon } from '../../linux/addon.ts';
import { AUDIT_ARCHITECTURES } from '../../linux/architectures.ts';
import { hostCall } from '../host-calls.ts';

const abi = addon().stub;
const HIGH = 0x1_0000_0000;

export const NOTIFICATION_WORDS = 20;
const ID = 0;
const PID = 2;
const NUMBER = 4;
const ARCHITECTURE = 5;
const POINTER = 6;
const ARGS = 8;
/** Where the stub puts what it proves its identity with: the last argument. */
const TOKEN = 5;

export const idLowOf = (words: Int32Array): number => words[ID]!;
export const idHighOf = (words: Int32Array): number => words[ID + 1]!;
/** The thread, by its id in our pid namespace: the host's word. */
export const pidOf = (words: Int32Array): number => words[PID]!;

function argument(words: Int32Array, index: number): number {
  const at = ARGS + 2 * index;
  return words[at + 1]! * HIGH + (words[at]! >>> 0);
}

export const tokenOf = (words: Int32Array): number => argument(words, TOKEN);

/** Is it the stub's way to say that there is something in its context? */
export function isRing(words: Int32Array): boolean {
  return (
    words[NUMBER] === hostCall.futex &&
    words[POINTER + 1] === 0 &&
    words[POINTER]! >= abi.STUB &&
    words[POINTER]! <= abi.STUB_END &&
    argument(words, 0) === abi.KERNEL_BELL
  );
}

/** Number of the call, whose arguments go into `args`; -1, which is no call, for those of another architecture. */
export function readCall(words: Int32Array, args: Float64Array): number {
  for (let index = 0; index < 6; index++) args[index] = argument(words, index);
  return words[ARCHITECTURE] === NATIVE ? words[NUMBER]! : -1;
}

const NATIVE = AUDIT_ARCHITECTURES['x86-64'] | 0;
