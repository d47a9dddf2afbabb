/**
 * What travels between the grader and a submission's process, in a nutshell: frames of a 4-byte length and JSON.
 *
 * Only values cross, never verdicts, so a submission that forges a frame has merely answered. Both ends are bounded:
 * the size of a frame, the depth of a value, the number of its parts. JSON is widened by tags, objects with a single
 * key that begins with `$`: bytes, bigint, undefined, the numbers that JSON lacks, and functions of the grader.
 *
 * This file is bundled into the submission's process before the submission is loaded, so everything that it needs is
 * taken into constants here: a submission that changes JSON or Array.prototype changes its own world only.
 */
const { parse, stringify } = JSON;
const { keys, defineProperty, getPrototypeOf } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const ObjectPrototype = Object.prototype;
const from = Buffer.from.bind(Buffer);
const concat = Buffer.concat.bind(Buffer);

export const MAX_FRAME = 8 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_PARTS = 1_000_000;

/** The value or the frame breaks the rules above. */
export class WireError extends Error {
  override name = 'WireError';
}

type Refer = (fn: (...args: never[]) => unknown) => unknown;

function tagged(key: string, value: unknown): object {
  return defineProperty({}, key, { value, enumerable: true });
}

/**
 * A value as JSON can carry it. `refer` turns a function into something that names it.
 * @throws WireError for what cannot be carried: too deep, circular, a Map, a Promise …
 */
export function toWire(value: unknown, refer?: Refer): unknown {
  let parts = 0;
  const walk = (part: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new WireError(`is nested deeper than ${MAX_DEPTH}, or contains itself`);
    if (++parts > MAX_PARTS) throw new WireError(`has more than ${MAX_PARTS} parts`);
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return part;
    if (typeof part === 'number') {
      return part - part === 0 && (part !== 0 || 1 / part > 0)
        ? part
        : tagged('$number', 1 / part < 0 && part === 0 ? '-0' : `${part}`);
    }
    if (typeof part === 'bigint') return tagged('$bigint', `${part}`);
    if (part === undefined) return tagged('$undefined', true);
    if (typeof part === 'function' && refer) return tagged('$function', refer(part as never));
    if (typeof part !== 'object') throw new WireError(`contains a ${typeof part}, which cannot be carried`);
    if (isView(part)) {
      const bytes = from(part.buffer as ArrayBuffer, part.byteOffset, part.byteLength);
      return tagged('$bytes', bytes.toString('base64'));
    }
    if (isArray(part)) {
      if (part.length > MAX_PARTS) throw new WireError(`has more than ${MAX_PARTS} parts`);
      const out: unknown[] = [];
      for (let at = 0; at < part.length; at++) {
        defineProperty(out, at, { value: walk(part[at], depth + 1), enumerable: true });
      }
      return out;
    }
    return walkObject(part as Record<string, unknown>, depth, walk);
  };
  return walk(value, 0);
}

function walkObject(
  part: Record<string, unknown>,
  depth: number,
  walk: (part: unknown, depth: number) => unknown,
): unknown {
  const prototype = getPrototypeOf(part) as object | null;
  const name = (prototype as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  if (
    prototype !== ObjectPrototype &&
    (name === 'Map' || name === 'Set' || name === 'Promise' || name === 'Date')
  ) {
    throw new WireError(`contains a ${name}, which cannot be carried: return plain objects and arrays`);
  }
  const out = {};
  let escape = false;
  const names = keys(part);
  for (let at = 0; at < names.length; at++) {
    const key = names[at] as string;
    if (key[0] === '$') escape = true;
    defineProperty(out, key, { value: walk(part[key], depth + 1), enumerable: true });
  }
  return escape ? tagged('$object', out) : out;
}

/**
 * The value that toWire was given. `resolve` turns what names a function back into one.
 * @throws WireError for an unknown tag, a key `__proto__`, or a value deeper than it may be.
 */
export function fromWire(value: unknown, resolve?: (reference: unknown) => unknown): unknown {
  const walk = (part: unknown, depth: number): unknown => {
    if (depth > 2 * MAX_DEPTH) throw new WireError(`is nested deeper than ${MAX_DEPTH}`);
    if (typeof part !== 'object' || part === null) return part;
    if (isArray(part)) {
      const out: unknown[] = [];
      for (let at = 0; at < part.length; at++) out[at] = walk(part[at], depth + 1);
      return out;
    }
    const names = keys(part);
    const object = part as Record<string, unknown>;
    const first = names[0];
    if (names.length === 1 && first !== undefined && first[0] === '$' && first !== '$object') {
      return untag(first, object[first], resolve);
    }
    const inner = (first === '$object' ? object['$object'] : object) as Record<string, unknown>;
    if (typeof inner !== 'object' || inner === null) throw new WireError('is no value of the grader’s pipe');
    const out: Record<string, unknown> = {};
    const innerNames = keys(inner);
    for (let at = 0; at < innerNames.length; at++) {
      const key = innerNames[at] as string;
      if (key === '__proto__') throw new WireError('has a key __proto__');
      out[key] = walk(inner[key], depth + 1);
    }
    return out;
  };
  return walk(value, 0);
}

function untag(tag: string, value: unknown, resolve?: (reference: unknown) => unknown): unknown {
  if (tag === '$undefined') return undefined;
  if (tag === '$function' && resolve) return resolve(value);
  if (typeof value === 'string') {
    if (tag === '$bytes') return new Uint8Array(from(value, 'base64'));
    if (tag === '$number') return Number(value);
    if (tag === '$bigint' && value.length <= 100_000 && /^-?\d+$/.test(value)) return BigInt(value);
  }
  throw new WireError(`has an unknown tag ${tag.slice(0, 40)}`);
}

/** @throws WireError when the message is larger than a frame may be. */
export function frame(message: unknown): Buffer {
  const body = from(stringify(message), 'utf8');
  if (body.length > MAX_FRAME) throw new WireError(`is larger than ${MAX_FRAME >> 20} MiB`);
  const head = from([0, 0, 0, 0]);
  head.writeUInt32LE(body.length, 0);
  return concat([head, body]);
}

/** Cuts a stream of bytes into messages. @throws WireError on a frame that is too large or no JSON. */
export function reader(): (chunk: Buffer) => unknown[] {
  let chunks: Buffer[] = [];
  let held = 0;
  let need = 4;
  return (chunk) => {
    chunks[chunks.length] = chunk;
    held += chunk.length;
    const messages: unknown[] = [];
    while (held >= need) {
      const all = chunks.length === 1 ? (chunks[0] as Buffer) : concat(chunks);
      chunks = [all];
      const length = all.readUInt32LE(0);
      if (length > MAX_FRAME) throw new WireError('wrote a frame that is too large');
      need = 4 + length;
      if (held < need) break;
      messages[messages.length] = parseMessage(all.toString('utf8', 4, need));
      chunks = [all.subarray(need)];
      held -= need;
      need = 4;
    }
    return messages;
  };
}

function parseMessage(text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new WireError('wrote something that is no message');
  }
}
