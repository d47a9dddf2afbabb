/** The settings of a terminal (termios(3)), read from and written to guests. */
import {
  B38400,
  CREAD,
  CS8,
  ECHO,
  ECHOCTL,
  ECHOE,
  ECHOK,
  ECHOKE,
  HUPCL,
  ICANON,
  ICRNL,
  IEXTEN,
  ISIG,
  IXON,
  NCCS,
  ONLCR,
  OPOST,
  TERMIOS,
} from '../../../linux/termios.ts';
import type { UserMemory } from '../../memory/user-memory.ts';

export interface Termios {
  /** c_iflag, c_oflag, c_cflag, c_lflag, c_line. */
  input: number;
  output: number;
  control: number;
  local: number;
  line: number;
  /** c_cc. */
  characters: Uint8Array;
  speed: number;
}

/** ^C ^\ DEL ^U ^D 0 1 0 ^Q ^S ^Z 0 ^R ^O ^W ^V 0 (INIT_C_CC, asm-generic/termios.h). */
const CHARACTERS = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];

/** What a new terminal has (tty_std_termios, drivers/tty/tty_io.c). */
export function standardTermios(): Termios {
  return {
    input: ICRNL | IXON,
    output: OPOST | ONLCR,
    control: B38400 | CS8 | CREAD | HUPCL,
    local: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    line: 0,
    characters: Uint8Array.from(CHARACTERS),
    speed: 38_400,
  };
}

/** @param two struct termios2 */
export function readTermios(memory: UserMemory, address: number, two: boolean, old: Termios): Termios {
  const bytes = memory.readBytes(address, two ? TERMIOS.size2 : TERMIOS.size);
  return {
    input: bytes.readUInt32LE(TERMIOS.input),
    output: bytes.readUInt32LE(TERMIOS.output),
    control: bytes.readUInt32LE(TERMIOS.control),
    local: bytes.readUInt32LE(TERMIOS.local),
    line: 0,
    characters: Uint8Array.from(bytes.subarray(TERMIOS.characters, TERMIOS.characters + NCCS)),
    speed: two ? bytes.readUInt32LE(TERMIOS.outputSpeed) : old.speed,
  };
}

export function writeTermios(memory: UserMemory, address: number, two: boolean, termios: Termios): void {
  const bytes = Buffer.alloc(two ? TERMIOS.size2 : TERMIOS.size);
  bytes.writeUInt32LE(termios.input, TERMIOS.input);
  bytes.writeUInt32LE(termios.output, TERMIOS.output);
  bytes.writeUInt32LE(termios.control, TERMIOS.control);
  bytes.writeUInt32LE(termios.local, TERMIOS.local);
  bytes.writeUInt8(termios.line, TERMIOS.line);
  bytes.set(termios.characters, TERMIOS.characters);
  if (two) {
    bytes.writeUInt32LE(termios.speed, TERMIOS.inputSpeed);
    bytes.writeUInt32LE(termios.speed, TERMIOS.outputSpeed);
  }
  memory.writeBytes(address, bytes);
}
