/** Our own terminal as the guest's: keys go in as they are, what it writes comes out, the size follows. */
import { isatty } from 'node:tty';
import { addon } from '../../../linux/addon.ts';
import type { WindowSize, Wire } from '../../../kernel/files/terminal/terminal.ts';
import type { GuestTerminal } from '../../../sandbox/guest/spec.ts';
import type { Guest } from '../../../sandbox/guest/run.ts';
import { terminalSize } from '../terminal.ts';

function windowSize(): WindowSize {
  return { ...terminalSize(), width: 0, height: 0 };
}

/** Writes lines to standard error, also where it is the terminal that the guest has. */
export function say(text: string): void {
  const raw = HostTerminal.isHere() && process.stdin.isRaw && isatty(2);
  process.stderr.write(raw ? text.replaceAll('\n', '\r\n') : text);
}

export class HostTerminal implements Wire {
  hasRoom = true;
  #guest: Guest | undefined;

  /** Asked of the descriptors: to look at `process.stdin` makes a pipe non-blocking, for whoever else holds it too. */
  static isHere(): boolean {
    return isatty(0) && isatty(1);
  }

  spec(): GuestTerminal {
    return { wire: this, size: windowSize(), descriptors: [0, 1, 2].filter((fd) => isatty(fd)) };
  }

  transmit(bytes: Buffer): void {
    if (process.stdout.write(bytes)) return;
    this.hasRoom = false;
    process.stdout.once('drain', () => {
      this.hasRoom = true;
      this.#guest?.terminal?.waiters.wake();
    });
  }

  /** Before the guest can write anything: the host's line discipline leaves all to the guest's. */
  enter(): void {
    process.stdin.setRawMode(true);
    addon().plainOutput(0);
  }

  connect(guest: Guest): void {
    this.#guest = guest;
    process.stdin.on('data', this.#keys);
    process.stdin.on('end', this.#gone);
    process.stdout.on('resize', this.#resize);
  }

  /** Also after a start that has failed. */
  leave(): void {
    process.stdin.off('data', this.#keys);
    process.stdin.off('end', this.#gone);
    process.stdout.off('resize', this.#resize);
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }

  readonly #keys = (data: Buffer): void => this.#guest?.terminal?.receive(data);
  readonly #resize = (): void => this.#guest?.terminal?.resize(windowSize());
  readonly #gone = (): void => this.#guest?.terminal?.hangUp(this.#guest.kernel);
}
