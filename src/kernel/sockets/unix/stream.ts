/** Connected unix sockets: streams of bytes, and packets in sequence (unix(7)). */
import { ECONNREFUSED, EAGAIN, EINVAL, EISCONN, ENOTCONN, EPIPE, EPROTOTYPE } from '../../../linux/errno.ts';
import { AF_UNIX, SOCK_SEQPACKET, SOCK_STREAM } from '../../../linux/sockets.ts';
import type { Task } from '../../tasks/task.ts';
import type { SocketOwner } from '../socket.ts';
import { type SocketAddress, UNNAMED } from '../address.ts';
import { ByteChannel, type Channel, PacketChannel } from '../channel.ts';
import { StreamSocket } from '../stream.ts';
import { bindName, findName, type UnixName } from './names.ts';

export class UnixStream extends StreamSocket {
  readonly family = AF_UNIX;
  readonly protocol = 0;
  readonly type: number;
  #name: UnixName | undefined;
  #peerAddress: SocketAddress = UNNAMED;
  /** Of a server's end: the listener's name. */
  #inherited: SocketAddress | undefined;

  /** @param type SOCK_STREAM or SOCK_SEQPACKET */
  constructor(owner: SocketOwner, type: number, flags: number) {
    super(owner, flags);
    this.type = type;
  }

  protected newServerEnd(client: UnixStream): UnixStream {
    const server = new UnixStream(this.owner, this.type, 0);
    server.#inherited = client.#peerAddress = this.localAddress;
    server.#peerAddress = client.localAddress;
    return server;
  }

  protected newChannel(): Channel {
    return this.type === SOCK_STREAM ? new ByteChannel() : new PacketChannel();
  }

  override get localAddress(): SocketAddress {
    return this.#name?.address ?? this.#inherited ?? UNNAMED;
  }

  override get peerAddress(): SocketAddress | number {
    return this.state === 'connected' ? this.#peerAddress : -ENOTCONN;
  }

  override bind(address: SocketAddress, task: Task): number {
    if (this.#name) return -EINVAL;
    const name = bindName(this, address, task);
    if (typeof name === 'number') return name;
    this.#name = name;
    return 0;
  }

  protected override prepareListen(): number {
    return this.#name ? 0 : -EINVAL;
  }

  override connect(address: SocketAddress, task: Task): number | Promise<number> {
    if (this.state === 'connected') return -EISCONN;
    if (this.state !== 'idle') return -EINVAL;
    const listener = findName(address, task);
    if (typeof listener === 'number') return listener;
    if (!(listener instanceof UnixStream) || listener.type !== this.type) {
      return listener.family === AF_UNIX && listener.type !== this.type ? -EPROTOTYPE : -ECONNREFUSED;
    }
    if (!listener.listening) return -ECONNREFUSED;
    if (!listener.hasRoom && this.nonblocking) return -EAGAIN;
    return this.connectTo(listener, task) === 0 ? 0 : this.#connectLater(task);
  }

  async #connectLater(task: Task): Promise<number> {
    const result = await this.waitUntilConnected(task);
    if (result < 0) this.giveUpConnecting();
    return result;
  }

  protected override receiveUnconnected(): number {
    return this.type === SOCK_STREAM ? -EINVAL : -ENOTCONN;
  }

  protected override sendToClosed(): number {
    return -EPIPE;
  }

  /** Whoever sends to it now learns at once. */
  protected override endReceiving(): void {
    super.endReceiving();
    const { peer } = this;
    if (!(peer instanceof UnixStream)) return;
    peer.sendEnded = true;
    peer.waiters.wake();
  }

  protected override peerClosed(reset: boolean): void {
    super.peerClosed(reset);
    this.sendEnded = true;
  }

  override release(): void {
    this.#name?.release();
    this.#name = undefined;
    super.release();
  }

  /** socketpair(2). */
  static newPair(task: Task, type: number, flags: number): [UnixStream, UnixStream] {
    const first = new UnixStream(task, type, flags);
    const second = new UnixStream(task, type, flags);
    StreamSocket.pair(first, second, task);
    return [first, second];
  }
}

/** Only these have connections. */
export function isConnected(type: number): boolean {
  return type === SOCK_STREAM || type === SOCK_SEQPACKET;
}
