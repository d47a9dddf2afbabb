/** UDP on the loopback interface (udp(7)): what finds no receiver, or no room, is lost. */
import {
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOTCONN,
  EPIPE,
} from '../../../linux/errno.ts';
import { AF_INET, AF_UNSPEC, IPPROTO_UDP, SOCK_DGRAM } from '../../../linux/sockets.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import type { SocketOwner } from '../socket.ts';
import type { InetAddress, SocketAddress } from '../address.ts';
import type { Ancillary } from '../ancillary.ts';
import { DatagramSocket } from '../datagram.ts';
import { networkOf } from '../network.ts';
import { anyHost, destination, isAny, isLocal, isVersion4, LOOPBACK4, LOOPBACK6, usable } from './hosts.ts';
import type { Bound } from './ports.ts';

/** What fits into a packet of IPv4 (65535 less the headers). */
const LARGEST = 65_507;

export class UdpSocket extends DatagramSocket {
  readonly type = SOCK_DGRAM;
  readonly protocol = IPPROTO_UDP;
  readonly family: typeof AF_INET | 10;
  #host: string;
  /** 0: not bound. */
  #port = 0;
  #peer: InetAddress | undefined;

  constructor(owner: SocketOwner, family: typeof AF_INET | 10, flags: number) {
    super(owner, flags);
    this.family = family;
    this.#host = anyHost(family);
  }

  get boundHost(): string {
    return this.#host;
  }

  override get localAddress(): InetAddress {
    return { family: this.family, host: this.#host, port: this.#port };
  }

  override get peerAddress(): InetAddress | number {
    return this.#peer ?? -ENOTCONN;
  }

  override bind(address: SocketAddress, task: Task): number {
    if (address.family !== this.family) return address.family === AF_UNSPEC ? -EINVAL : -EAFNOSUPPORT;
    if (this.#port !== 0) return -EINVAL;
    if (!usable(this.family, this.options.onlyVersion6, address.host)) return -EINVAL;
    return isLocal(address.host) ? this.#bindTo(address.host, address.port, task) : -EADDRNOTAVAIL;
  }

  #bindTo(host: string, port: number, task: Task): number {
    const taken = networkOf(task.kernel).udp.take(this, host, port);
    if (taken < 0) return taken;
    this.#host = host;
    this.#port = taken;
    return 0;
  }

  override connect(address: SocketAddress, task: Task): number {
    if (address.family === AF_UNSPEC) {
      this.#peer = undefined;
      return 0;
    }
    const target = this.#checked(address);
    if (typeof target === 'number') return target;
    const error = this.#port === 0 ? this.#bindTo(this.#host, 0, task) : 0;
    if (error < 0) return error;
    if (isAny(this.#host)) this.#host = ownHost(target.host);
    this.#peer = target;
    return 0;
  }

  #checked(address: SocketAddress): InetAddress | number {
    if (address.family !== this.family) return -EAFNOSUPPORT;
    const host = destination(address.host);
    if (address.port === 0) return -EINVAL;
    if (!isLocal(host) || !usable(this.family, this.options.onlyVersion6, host)) return -ENETUNREACH;
    return { family: this.family, host, port: address.port };
  }

  protected override get sendable(): boolean {
    return true;
  }

  protected override trySend(
    io: IoVector,
    _flags: number,
    to: SocketAddress | undefined,
    _ancillary: Ancillary | undefined,
    task: Task,
  ): number {
    if (this.error !== 0) return this.takeError();
    if (this.sendEnded) return -EPIPE;
    const target = to ? this.#checked(to) : (this.#peer ?? -EDESTADDRREQ);
    if (typeof target === 'number') return target;
    if (io.remaining > LARGEST) return -EMSGSIZE;
    const error = this.#port === 0 ? this.#bindTo(this.#host, 0, task) : 0;
    if (error < 0) return error;
    const bytes = Buffer.allocUnsafe(io.remaining);
    io.take(bytes);
    const host = isAny(this.#host) ? ownHost(target.host) : this.#host;
    this.#route({ family: this.family, host, port: this.#port }, target, bytes, task);
    return bytes.length;
  }

  #route(from: InetAddress, target: InetAddress, bytes: Buffer, task: Task): void {
    const accepts = (socket: Bound): socket is UdpSocket =>
      socket instanceof UdpSocket && socket.#takes(from);
    const receiver = networkOf(task.kernel).udp.find(target.host, target.port, accepts);
    if (!receiver) {
      // Only a connected socket is told that nobody is there (udp(7)).
      if (this.#peer) this.error = ECONNREFUSED;
      this.waiters.wake();
      return;
    }
    if (!receiver.receives || !receiver.hasRoom) return;
    receiver.deliver({ bytes, ancillary: undefined, from: { ...from, family: receiver.family } });
  }

  /** One that is connected takes packets of its peer only. */
  #takes(from: InetAddress): boolean {
    return !this.#peer || (this.#peer.host === from.host && this.#peer.port === from.port);
  }

  override release(): void {
    if (this.#port !== 0) networkOf(this.owner.kernel).udp.release(this, this.#port);
    super.release();
  }
}

function ownHost(target: string): string {
  return isVersion4(target) ? LOOPBACK4 : LOOPBACK6;
}
