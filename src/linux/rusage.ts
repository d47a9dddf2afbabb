/** struct rusage of 64-bit architectures (getrusage(2)). */
export const RUSAGE_SIZE = 144;

export interface Usage {
  /** Milliseconds. */
  user: number;
  system: number;
  /** KiB. */
  maxResident: number;
}

function writeTime(bytes: Buffer, ms: number, at: number): void {
  const seconds = Math.floor(ms / 1000);
  bytes.writeUInt32LE(seconds, at);
  bytes.writeUInt32LE(Math.floor((ms - seconds * 1000) * 1000), at + 8);
}

/** What we do not count (faults, switches, blocks) is 0. */
export function encodeUsage(usage: Usage): Buffer {
  const bytes = Buffer.alloc(RUSAGE_SIZE);
  writeTime(bytes, usage.user, 0);
  writeTime(bytes, usage.system, 16);
  bytes.writeUInt32LE(usage.maxResident >>> 0, 32);
  return bytes;
}
