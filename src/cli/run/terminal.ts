/** Our terminal and the command's own pty: keys go in, output comes out, the size follows. */
import { constants } from 'node:os';
import { ReadStream } from 'node:tty';
import type { Child } from '../../confine/child.ts';
import { addon } from '../../linux/addon.ts';
import type { SignalRelay } from './signals.ts';

/** What the line discipline turns into signals by default (termios(3), VINTR and VQUIT). */
const KEYS: Record<number, NodeJS.Signals> = { 0x03: 'SIGINT', 0x1c: 'SIGQUIT' };

export function terminalSize(): { rows: number; columns: number } {
  return { rows: process.stdout.rows || 24, columns: process.stdout.columns || 80 };
}

/** Connects both until the command's side is closed; the returned promise resolves when all output has been shown. */
export function relayTerminal(child: Child, relay: SignalRelay): Promise<void> {
  const master = child.terminal!;
  const pty = new ReadStream(master);
  const { stdin, stdout } = process;
  stdin.setRawMode(true);

  const keys = (data: Buffer): void => {
    pty.write(data);
    const signal = data.length === 1 ? KEYS[data[0]!] : undefined;
    // The kernel sends it to the foreground group; to a pid 1 without a handler it would be lost.
    if (signal && addon().foregroundGroup(master) === child.pid) relay.send(signal);
  };
  const resize = (): void => {
    const { rows, columns } = terminalSize();
    addon().setWindowSize(master, rows, columns);
  };
  stdin.on('data', keys);
  stdout.on('resize', resize);
  pty.on('data', (data) => stdout.write(data));

  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('data', keys);
      stdout.off('resize', resize);
      stdin.setRawMode(false);
      stdin.pause();
      stdin.unref();
      resolve();
    };
    pty.once('close', done);
    // Reading a pty whose other side nobody holds any more fails with EIO: that is its end of file (pty(7)).
    pty.on('error', (error: NodeJS.ErrnoException) => {
      if (error.errno !== -constants.errno.EIO) process.stderr.write(`ring3: terminal: ${error.message}\n`);
      pty.destroy();
    });
    pty.once('end', () => pty.destroy());
  });
}
