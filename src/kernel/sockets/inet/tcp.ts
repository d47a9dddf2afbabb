/** TCP on the loopback interface (tcp(7)): connections without segments, and with the errors that programs look for. */
import {
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EALREADY,
  ECONNREFUSED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  EPIPE,
} from '../../../linux/errno.ts';
import { AF_INET, AF_UNSPEC, IPPROTO_TCP, SHUT_WR, SOCK_STREAM } from '../../../linux/sockets.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import type { SocketOwner } from '../socket.ts';
import type { InetAddress, SocketAddress } from '../address.ts';
import { ByteChannel, type Channel } from '../channel.ts';
import { networkOf } from '../network.ts';
import { StreamSocket } from '../stream.ts';
import { anyHost, destination, isAny, isLocal, LOOPBACK4, LOOPBACK6, isVersion4, usable } from './hosts.ts';
import type { Bound } from './ports.ts';

export class TcpSocket extends StreamSocket {
  readonly type = SOCK_STREAM;
  readonly protocol = IPPROTO_TCP;
  readonly family: typeof AF_INET | 10;
  #host: string;
  /** 0: not bound. */
  #port = 0;
  /** Is the port its own, to be given back? A server's end shares its listener's. */
  #ownsPort = false;
  #peerAddress: InetAddress | undefined;
  /** A connect(2) that was answered EINPROGRESS has to be told of once more. */
  #untold = false;
  /** The peer has reset the connection: whatever is sent is EPIPE. */
  #broken = false;

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
    return this.state === 'connected' && this.#peerAddress && !this.#broken ? this.#peerAddress : -ENOTCONN;
  }

  protected newChannel(): Channel {
    return new ByteChannel();
  }

  protected newServerEnd(client: TcpSocket): TcpSocket {
    const server = new TcpSocket(this.owner, this.family, 0);
    server.#host = client.#peerAddress!.host;
    server.#port = this.#port;
    server.#peerAddress = { family: this.family, host: client.#host, port: client.#port };
    return server;
  }

  override bind(address: SocketAddress, task: Task): number {
    if (address.family !== this.family) return address.family === AF_UNSPEC ? -EINVAL : -EAFNOSUPPORT;
    if (this.#port !== 0 || this.state !== 'idle') return -EINVAL;
    if (!usable(this.family, this.options.onlyVersion6, address.host)) return -EINVAL;
    return isLocal(address.host) ? this.#bindTo(address.host, address.port, task) : -EADDRNOTAVAIL;
  }

  #bindTo(host: string, port: number, task: Task): number {
    const taken = networkOf(task.kernel).tcp.take(this, host, port);
    if (taken < 0) return taken;
    this.#host = host;
    this.#port = taken;
    this.#ownsPort = true;
    return 0;
  }

  protected override prepareListen(task: Task): number {
    return this.#port === 0 ? this.#bindTo(this.#host, 0, task) : 0;
  }

  override connect(address: SocketAddress, task: Task): number | Promise<number> {
    if (address.family === AF_UNSPEC) return this.#dissolve();
    if (address.family !== this.family) return -EAFNOSUPPORT;
    if (this.state === 'connecting') return this.nonblocking ? -EALREADY : this.waitUntilConnected(task);
    if (this.state === 'connected' || this.state === 'disconnected') {
      const untold = this.#untold;
      this.#untold = false;
      return untold ? 0 : -EISCONN;
    }
    if (this.state === 'listening') return -EISCONN;
    if (this.error !== 0) return this.takeError();
    return this.#connectTo(address, task);
  }

  /** A connection that need not wait is still told in two steps to a socket that does not want to wait, as on Linux. */
  #connectTo(address: InetAddress, task: Task): number | Promise<number> {
    const host = destination(address.host);
    if (!usable(this.family, this.options.onlyVersion6, host)) return -ENETUNREACH;
    if (!isLocal(host)) return -ENETUNREACH;
    const listener = networkOf(task.kernel).tcp.find(host, address.port, isListener);
    const bound = this.#bindForConnection(host, task);
    if (bound < 0) return bound;
    if (!listener) return this.#refused();
    this.#peerAddress = { family: this.family, host, port: address.port };
    const waits = this.connectTo(listener, task) !== 0;
    if (!this.nonblocking) return waits ? this.waitUntilConnected(task) : 0;
    this.#untold = true;
    return -EINPROGRESS;
  }

  /** A refusal, too, comes later to a socket that does not want to wait. */
  #refused(): number {
    if (!this.nonblocking) return -ECONNREFUSED;
    this.error = ECONNREFUSED;
    this.waiters.wake();
    return -EINPROGRESS;
  }

  #bindForConnection(host: string, task: Task): number {
    const own = isVersion4(host) ? LOOPBACK4 : LOOPBACK6;
    const error = this.#port === 0 ? this.#bindTo(own, 0, task) : 0;
    if (error === 0 && isAny(this.#host)) this.#host = own;
    return error;
  }

  /** connect(2) with AF_UNSPEC: back to the beginning. */
  #dissolve(): number {
    this.giveUpConnecting();
    if (this.state === 'listening') this.stopListening();
    if (this.state === 'connected') this.disconnect(true);
    this.#givePortBack();
    this.state = 'idle';
    this.incoming = this.outgoing = undefined;
    this.receiveEnded = this.sendEnded = this.#broken = false;
    return 0;
  }

  protected override shutdownUnconnected(how: number): number {
    if (this.state !== 'listening') return -ENOTCONN;
    // Linux: a listener that stops receiving stops listening.
    if (how !== SHUT_WR) this.stopListening();
    this.waiters.wake();
    return 0;
  }

  protected override sendError(): number {
    return this.takeError();
  }

  protected override sendUnconnected(): number {
    return -EPIPE;
  }

  /** The first bytes are lost, and bring back the news that the peer is gone. */
  protected override sendToClosed(io: IoVector): number {
    if (this.#broken) return -EPIPE;
    this.#broken = true;
    this.sendEnded = true;
    io.advance(io.remaining);
    this.waiters.wake();
    return io.moved;
  }

  protected override peerClosed(reset: boolean): void {
    super.peerClosed(reset);
    if (!reset) return;
    this.#broken = true;
    this.sendEnded = true;
  }

  #givePortBack(): void {
    if (this.#ownsPort) networkOf(this.owner.kernel).tcp.release(this, this.#port);
    this.#ownsPort = false;
    this.#port = 0;
  }

  override release(): void {
    this.#givePortBack();
    super.release();
  }
}

function isListener(socket: Bound): socket is TcpSocket {
  return socket instanceof TcpSocket && socket.listening;
}
