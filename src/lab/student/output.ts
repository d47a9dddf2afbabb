/** What a submission prints: kept in part, counted in whole. */
import type { Readable } from 'node:stream';

const KEPT = 4096;

export class Output {
  private kept = '';
  private total = 0;

  /** `onFlood` is called once when more than `limit` bytes have come. */
  constructor(streams: Readable[], limit: number, onFlood: () => void) {
    for (const stream of streams) {
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => {
        const before = this.total;
        this.total += chunk.length;
        if (this.total > limit && before <= limit) onFlood();
        if (this.total <= limit) this.kept = (this.kept + chunk.toString('utf8')).slice(-KEPT);
      });
    }
  }

  take(): string {
    const text = this.kept;
    this.kept = '';
    return text;
  }

  lastLine(): string {
    const lines = this.kept.split('\n').filter((line) => line.trim());
    const error = lines.find((line) => /^\w*Error: |FATAL ERROR/.test(line));
    return (error ?? lines.at(-1) ?? '').slice(0, 200);
  }
}
