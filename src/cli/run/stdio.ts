/** The command's standard streams where they are not simply ours. */
import { finished } from 'node:stream/promises';
import type { Child } from '../../confine/child.ts';

/** Resolves when everything that the command has written is written. */
export async function relayOutput(child: Child): Promise<void> {
  if (child.stdin) {
    process.stdin.pipe(child.stdin);
    void child.exited.finally(() => {
      process.stdin.unpipe();
      process.stdin.pause();
      process.stdin.unref();
    });
  }
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== undefined);
  await Promise.all(streams.map((stream) => finished(stream)));
}
