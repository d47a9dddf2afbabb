/** Sets of signals, actions, and what a signal tells. */
import * as codes from '../../../linux/siginfo.ts';
import { SIGNALS, signalName } from '../../../linux/signals.ts';
import type { UserMemory } from '../../memory/user-memory.ts';
import * as actions from '../../signals/actions.ts';
import { bitNames, hex, named, nameOf } from '../names.ts';
import type { Decode } from '../row.ts';
import { filled, given } from '../values.ts';

const ACTION_FLAGS = named(actions, 'SA_');
const SENDERS = named(codes, 'SI_');
const CHILD_CODES = named(codes, 'CLD_');
const FAULT_CODES = named(codes, 'SEGV_');
const MOST = 64;
const FIRST_REALTIME = 32;

/** `SIGTERM`, `SIGRTMIN`, `SIGRT_1` */
export function signalText(number: number): string {
  if (number === FIRST_REALTIME) return 'SIGRTMIN';
  if (number > FIRST_REALTIME && number <= MOST) return `SIGRT_${number - FIRST_REALTIME}`;
  return signalName(number) ?? `${number}`;
}

export const signal: Decode = (value) => signalText(value | 0);

/** `[INT CHLD]`, or what is missing where most are in it: `~[KILL]` */
export function setText(low: number, high: number): string {
  const has = (number: number) => ((number > 32 ? high >>> (number - 33) : low >>> (number - 1)) & 1) === 1;
  const all = Array.from({ length: MOST }, (_, index) => index + 1);
  const inside = all.filter(has);
  const inverted = inside.length > MOST / 2;
  const names = (inverted ? all.filter((number) => !has(number)) : inside).map((number) =>
    signalText(number).replace(/^SIG/, ''),
  );
  return `${inverted ? '~' : ''}[${names.join(' ')}]`;
}

export function showSet(memory: UserMemory, address: number): string {
  return setText(memory.readU32(address), memory.readU32(address + 4));
}

export const signalSet = given(showSet);
export const signalSetOut = filled(showSet);

/** struct sigaction of the kernel: handler, flags, restorer, mask. */
function showAction(memory: UserMemory, address: number): string {
  const handler = memory.readI64(address);
  const bits = memory.readU32(address + 8);
  const shown = ['SIG_DFL', 'SIG_IGN'][handler] ?? hex(handler);
  const mask = showSet(memory, address + 24);
  const flags = bitNames(ACTION_FLAGS, bits);
  const restorer = bits & actions.SA_RESTORER ? `, sa_restorer=${hex(memory.readI64(address + 16))}` : '';
  return `{sa_handler=${shown}, sa_mask=${mask}, sa_flags=${flags}${restorer}}`;
}

export const action = given(showAction);
export const actionOut = filled(showAction);

/** struct sigaltstack. */
export function showStack(memory: UserMemory, address: number): string {
  const flags = bitNames(
    [
      [1, 'SS_ONSTACK'],
      [2, 'SS_DISABLE'],
      [0x8000_0000, 'SS_AUTODISARM'],
    ],
    memory.readU32(address + 8),
  );
  return `{ss_sp=${hex(memory.readI64(address))}, ss_flags=${flags}, ss_size=${memory.readI64(address + 16)}}`;
}

export function signalInfoText(info: codes.SignalInfo): string {
  const fields = [`si_signo=${signalText(info.signal)}`, `si_code=${codeText(info)}`];
  if (info.address !== undefined) fields.push(`si_addr=${info.address === 0 ? 'NULL' : hex(info.address)}`);
  else if (info.code !== codes.SI_KERNEL) fields.push(`si_pid=${info.pid ?? 0}`, `si_uid=${info.uid ?? 0}`);
  if (info.signal === SIGNALS.SIGCHLD && info.code > 0) {
    const status = info.status ?? 0;
    fields.push(`si_status=${info.code === codes.CLD_EXITED ? status : signalText(status)}`);
    fields.push(`si_utime=${info.utime ?? 0}`, `si_stime=${info.stime ?? 0}`);
  }
  return `{${fields.join(', ')}}`;
}

function codeText({ signal: number, code, address }: codes.SignalInfo): string {
  if (number === SIGNALS.SIGCHLD && code > 0) return nameOf(CHILD_CODES, code);
  if (number === SIGNALS.SIGSEGV && address !== undefined && code < codes.SI_KERNEL)
    return nameOf(FAULT_CODES, code);
  return SENDERS.find(([value]) => value === code >>> 0)?.[1] ?? `${code}`;
}
