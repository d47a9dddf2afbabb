/** A plan as the bytes that native/spawn maps; native/spawn/plan.h describes them and exports every offset. */
import type { Layout } from '../linux/addon.ts';
import { lower, type Value } from './lower.ts';
import type { Plan } from './plan.ts';

const align = (size: number): number => (size + 7) & ~7;

/** Grows as texts are put behind the steps; every piece starts at a multiple of eight bytes. */
class Bytes {
  data: Buffer;
  used: number;

  constructor(used: number) {
    this.used = used;
    this.data = Buffer.alloc(Math.max(8192, align(used) * 2));
  }

  reserve(size: number): number {
    const at = align(this.used);
    this.used = at + size;
    if (this.used > this.data.length) {
      const grown = Buffer.alloc(Math.max(this.used, this.data.length * 2));
      this.data.copy(grown);
      this.data = grown;
    }
    return at;
  }

  /** @returns where the content begins. */
  put(content: string | Uint8Array, length: number): number {
    const at = this.reserve(length + 1); // and the NUL
    if (typeof content === 'string') this.data.write(content, at);
    else this.data.set(content, at);
    return at;
  }

  /** As 64 bits. Making a BigInt costs more than writing two halves. */
  number(value: number | bigint, at: number): void {
    if (typeof value === 'bigint') return void this.data.writeBigUInt64LE(value, at);
    if (!(Number.isSafeInteger(value) && value >= 0)) throw new RangeError(`${value} is no field of a step`);
    this.data.writeUInt32LE(value % 2 ** 32, at);
    this.data.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
  }
}

function putField(bytes: Bytes, layout: Layout, at: number, value: Value): void {
  const { fieldSize, fieldLength } = layout.plan;
  let first: number | bigint;
  let length = 0;
  if (typeof value === 'string' || value instanceof Uint8Array) {
    length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    first = bytes.put(value, length);
  } else if (typeof value === 'object') {
    const list = bytes.reserve(value.length * fieldSize);
    value.forEach((item, index) => putField(bytes, layout, list + index * fieldSize, item));
    first = list;
    length = value.length;
  } else {
    first = typeof value === 'boolean' ? Number(value) : value;
  }
  bytes.number(first, at);
  bytes.number(length, at + fieldLength);
}

/** @returns the plan's bytes, and the offset in them of what shim and child report back (struct Shared). */
export function encode(plan: Plan, layout: Layout): { bytes: Uint8Array; shared: number } {
  const abi = layout.plan;
  const steps = align(abi.size);
  const bytes = new Bytes(steps + plan.length * abi.stepSize);
  plan.forEach((step, index) => {
    const { op, fields } = layout.steps[step.step]!;
    const values = lower(step);
    const at = steps + index * abi.stepSize;
    bytes.data.writeUInt32LE(op, at + abi.stepOp);
    fields.split(' ').forEach((name, field) => {
      if (name) putField(bytes, layout, at + abi.stepField + field * abi.fieldSize, values[name]!);
    });
  });
  const shared = bytes.reserve(layout.shared.finished + plan.length * 8);
  const header = bytes.data;
  header.writeUInt32LE(abi.magicValue, abi.magic);
  header.writeUInt32LE(bytes.used, abi.bytes);
  header.writeUInt32LE(plan.length, abi.step_count);
  header.writeUInt32LE(shared, abi.shared);
  bytes.number(steps, abi.steps);
  header.writeInt32LE(-1, shared + layout.shared.failed_step);
  header.writeInt32LE(-1, shared + layout.shared.command_status);
  return { bytes: header.subarray(0, bytes.used), shared };
}
