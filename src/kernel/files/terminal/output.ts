/** What a terminal makes of written bytes (termios(3), c_oflag), and where its cursor stands. */
import { OCRNL, ONLCR, ONLRET, ONOCR, OPOST, TABDLY, XTABS } from '../../../linux/termios.ts';
import type { Termios } from './termios.ts';

const BACKSPACE = 8;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;

export class OutputProcessor {
  /** Where the next character goes, from 0: for tabs, and for erasing them. */
  column = 0;

  /** @returns the bytes for the wire: `bytes` itself where nothing is to be changed */
  process(bytes: Buffer, termios: Termios): Buffer {
    if ((termios.output & OPOST) === 0) return bytes;
    const out: number[] = [];
    for (const byte of bytes) this.#put(byte, termios.output, out);
    return Buffer.from(out);
  }

  #put(byte: number, flags: number, out: number[]): void {
    switch (byte) {
      case NEWLINE:
        if ((flags & ONLRET) !== 0) this.column = 0;
        if ((flags & ONLCR) !== 0) {
          this.column = 0;
          out.push(RETURN);
        }
        out.push(NEWLINE);
        return;
      case RETURN:
        return this.#return(flags, out);
      case TAB: {
        const spaces = 8 - (this.column & 7);
        this.column += spaces;
        if ((flags & TABDLY) !== XTABS) out.push(TAB);
        else for (let count = 0; count < spaces; count++) out.push(32);
        return;
      }
      case BACKSPACE:
        if (this.column > 0) this.column--;
        break;
      default:
        // Control characters and the later bytes of a UTF-8 character take no place.
        if (byte >= 32 && (byte & 0xc0) !== 0x80) this.column++;
    }
    out.push(byte);
  }

  #return(flags: number, out: number[]): void {
    if ((flags & ONOCR) !== 0 && this.column === 0) return;
    if ((flags & OCRNL) !== 0) {
      if ((flags & ONLRET) !== 0) this.column = 0;
      out.push(NEWLINE);
      return;
    }
    this.column = 0;
    out.push(RETURN);
  }
}
