/** A plan as the bytes that native/spawn maps; native/spawn/plan.h describes them and exports every offset. */
import type { Layout } from '../linux/addon.ts';
import { lower, type Value } from './lower.ts';
import type { Plan } from './plan.ts';

const align = (size: number): number => (size + 7) & ~7;

/** Grows as texts are put behind the steps; every piece starts at a multiple of eight bytes. */
class Bytes {
  data: Buffer;
  /** The same memory, for numbers: every architecture that we build for is little-endian, as the shim is. */
  words: Uint32Array;
  used: number;
  readonly #fieldLength: number;

  constructor(used: number, { fieldLength }: Layout['plan']) {
    this.used = used;
    this.#fieldLength = fieldLength;
    this.data = Buffer.alloc(Math.max(8192, align(used) * 2));
    this.words = new Uint32Array(this.data.buffer, this.data.byteOffset, this.data.length >> 2);
  }

  reserve(size: number): number {
    const at = align(this.used);
    this.used = at + size;
    if (this.used > this.data.length) {
      const grown = Buffer.alloc(align(Math.max(this.used, this.data.length * 2)));
      this.data.copy(grown);
      this.data = grown;
      this.words = new Uint32Array(grown.buffer, grown.byteOffset, grown.length >> 2);
    }
    return at;
  }

  /** With a NUL behind it. */
  put(content: string | Uint8Array, field: number): void {
    const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    const at = this.reserve(length + 1);
    if (typeof content === 'string') this.data.write(content, at);
    else this.data.set(content, at);
    this.field(field, at, length);
  }

  /** A value and a length, of 64 bits each. Making a BigInt costs more than writing two halves. */
  field(at: number, value: number | bigint, length: number): void {
    const { words } = this;
    const word = at >> 2;
    if (typeof value === 'bigint') this.data.writeBigUInt64LE(value, at);
    else {
      if (!(Number.isSafeInteger(value) && value >= 0))
        throw new RangeError(`${value} is no field of a step`);
      words[word] = value;
      words[word + 1] = value / 2 ** 32;
    }
    words[(at + this.#fieldLength) >> 2] = length;
  }
}

function putField(bytes: Bytes, layout: Layout, at: number, value: Value): void {
  if (typeof value === 'string' || value instanceof Uint8Array) return bytes.put(value, at);
  if (typeof value !== 'object')
    return bytes.field(at, typeof value === 'boolean' ? Number(value) : value, 0);
  const { fieldSize } = layout.plan;
  const list = bytes.reserve(value.length * fieldSize);
  value.forEach((item, index) => putField(bytes, layout, list + index * fieldSize, item));
  bytes.field(at, list, value.length);
}

const names = new Map<string, readonly string[]>();

/** The names of a step's fields. */
function fieldNames(fields: string): readonly string[] {
  let list = names.get(fields);
  if (!list) names.set(fields, (list = fields.split(' ').filter((name) => name !== '')));
  return list;
}

/** @returns the plan's bytes, and the offset in them of what shim and child report back (struct Shared). */
export function encode(plan: Plan, layout: Layout): { bytes: Uint8Array; shared: number } {
  const abi = layout.plan;
  const steps = align(abi.size);
  const bytes = new Bytes(steps + plan.length * abi.stepSize, abi);
  plan.forEach((step, index) => {
    const { op, fields } = layout.steps[step.step]!;
    const values = lower(step);
    const at = steps + index * abi.stepSize;
    bytes.words[(at + abi.stepOp) >> 2] = op;
    fieldNames(fields).forEach((name, field) => {
      putField(bytes, layout, at + abi.stepField + field * abi.fieldSize, values[name]!);
    });
  });
  const shared = bytes.reserve(layout.shared.finished + plan.length * 8);
  const header = bytes.data;
  header.writeUInt32LE(abi.magicValue, abi.magic);
  header.writeUInt32LE(bytes.used, abi.bytes);
  header.writeUInt32LE(plan.length, abi.step_count);
  header.writeUInt32LE(shared, abi.shared);
  header.writeUInt32LE(steps, abi.steps);
  header.writeInt32LE(-1, shared + layout.shared.failed_step);
  header.writeInt32LE(-1, shared + layout.shared.command_status);
  return { bytes: header.subarray(0, bytes.used), shared };
}
