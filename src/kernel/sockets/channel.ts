/** One direction of a connection: what was sent and has not been received yet. Bytes in a ring, or whole packets. */
import { EAGAIN, EMSGSIZE } from '../../linux/errno.ts';
import { MSG_PEEK, MSG_TRUNC } from '../../linux/sockets.ts';
import { Ring } from '../files/special/ring.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Ancillary } from './ancillary.ts';

/** What a receiver is told beside the bytes. */
export interface Received {
  /** MSG_TRUNC and so on. */
  flags: number;
  ancillary: Ancillary | undefined;
}

export interface Channel {
  /** Is there anything to receive? An empty packet counts. */
  readonly filled: boolean;
  /** Bytes that FIONREAD tells. */
  readonly available: number;
  /** Is there so much room that a writer should be woken? */
  readonly writable: boolean;
  /** @param flags MSG_PEEK, MSG_TRUNC @returns bytes moved, or -EAGAIN when there is nothing */
  take(io: IoVector, flags: number, received: Received | undefined): number;
  /** @returns bytes moved by this call, or -errno; -EAGAIN when there is no room for any */
  put(io: IoVector, ancillary: Ancillary | undefined): number;
  /** Nobody will receive the rest. */
  discard(): void;
}

/** Bytes that a socket takes before the sender has to wait; Linux: net.core.wmem_default, of which it uses about as much. */
const CAPACITY = 2 ** 18;

/** What goes with a stretch of the bytes; positions count from the beginning of the stream. */
interface Mark {
  start: number;
  end: number;
  ancillary: Ancillary | undefined;
}

export class ByteChannel implements Channel {
  readonly #ring = new Ring(CAPACITY);
  /** Bytes received so far. */
  #position = 0;
  #marks: Mark[] = [];

  get filled(): boolean {
    return this.#ring.length > 0;
  }

  get available(): number {
    return this.#ring.length;
  }

  get writable(): boolean {
    return this.#ring.space >= CAPACITY / 4;
  }

  /** Are there marks, so that bytes before and after must not be received at once? */
  get marked(): boolean {
    return this.#marks.length > 0;
  }

  take(io: IoVector, flags: number, received: Received | undefined): number {
    if (this.#ring.length === 0) return -EAGAIN;
    const peek = (flags & MSG_PEEK) !== 0;
    const most = this.#untilMark();
    const moved = peek ? this.#ring.peek(io, 0, most) : this.#ring.read(io, most);
    if (this.#marks.length > 0) this.#passMarks(moved, peek, received);
    if (!peek) this.#position += moved;
    return moved;
  }

  /** Bytes up to where the next mark begins or the present one ends. */
  #untilMark(): number {
    const mark = this.#marks[0];
    if (!mark) return this.#ring.length;
    return (this.#position < mark.start ? mark.start : mark.end) - this.#position;
  }

  #passMarks(moved: number, peek: boolean, received: Received | undefined): void {
    const mark = this.#marks[0]!;
    if (moved === 0 || this.#position < mark.start) return;
    if (received) received.ancillary = mark.ancillary;
    else if (!peek) mark.ancillary?.rights?.release();
    if (peek) return;
    mark.ancillary = undefined;
    if (this.#position + moved >= mark.end) this.#marks.shift();
  }

  put(io: IoVector, ancillary: Ancillary | undefined): number {
    if (io.remaining === 0) {
      ancillary?.rights?.release();
      return 0;
    }
    if (this.#ring.space === 0) return -EAGAIN;
    const start = this.#position + this.#ring.length;
    const moved = this.#ring.write(io);
    if (ancillary) this.#marks.push({ start, end: start + moved, ancillary });
    return moved;
  }

  discard(): void {
    this.#ring.discard(this.#ring.length);
    for (const { ancillary } of this.#marks.splice(0)) ancillary?.rights?.release();
  }
}

export interface Packet {
  bytes: Buffer;
  ancillary: Ancillary | undefined;
}

/** Packets that wait at most (net.unix.max_dgram_qlen as systemd sets it). */
const MOST_PACKETS = 512;
/** The largest packet that is taken: what fits into the default send buffer of Linux. */
export const LARGEST_PACKET = 212_992 - 32;

/** A queue of packets, of a kind that says where each has come from, if it does. */
export class PacketChannel<P extends Packet = Packet> implements Channel {
  #packets: P[] = [];
  #first = 0;
  #bytes = 0;

  get filled(): boolean {
    return this.#first < this.#packets.length;
  }

  get available(): number {
    return this.#packets[this.#first]?.bytes.length ?? 0;
  }

  get writable(): boolean {
    return this.#bytes < CAPACITY && this.#packets.length - this.#first < MOST_PACKETS;
  }

  /** The packet that the next `take` is about. */
  get next(): P | undefined {
    return this.#packets[this.#first];
  }

  take(io: IoVector, flags: number, received: Received | undefined): number {
    const packet = this.#packets[this.#first];
    if (!packet) return -EAGAIN;
    const { bytes, ancillary } = packet;
    const peek = (flags & MSG_PEEK) !== 0;
    const moved = io.put(bytes);
    if (received) {
      received.ancillary = ancillary;
      if (moved < bytes.length) received.flags |= MSG_TRUNC;
    } else if (!peek) ancillary?.rights?.release();
    if (!peek) this.#shift(bytes.length);
    return (flags & MSG_TRUNC) !== 0 ? bytes.length : moved;
  }

  #shift(length: number): void {
    this.#bytes -= length;
    this.#first++;
    if (this.#first < 64) return;
    this.#packets = this.#packets.slice(this.#first);
    this.#first = 0;
  }

  put(io: IoVector, ancillary: Ancillary | undefined): number {
    if (io.remaining > LARGEST_PACKET) return -EMSGSIZE;
    if (!this.writable) return -EAGAIN;
    const bytes = Buffer.allocUnsafe(io.remaining);
    io.take(bytes);
    this.push({ bytes, ancillary } as P);
    return bytes.length;
  }

  /** Takes it whether there is room or not. */
  push(packet: P): void {
    this.#packets.push(packet);
    this.#bytes += packet.bytes.length;
  }

  discard(): void {
    const packets = this.#packets.slice(this.#first);
    this.#packets = [];
    this.#first = this.#bytes = 0;
    for (const { ancillary } of packets) ancillary?.rights?.release();
  }
}
