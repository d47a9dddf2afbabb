/** Terminals (termios(3)), numbers and layouts as x86-64 and arm64 share them (asm-generic/termbits.h). */
// prettier-ignore
export const {
  IGNBRK, BRKINT, ISTRIP, INLCR, IGNCR, ICRNL, IXON, IXANY, IXOFF, IMAXBEL, IUTF8,
} = {
  IGNBRK: 0o1, BRKINT: 0o2, ISTRIP: 0o40, INLCR: 0o100, IGNCR: 0o200, ICRNL: 0o400, IXON: 0o2000, IXANY: 0o4000,
  IXOFF: 0o10000, IMAXBEL: 0o20000, IUTF8: 0o40000,
} as const;

// prettier-ignore
export const { OPOST, ONLCR, OCRNL, ONOCR, ONLRET, TABDLY, XTABS } = {
  OPOST: 0o1, ONLCR: 0o4, OCRNL: 0o10, ONOCR: 0o20, ONLRET: 0o40, TABDLY: 0o14000, XTABS: 0o14000,
} as const;

export const CS8 = 0o60;
export const CREAD = 0o200;
export const HUPCL = 0o2000;
export const B38400 = 0o17;

// prettier-ignore
export const {
  ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP, ECHOCTL, ECHOPRT, ECHOKE, IEXTEN,
} = {
  ISIG: 0o1, ICANON: 0o2, ECHO: 0o10, ECHOE: 0o20, ECHOK: 0o40, ECHONL: 0o100, NOFLSH: 0o200, TOSTOP: 0o400,
  ECHOCTL: 0o1000, ECHOPRT: 0o2000, ECHOKE: 0o4000, IEXTEN: 0o100000,
} as const;

/** Places in c_cc. */
// prettier-ignore
export const {
  VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP, VSUSP, VEOL, VREPRINT, VDISCARD, VWERASE,
  VLNEXT, VEOL2,
} = {
  VINTR: 0, VQUIT: 1, VERASE: 2, VKILL: 3, VEOF: 4, VTIME: 5, VMIN: 6, VSWTC: 7, VSTART: 8, VSTOP: 9, VSUSP: 10,
  VEOL: 11, VREPRINT: 12, VDISCARD: 13, VWERASE: 14, VLNEXT: 15, VEOL2: 16,
} as const;

export const NCCS = 19;

/** struct termios of TCGETS, and struct termios2 of TCGETS2, which goes on with two speeds. */
export const TERMIOS = {
  size: 36,
  input: 0,
  output: 4,
  control: 8,
  local: 12,
  line: 16,
  characters: 17,
  size2: 44,
  inputSpeed: 36,
  outputSpeed: 40,
} as const;

/** struct winsize. */
export const WINSIZE = { size: 8, rows: 0, columns: 2, width: 4, height: 6 } as const;

/** tcflush(3), tcflow(3). */
export const TCIFLUSH = 0;
export const TCOFLUSH = 1;
export const TCIOFLUSH = 2;
export const TCOOFF = 0;
export const TCOON = 1;
