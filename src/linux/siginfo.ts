/** What a signal tells its receiver (sigaction(2), siginfo_t), and its 128 bytes on 64-bit architectures. */
import { SIGNALS } from './signals.ts';

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_TKILL = -6;

export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;
export const CLD_STOPPED = 5;
export const CLD_CONTINUED = 6;

export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;

export const SIGINFO_SIZE = 128;

export interface SignalInfo {
  signal: number;
  code: number;
  errno?: number;
  /** Of the sender, or of the child that has changed. */
  pid?: number;
  uid?: number;
  /** SIGCHLD: exit status or signal, and clock ticks. */
  status?: number;
  utime?: number;
  stime?: number;
  /** si_value in halves, so that pointers survive. */
  value?: { readonly low: number; readonly high: number };
  /** POSIX timers: si_timerid, and si_overrun, which is read at delivery. */
  timer?: { readonly id: number; takeOverrun(): number };
  /** SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP. */
  address?: number;
  /** SIGIO. */
  band?: number;
  fd?: number;
  /** The same object is not queued twice. */
  source?: object;
  /** All 128 bytes, as rt_sigqueueinfo(2) was given them. */
  raw?: Buffer;
}

const FAULTS: readonly number[] = [
  SIGNALS.SIGSEGV,
  SIGNALS.SIGBUS,
  SIGNALS.SIGILL,
  SIGNALS.SIGFPE,
  SIGNALS.SIGTRAP,
];

function write64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value >>> 0, at);
  bytes.writeInt32LE(Math.floor(value / 2 ** 32) | 0, at + 4);
}

function encodeChild(bytes: Buffer, info: SignalInfo): void {
  bytes.writeInt32LE(info.status ?? 0, 24);
  write64(bytes, info.utime ?? 0, 32);
  write64(bytes, info.stime ?? 0, 40);
}

/** @param bytes 128 zero bytes */
export function encodeSignalInfo(info: SignalInfo, bytes: Buffer = Buffer.alloc(SIGINFO_SIZE)): Buffer {
  if (info.raw) info.raw.copy(bytes);
  bytes.writeInt32LE(info.signal, 0);
  bytes.writeInt32LE(info.errno ?? 0, 4);
  bytes.writeInt32LE(info.code, 8);
  if (info.raw) return bytes;
  if (
    info.address !== undefined ||
    (FAULTS.includes(info.signal) && info.code > 0 && info.code < SI_KERNEL)
  ) {
    write64(bytes, info.address ?? 0, 16);
    return bytes;
  }
  if (info.band !== undefined) {
    write64(bytes, info.band, 16);
    bytes.writeInt32LE(info.fd ?? 0, 24);
    return bytes;
  }
  bytes.writeInt32LE(info.timer?.id ?? info.pid ?? 0, 16);
  bytes.writeInt32LE((info.timer?.takeOverrun() ?? info.uid ?? 0) | 0, 20);
  if (info.signal === SIGNALS.SIGCHLD && info.code > 0) encodeChild(bytes, info);
  else if (info.value) {
    bytes.writeInt32LE(info.value.low | 0, 24);
    bytes.writeInt32LE(info.value.high | 0, 28);
  }
  return bytes;
}

/** What a guest has given to rt_sigqueueinfo(2). The bytes are kept as they are; the fields are for readers here. */
export function decodeSignalInfo(bytes: Buffer): SignalInfo {
  return {
    signal: bytes.readInt32LE(0),
    errno: bytes.readInt32LE(4),
    code: bytes.readInt32LE(8),
    pid: bytes.readInt32LE(16),
    uid: bytes.readUInt32LE(20),
    value: { low: bytes.readInt32LE(24), high: bytes.readInt32LE(28) },
    raw: bytes,
  };
}
