/** Options of setsockopt(2): few do anything on a network without wires; the rest are remembered, as programs expect. */
import { EDOM, EINVAL, ENOPROTOOPT, ENOTCONN, EPERM } from '../../linux/errno.ts';
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  SOL_SOCKET,
  SO_ACCEPTCONN,
  SO_COOKIE,
  SO_DOMAIN,
  SO_ERROR,
  SO_LINGER,
  SO_PASSCRED,
  SO_PEERCRED,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_TYPE,
  TCP_CONGESTION,
  TCP_INFO,
} from '../../linux/sockets.ts';
import { FLAG_OPTIONS, INTEGER_OPTIONS } from './option-tables.ts';
import type { Socket } from './socket.ts';

/** net.core.wmem_default and wmem_max, in the kernel's own count, which is twice what a program asks for. */
const DEFAULT_BUFFER = 212_992;
const LARGEST_BUFFER = 2 * 212_992;
const SMALLEST_BUFFER = 2304;

export class SocketOptions {
  readonly #integers = new Map<number, number>();
  /** SO_RCVTIMEO and SO_SNDTIMEO in milliseconds; Infinity: none. */
  receiveTimeout = Infinity;
  sendTimeout = Infinity;
  /** SO_LINGER, seconds; undefined: off. With 0 a close resets the connection. */
  linger: number | undefined;
  #sendBuffer = DEFAULT_BUFFER;
  #receiveBuffer = DEFAULT_BUFFER;

  integer(level: number, name: number): number {
    return this.#integers.get(level * 256 + name) ?? INTEGER_OPTIONS[level]?.get(name) ?? 0;
  }

  get reuseAddress(): boolean {
    return this.integer(SOL_SOCKET, SO_REUSEADDR) !== 0;
  }

  get reusePort(): boolean {
    return this.integer(SOL_SOCKET, SO_REUSEPORT) !== 0;
  }

  get passCredentials(): boolean {
    return this.integer(SOL_SOCKET, SO_PASSCRED) !== 0;
  }

  get onlyVersion6(): boolean {
    return this.integer(IPPROTO_IPV6, IPV6_V6ONLY) !== 0;
  }

  /** @param value the bytes that the guest gives @returns 0 or -errno */
  set(level: number, name: number, value: Buffer): number {
    if (level === SOL_SOCKET) {
      if (name === SO_LINGER) return this.#setLinger(value);
      if (name === SO_RCVTIMEO || name === SO_SNDTIMEO) return this.#setTimeout(name, value);
      if (SPECIAL.has(name)) return this.#setSpecial(name, value);
    }
    if (level === IPPROTO_TCP && name === TCP_CONGESTION) return 0;
    if (!INTEGER_OPTIONS[level]?.has(name)) return -ENOPROTOOPT;
    // The options of IP may be given in one byte (ip(7)).
    const small = (level === IPPROTO_IP || level === IPPROTO_IPV6) && value.length >= 1 && value.length < 4;
    if (value.length < 4 && !small) return -EINVAL;
    const number = small ? value[0]! : value.readInt32LE(0);
    const isFlag = level === SOL_SOCKET && FLAG_OPTIONS.includes(name);
    this.#integers.set(level * 256 + name, isFlag ? Number(number !== 0) : number);
    return 0;
  }

  /** Sizes are remembered doubled, as Linux does (socket(7)); what a socket really holds does not change. */
  #setSpecial(name: number, value: Buffer): number {
    if (value.length < 4) return -EINVAL;
    if (name === SO_RCVBUFFORCE || name === SO_SNDBUFFORCE) return -EPERM;
    const size = Math.min(LARGEST_BUFFER, Math.max(SMALLEST_BUFFER, 2 * value.readUInt32LE(0)));
    if (name === SO_RCVBUF) this.#receiveBuffer = size;
    else if (name === SO_SNDBUF) this.#sendBuffer = size;
    else if (name !== SO_RCVLOWAT) return -ENOPROTOOPT;
    return 0;
  }

  #setLinger(value: Buffer): number {
    if (value.length < 8) return -EINVAL;
    this.linger = value.readInt32LE(0) === 0 ? undefined : Math.max(0, value.readInt32LE(4));
    return 0;
  }

  #setTimeout(name: number, value: Buffer): number {
    if (value.length < 16) return -EINVAL;
    const seconds = value.readInt32LE(4) * 2 ** 32 + value.readUInt32LE(0);
    const microseconds = value.readInt32LE(12) * 2 ** 32 + value.readUInt32LE(8);
    if (microseconds < 0 || microseconds >= 1e6) return -EDOM;
    const ms = seconds < 0 ? 0 : seconds * 1000 + microseconds / 1000;
    if (name === SO_RCVTIMEO) this.receiveTimeout = ms === 0 ? Infinity : ms;
    else this.sendTimeout = ms === 0 ? Infinity : ms;
    return 0;
  }

  /** @returns the bytes of the option, or -errno */
  get(socket: Socket, level: number, name: number): Buffer | number {
    if (level === SOL_SOCKET) {
      const own = this.#getOwn(socket, name);
      if (own !== undefined) return own;
    }
    if (level === IPPROTO_TCP && name === TCP_CONGESTION) return Buffer.from('cubic\0', 'latin1');
    if (level === IPPROTO_TCP && name === TCP_INFO) return tcpInfo(socket);
    return INTEGER_OPTIONS[level]?.has(name) ? int32(this.integer(level, name)) : -ENOPROTOOPT;
  }

  #getOwn(socket: Socket, name: number): Buffer | number | undefined {
    switch (name) {
      case SO_TYPE:
        return int32(socket.type);
      case SO_DOMAIN:
        return int32(socket.family);
      case SO_PROTOCOL:
        return int32(socket.protocol);
      case SO_ERROR:
        return int32(-socket.takeError());
      case SO_ACCEPTCONN:
        return int32(Number(socket.listening));
      case SO_SNDBUF:
        return int32(this.#sendBuffer);
      case SO_RCVBUF:
        return int32(this.#receiveBuffer);
      case SO_RCVLOWAT:
      case SO_SNDLOWAT:
        return int32(1);
      case SO_LINGER:
        return Buffer.concat([int32(Number(this.linger !== undefined)), int32(this.linger ?? 0)]);
      case SO_RCVTIMEO:
        return timeval(this.receiveTimeout);
      case SO_SNDTIMEO:
        return timeval(this.sendTimeout);
      case SO_PEERCRED:
        return peerCredentials(socket);
      case SO_COOKIE:
        return Buffer.concat([int32(socket.stat().ino), int32(0)]);
      default:
        return undefined;
    }
  }
}

const SPECIAL = new Set<number>([SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE, SO_RCVLOWAT]);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

function timeval(ms: number): Buffer {
  const bytes = Buffer.alloc(16);
  if (ms === Infinity) return bytes;
  const seconds = Math.floor(ms / 1000);
  bytes.writeUInt32LE(seconds >>> 0, 0);
  bytes.writeUInt32LE(Math.floor(seconds / 2 ** 32), 4);
  bytes.writeUInt32LE(Math.round((ms - seconds * 1000) * 1000), 8);
  return bytes;
}

/** Nobody: what unix(7) sockets without a peer say. */
function peerCredentials(socket: Socket): Buffer {
  const { pid, uid, gid } = socket.peerCredentials ?? { pid: 0, uid: -1, gid: -1 };
  return Buffer.concat([int32(pid), int32(uid), int32(gid)]);
}

/** struct tcp_info: the state, and nothing that anybody could count here. */
function tcpInfo(socket: Socket): Buffer | number {
  const bytes = Buffer.alloc(104);
  const [ESTABLISHED, CLOSE, LISTEN] = [1, 7, 10];
  bytes[0] = socket.listening ? LISTEN : typeof socket.peerAddress === 'number' ? CLOSE : ESTABLISHED;
  return socket.protocol === IPPROTO_TCP ? bytes : -ENOTCONN;
}
