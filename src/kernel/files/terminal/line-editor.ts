/** The line that is being typed in canonical mode, with what is echoed for it (termios(3), "Canonical mode"). */
import { ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, IUTF8 } from '../../../linux/termios.ts';
import type { Termios } from './termios.ts';

const TAB = 9;
const NEWLINE = 10;
/** What a line holds at most without its end (N_TTY_BUF_SIZE, drivers/tty/n_tty.c). */
const LONGEST_LINE = 4095;

/** Sends bytes to whoever looks at the terminal. */
export type Echo = (bytes: Buffer) => void;

/** ^X for control characters, as ECHOCTL wants it. */
export function shown(byte: number, termios: Termios): Buffer {
  const control = (byte < 32 && byte !== TAB && byte !== NEWLINE) || byte === 127;
  if (!control || (termios.local & ECHOCTL) === 0) return Buffer.of(byte);
  return Buffer.of(0x5e, byte ^ 0x40);
}

export class LineEditor {
  #bytes: number[] = [];
  readonly #echo: Echo;
  /** Where the line begins on the screen; for erasing tabs. */
  #start = 0;

  constructor(echo: Echo) {
    this.#echo = echo;
  }

  get empty(): boolean {
    return this.#bytes.length === 0;
  }

  /** @param column of the cursor @returns false when the line is full */
  add(byte: number, termios: Termios, column: number): boolean {
    if (this.#bytes.length >= LONGEST_LINE) return false;
    if (this.#bytes.length === 0) this.#start = column;
    this.#bytes.push(byte);
    if ((termios.local & ECHO) !== 0) this.#echo(shown(byte, termios));
    return true;
  }

  /** The line is done. @param end the byte that ends it and belongs to it, -1: none */
  take(end = -1): Buffer {
    const line = Buffer.from(end < 0 ? this.#bytes : [...this.#bytes, end]);
    this.#bytes = [];
    return line;
  }

  clear(): void {
    this.#bytes = [];
  }

  /** VERASE: the last character goes, all bytes of it. */
  erase(termios: Termios): void {
    if (this.#bytes.length === 0) return;
    const from = this.#lastCharacter(termios);
    this.#eraseTo(from, termios);
  }

  /** VWERASE: blanks, and the word before them. */
  eraseWord(termios: Termios): void {
    let from = this.#bytes.length;
    while (from > 0 && !isWord(this.#bytes[from - 1]!)) from--;
    while (from > 0 && isWord(this.#bytes[from - 1]!)) from--;
    this.#eraseTo(from, termios);
  }

  /** VKILL: the whole line. */
  kill(termios: Termios): void {
    const { local, characters } = termios;
    if ((local & ECHO) !== 0 && (local & (ECHOKE | ECHOE)) !== (ECHOKE | ECHOE)) {
      this.#echo(shown(characters[3]!, termios));
      if ((local & ECHOK) !== 0) this.#echo(Buffer.of(NEWLINE));
      this.#bytes = [];
    } else this.#eraseTo(0, termios);
  }

  /** VREPRINT: the line again on a new line. */
  reprint(termios: Termios): void {
    this.#start = 0;
    this.#echo(Buffer.concat([Buffer.of(NEWLINE), ...this.#bytes.map((byte) => shown(byte, termios))]));
  }

  #lastCharacter({ input }: Termios): number {
    let from = this.#bytes.length - 1;
    if ((input & IUTF8) === 0) return from;
    while (from > 0 && (this.#bytes[from]! & 0xc0) === 0x80) from--;
    return from;
  }

  #eraseTo(from: number, termios: Termios): void {
    const { local, characters } = termios;
    const before = this.#width(this.#bytes.length, termios);
    const count = this.#bytes.length - from;
    this.#bytes.length = from;
    if (count === 0 || (local & ECHO) === 0) return;
    if ((local & ECHOE) === 0) return this.#echo(shown(characters[2]!, termios));
    const gone = before - this.#width(from, termios);
    this.#echo(Buffer.from('\b \b'.repeat(Math.max(0, gone)), 'latin1'));
  }

  /** Columns that the first bytes of the line take on the screen. */
  #width(count: number, termios: Termios): number {
    let column = this.#start;
    for (let index = 0; index < count; index++) {
      const byte = this.#bytes[index]!;
      if (byte === TAB) column += 8 - (column & 7);
      else if (byte >= 32 && byte !== 127)
        column += (byte & 0xc0) === 0x80 && (termios.input & IUTF8) !== 0 ? 0 : 1;
      else if ((termios.local & ECHOCTL) !== 0) column += 2;
    }
    return column - this.#start;
  }
}

function isWord(byte: number): boolean {
  return byte === 0x5f || byte >= 0x80 || /[0-9A-Za-z]/.test(String.fromCharCode(byte));
}
