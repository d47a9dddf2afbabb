/** What the shim tells us (struct Report of native/spawn/plan.h), cut out of a stream of bytes. */
import type { Layout } from '../linux/addon.ts';
import type { Usage } from './child.ts';

export interface Report {
  kind: number;
  pid: number;
  status: number;
  error: number;
  step: number;
  usage: Usage;
  where: string;
}

export class ReportReader {
  readonly #layout: Layout['report'];
  #rest: Buffer = Buffer.alloc(0);

  constructor(layout: Layout) {
    this.#layout = layout.report;
  }

  *push(data: Buffer): Generator<Report> {
    const { size } = this.#layout;
    let bytes = Buffer.concat([this.#rest, data]);
    for (; bytes.length >= size; bytes = bytes.subarray(size)) yield this.#parse(bytes);
    this.#rest = bytes;
  }

  #parse(bytes: Buffer): Report {
    const abi = this.#layout;
    const where = bytes.subarray(abi.where, abi.where + abi.whereSize);
    return {
      kind: bytes.readUInt32LE(abi.kind),
      pid: bytes.readInt32LE(abi.pid),
      status: bytes.readInt32LE(abi.status),
      error: bytes.readInt32LE(abi.error),
      step: bytes.readInt32LE(abi.step),
      usage: {
        userMicroseconds: Number(bytes.readBigUInt64LE(abi.user_us)),
        systemMicroseconds: Number(bytes.readBigUInt64LE(abi.system_us)),
        maxRssKib: Number(bytes.readBigUInt64LE(abi.max_rss_kib)),
      },
      where: where.toString('utf8', 0, Math.max(0, where.indexOf(0))),
    };
  }
}
