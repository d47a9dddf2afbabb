/** Our own terminal as the guest's: keys go in as they are, what it writes comes out, the size follows. */
import { isatty } from 'node:tty';
import type { Terminal, WindowSize, Wire } from '../../../kernel/files/terminal/terminal.ts';
import type { GuestTerminal } from '../../../sandbox/guest/spec.ts';
import type { Guest } from '../../../sandbox/guest/run.ts';
import { terminalSize } from '../terminal.ts';

function windowSize(): WindowSize {
  return { ...terminalSize(), width: 0, height: 0 };
}

export class HostTerminal implements Wire {
  readonly #guest: () => Terminal | undefined;
  hasRoom = true;

  /** @param guest the terminal at the other end, once there is one */
  constructor(guest: () => Terminal | undefined) {
    this.#guest = guest;
  }

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
      this.#guest()?.waiters.wake();
    });
  }

  /** Until the returned function is called. */
  connect(guest: Guest): () => void {
    const { stdin, stdout } = process;
    const keys = (data: Buffer): void => guest.terminal!.receive(data);
    const resize = (): void => guest.terminal!.resize(windowSize());
    const gone = (): void => guest.terminal!.hangUp(guest.kernel);
    stdin.setRawMode(true);
    stdin.on('data', keys);
    stdin.on('end', gone);
    stdout.on('resize', resize);
    return () => {
      stdin.off('data', keys);
      stdin.off('end', gone);
      stdout.off('resize', resize);
      stdin.setRawMode(false);
      stdin.pause();
    };
  }
}
