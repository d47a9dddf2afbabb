/** The machine, terminals, chance. */
import * as requests from '../../../linux/ioctls.ts';
import { flags, named, nameOf } from '../names.ts';
import { late, type Decode, type TraceFamily } from '../row.ts';
import { sysinfo, termios, termiosOut, utsname, windowSize, windowSizeOut } from '../structs/system.ts';
import { hexadecimal, integer, integerOut, pointer, randomOutput, size, text } from '../values.ts';

const REQUESTS = named(requests, '');
const GRND = flags(named({ GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 }, ''));

const request: Decode = (value) => nameOf(REQUESTS, value >>> 0);

const {
  TCGETS,
  TCGETS2,
  TCSETS,
  TCSETSW,
  TCSETSF,
  TCSETS2,
  TIOCGWINSZ,
  TIOCSWINSZ,
  TIOCGPGRP,
  TIOCSPGRP,
  FIONREAD,
  FIONBIO,
  TIOCGSID,
  TIOCGPTN,
} = requests;

const ARGUMENTS: ReadonlyMap<number, Decode> = new Map<number, Decode>([
  ...[TCGETS, TCGETS2].map((number) => [number, termiosOut.late] as const),
  ...[TCSETS, TCSETSW, TCSETSF, TCSETS2].map((number) => [number, termios] as const),
  [TIOCGWINSZ, windowSizeOut.late],
  [TIOCSWINSZ, windowSize],
  ...[TIOCGPGRP, TIOCSPGRP, FIONREAD, FIONBIO, TIOCGSID, TIOCGPTN].map(
    (number) => [number, integerOut.late] as const,
  ),
]);

const argument = late((value, call) => (ARGUMENTS.get(call.args[1]! >>> 0) ?? pointer)(value, call));

export const system: TraceFamily = {
  ioctl: [integer, request, argument],
  uname: [utsname],
  sysinfo: [sysinfo],
  getrandom: [randomOutput, size, GRND],
  getcpu: [integerOut, integerOut, pointer],
  sethostname: [text, size],
  setdomainname: [text, size],
  seccomp: [integer, hexadecimal, pointer],
  syslog: [integer, pointer, integer],
};
