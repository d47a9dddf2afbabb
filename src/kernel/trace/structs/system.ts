/** struct utsname, sysinfo, winsize, termios, flock and statfs. */
import { FLOCK } from '../../../linux/fcntl.ts';
import * as bits from '../../../linux/termios.ts';
import type { UserMemory } from '../../memory/user-memory.ts';
import { bitNames, counted, named, nameOf } from '../names.ts';
import { quote } from '../quote.ts';
import { filled, given } from '../values.ts';

const UTSNAME = 65;

export const utsname = filled((memory, address) => {
  const field = (index: number) => quote(memory.readString(address + index * UTSNAME, UTSNAME));
  return `{sysname=${field(0)}, nodename=${field(1)}, ...}`;
});

export const sysinfo = filled((memory, address) => {
  const [uptime, total, free] = [0, 32, 40].map((at) => memory.readI64(address + at));
  return `{uptime=${uptime}, totalram=${total}, freeram=${free}, ...}`;
});

function showSize(memory: UserMemory, address: number): string {
  const [rows, columns, width, height] = [0, 2, 4, 6].map((at) => memory.readU16(address + at));
  return `{ws_row=${rows}, ws_col=${columns}, ws_xpixel=${width}, ws_ypixel=${height}}`;
}

export const windowSize = given(showSize);
export const windowSizeOut = filled(showSize);

const { ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP, IEXTEN } = bits;
const LOCAL = named({ ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP, IEXTEN }, '');

/** Only what decides how it behaves: the local flags. */
function showTermios(memory: UserMemory, address: number): string {
  const local = bitNames(LOCAL, memory.readU32(address + bits.TERMIOS.local) & KNOWN_LOCAL);
  return `{c_lflag=${local}, ...}`;
}

const KNOWN_LOCAL = LOCAL.reduce((all, [bit]) => all | bit, 0);

export const termios = given(showTermios);
export const termiosOut = filled(showTermios);

const LOCKS = counted('F_RDLCK', 'F_WRLCK', 'F_UNLCK');
const WHENCE = counted('SEEK_SET', 'SEEK_CUR', 'SEEK_END');

function showLock(memory: UserMemory, address: number): string {
  const type = nameOf(LOCKS, memory.readU16(address + FLOCK.type));
  const whence = nameOf(WHENCE, memory.readU16(address + FLOCK.whence));
  const start = memory.readI64(address + FLOCK.start);
  const length = memory.readI64(address + FLOCK.length);
  return `{l_type=${type}, l_whence=${whence}, l_start=${start}, l_len=${length}}`;
}

export const lock = given(showLock);
export const lockOut = filled(showLock);

export const statfs = filled((memory, address) => {
  const [type, blockSize, blocks] = [0, 8, 16].map((at) => memory.readI64(address + at));
  return `{f_type=0x${type!.toString(16)}, f_bsize=${blockSize}, f_blocks=${blocks}, ...}`;
});
