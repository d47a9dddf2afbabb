/**
 * From keys to what a program reads, and from what it writes to the screen (termios(3); Linux: drivers/tty/n_tty.c). In
 * canonical mode programs get whole lines, edited; in raw mode bytes as they come.
 */
import { EAGAIN } from '../../../linux/errno.ts';
import { SIGNALS } from '../../../linux/signals.ts';
import {
  ECHO,
  ECHONL,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  IMAXBEL,
  INLCR,
  ISIG,
  ISTRIP,
  IXANY,
  IXON,
  NOFLSH,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VTIME,
  VWERASE,
} from '../../../linux/termios.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import { LineEditor, shown } from './line-editor.ts';
import { OutputProcessor } from './output.ts';
import { standardTermios, type Termios } from './termios.ts';

const NEWLINE = 10;
const RETURN = 13;
const BELL = 7;
/** Bytes that wait to be read at most; keys beyond are lost. */
const MOST_INPUT = 65_536;

/** What the line discipline needs of the terminal that it belongs to. */
export interface Line {
  /** Sends bytes to the screen; what there is no room for is lost. */
  transmit(bytes: Buffer): void;
  /** A key asks for a signal to the foreground group (ISIG). */
  signal(signal: number): void;
  /** There is something new to read. */
  readable(): void;
  /** Output may go on (^Q). */
  writable(): void;
}

export class LineDiscipline {
  termios: Termios = standardTermios();
  /** ^S: nothing is written. */
  stopped = false;
  readonly #line: Line;
  readonly #output = new OutputProcessor();
  readonly #editor: LineEditor;
  /** Lines in canonical mode, an empty one for the end of the file; anything in raw mode. */
  #ready: Buffer[] = [];
  #readyBytes = 0;
  /** VLNEXT: the next byte means itself. */
  #literal = false;

  constructor(line: Line) {
    this.#line = line;
    this.#editor = new LineEditor((bytes) => this.#echo(bytes));
  }

  get canonical(): boolean {
    return (this.termios.local & ICANON) !== 0;
  }

  /** Bytes that a read would get (FIONREAD). */
  get available(): number {
    return this.canonical ? (this.#ready[0]?.length ?? 0) : this.#readyBytes;
  }

  get hasInput(): boolean {
    if (this.canonical) return this.#ready.length > 0;
    const { characters } = this.termios;
    const least = characters[VTIME] === 0 && characters[VMIN]! > 0 ? characters[VMIN]! : 1;
    return this.#readyBytes >= least;
  }

  /** How much of what is typed there is room for. */
  get room(): number {
    return Math.max(0, MOST_INPUT - this.#readyBytes);
  }

  setTermios(termios: Termios): void {
    const wasCanonical = this.canonical;
    this.termios = termios;
    if (wasCanonical && !this.canonical && !this.#editor.empty) this.#push(this.#editor.take());
    if ((termios.input & IXON) === 0) this.#start();
    this.#line.readable();
  }

  /** Bytes come in from the keyboard. */
  receive(bytes: Buffer): void {
    if (
      (this.termios.local & (ICANON | ECHO | ISIG | IEXTEN)) === 0 &&
      (this.termios.input & SPECIAL) === 0
    ) {
      // Fully raw: no byte means anything but itself.
      if (this.room > 0) this.#push(Buffer.from(bytes.subarray(0, this.room)));
    } else {
      const raw: number[] = [];
      for (const byte of bytes) this.#key(byte, raw);
      if (raw.length > 0) this.#push(Buffer.from(raw));
    }
    this.#line.readable();
  }

  /** @param raw collects what goes to a raw reader */
  #key(typed: number, raw: number[]): void {
    const { input } = this.termios;
    let byte = (input & ISTRIP) !== 0 ? typed & 0x7f : typed;
    if (this.#literal) {
      this.#literal = false;
      return this.#plain(byte, raw);
    }
    if (this.#flow(byte) || this.#signalKey(byte)) return;
    if (byte === RETURN) {
      if ((input & IGNCR) !== 0) return;
      if ((input & ICRNL) !== 0) byte = NEWLINE;
    } else if (byte === NEWLINE && (input & INLCR) !== 0) byte = RETURN;
    if (!this.canonical || !this.#edit(byte)) this.#plain(byte, raw);
  }

  #is(byte: number, which: number): boolean {
    const character = this.termios.characters[which]!;
    return character !== 0 && character === byte;
  }

  /** IXON: ^S and ^Q. */
  #flow(byte: number): boolean {
    if ((this.termios.input & IXON) === 0) return false;
    if (this.#is(byte, VSTART)) {
      this.#start();
      return true;
    }
    if (this.#is(byte, VSTOP)) {
      this.stopped = true;
      return true;
    }
    if (this.stopped && (this.termios.input & IXANY) !== 0) this.#start();
    return false;
  }

  #start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.#line.writable();
  }

  #signalKey(byte: number): boolean {
    const { local } = this.termios;
    if ((local & ISIG) === 0) return false;
    const signal = this.#is(byte, VINTR)
      ? SIGNALS.SIGINT
      : this.#is(byte, VQUIT)
        ? SIGNALS.SIGQUIT
        : this.#is(byte, VSUSP)
          ? SIGNALS.SIGTSTP
          : 0;
    if (signal === 0) return false;
    if ((local & NOFLSH) === 0) this.flushInput();
    this.#start();
    if ((local & ECHO) !== 0) this.#echo(shown(byte, this.termios));
    this.#line.signal(signal);
    return true;
  }

  /** Keys that edit or end a line. @returns whether it was one */
  #edit(byte: number): boolean {
    const { termios } = this;
    const { local } = termios;
    const extended = (local & IEXTEN) !== 0;
    if (this.#is(byte, VERASE)) this.#editor.erase(termios);
    else if (this.#is(byte, VKILL)) this.#editor.kill(termios);
    else if (extended && this.#is(byte, VWERASE)) this.#editor.eraseWord(termios);
    else if (extended && this.#is(byte, VREPRINT)) this.#editor.reprint(termios);
    else if (extended && this.#is(byte, VLNEXT)) {
      this.#literal = true;
      if ((local & ECHO) !== 0) this.#echo(Buffer.from('^\b'));
    } else if (this.#is(byte, VEOF)) this.#push(this.#editor.take());
    else if (byte === NEWLINE || this.#is(byte, VEOL) || (extended && this.#is(byte, VEOL2))) {
      if ((local & ECHO) !== 0 || (byte === NEWLINE && (local & ECHONL) !== 0)) {
        this.#echo(shown(byte, termios));
      }
      this.#push(this.#editor.take(byte));
    } else return false;
    return true;
  }

  /** A byte that means itself. */
  #plain(byte: number, raw: number[]): void {
    const { termios } = this;
    if (this.canonical) {
      const full = this.room === 0 || !this.#editor.add(byte, termios, this.#output.column);
      if (full && (termios.input & IMAXBEL) !== 0) this.#line.transmit(Buffer.of(BELL));
      return;
    }
    if (raw.length >= this.room) return;
    raw.push(byte);
    if ((termios.local & ECHO) !== 0) this.#echo(shown(byte, termios));
  }

  #push(bytes: Buffer): void {
    this.#ready.push(bytes);
    this.#readyBytes += bytes.length;
  }

  #echo(bytes: Buffer): void {
    this.#line.transmit(this.#output.process(bytes, this.termios));
  }

  /** What a program has written, on its way to the screen. */
  write(bytes: Buffer): void {
    this.#echo(bytes);
  }

  /** @returns bytes moved, 0 at an end of file, or -EAGAIN when there is nothing */
  read(io: IoVector): number {
    const before = io.moved;
    for (let first = this.#ready[0]; first; first = this.#ready[0]) {
      const moved = io.put(first);
      this.#readyBytes -= moved;
      if (moved < first.length) {
        this.#ready[0] = first.subarray(moved);
        return io.moved - before;
      }
      this.#ready.shift();
      if (this.canonical || io.remaining === 0) return io.moved - before;
    }
    return io.moved > before ? io.moved - before : -EAGAIN;
  }

  flushInput(): void {
    this.#ready = [];
    this.#readyBytes = 0;
    this.#editor.clear();
    this.#literal = false;
  }
}

/** Input flags that give some byte a meaning. */
const SPECIAL = ISTRIP | INLCR | IGNCR | ICRNL | IXON;
