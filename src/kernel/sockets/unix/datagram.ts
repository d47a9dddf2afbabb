/** Unix sockets without connections (unix(7), SOCK_DGRAM): reliable, in order, and the sender waits when there is no room. */
import {
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EMSGSIZE,
  ENOTCONN,
  EPERM,
  EPIPE,
  EPROTOTYPE,
} from '../../../linux/errno.ts';
import { WRITABLE } from '../../../linux/poll.ts';
import { AF_UNIX, AF_UNSPEC, SOCK_DGRAM } from '../../../linux/sockets.ts';
import type { IoVector } from '../../memory/io-vector.ts';
import type { Task } from '../../tasks/task.ts';
import { WaitQueue } from '../../wait-queue.ts';
import { type SocketAddress, UNNAMED } from '../address.ts';
import { type Ancillary, credentialsOf, type PeerCredentials } from '../ancillary.ts';
import { LARGEST_PACKET } from '../channel.ts';
import { DatagramSocket } from '../datagram.ts';
import { bindName, findName, type UnixName } from './names.ts';

export class UnixDatagram extends DatagramSocket {
  readonly family = AF_UNIX;
  readonly protocol = 0;
  readonly type = SOCK_DGRAM;
  /** Woken when there is room for packets. */
  readonly #room = new WaitQueue();
  /** Who is connected to it, and is to know when there is room again. */
  readonly #senders = new Set<UnixDatagram>();
  #peer: UnixDatagram | undefined;
  #peerAddress: SocketAddress = UNNAMED;
  #peerCredentials: PeerCredentials | undefined;
  #name: UnixName | undefined;

  override get localAddress(): SocketAddress {
    return this.#name?.address ?? UNNAMED;
  }

  override get peerAddress(): SocketAddress | number {
    return this.#peer ? this.#peerAddress : -ENOTCONN;
  }

  override get peerCredentials(): PeerCredentials | undefined {
    return this.#peerCredentials;
  }

  override bind(address: SocketAddress, task: Task): number {
    if (this.#name) return -EINVAL;
    const name = bindName(this, address, task);
    if (typeof name === 'number') return name;
    this.#name = name;
    return 0;
  }

  override connect(address: SocketAddress, task: Task): number {
    if (address.family === AF_UNSPEC) {
      this.#setPeer(undefined);
      return 0;
    }
    const peer = find(address, task);
    if (typeof peer === 'number') return peer;
    if (!peer.#accepts(this)) return -EPERM;
    this.#setPeer(peer);
    this.#peerAddress = address;
    return 0;
  }

  #setPeer(peer: UnixDatagram | undefined): void {
    this.#peer?.removeSender(this);
    this.#peer = peer;
    if (peer) peer.#senders.add(this);
    this.waiters.wake();
  }

  removeSender(sender: UnixDatagram): void {
    this.#senders.delete(sender);
  }

  /** One that is connected takes packets of its peer only. */
  #accepts(sender: UnixDatagram): boolean {
    return this.#peer === undefined || this.#peer === sender;
  }

  protected override get sendable(): boolean {
    return this.#peer ? this.#peer.hasRoom : true;
  }

  protected override trySend(
    io: IoVector,
    _flags: number,
    to: SocketAddress | undefined,
    ancillary: Ancillary | undefined,
    task: Task,
  ): number {
    if (this.sendEnded) return -EPIPE;
    const target = to ? find(to, task) : (this.#peer ?? -ENOTCONN);
    if (typeof target === 'number') return target;
    if (target.references === 0 || !target.receives) return this.#lost(target, to !== undefined);
    if (!target.#accepts(this)) return -EPERM;
    if (io.remaining > LARGEST_PACKET) return -EMSGSIZE;
    if (!target.hasRoom) return -EAGAIN;
    const bytes = Buffer.allocUnsafe(io.remaining);
    io.take(bytes);
    const credentials = ancillary?.credentials ?? credentialsOf(task);
    target.deliver({ bytes, from: this.#name?.address, ancillary: { ...ancillary, credentials } });
    return bytes.length;
  }

  /** The receiver is closed, or has shut down receiving. */
  #lost(target: UnixDatagram, named: boolean): number {
    if (target.references > 0) return -EPIPE;
    if (!named) this.#setPeer(undefined);
    return -ECONNREFUSED;
  }

  protected override drained(to: SocketAddress | undefined, task: Task): WaitQueue {
    const target = to ? find(to, task) : this.#peer;
    return target instanceof UnixDatagram ? target.#room : this.waiters;
  }

  protected override roomAgain(): void {
    this.#room.wake(WRITABLE);
    for (const sender of this.#senders) sender.waiters.wake(WRITABLE);
  }

  override release(): void {
    this.#name?.release();
    this.#name = undefined;
    const lost = this.incoming.filled;
    this.#setPeer(undefined);
    super.release();
    for (const sender of this.#senders) {
      // unix_dgram_disconnected: the other half of a pair learns that bytes were lost.
      if (lost && sender.#peer === this) sender.error = ECONNRESET;
      sender.waiters.wake();
    }
    this.#room.wake();
  }

  /** socketpair(2). */
  static newPair(task: Task, flags: number): [UnixDatagram, UnixDatagram] {
    const first = new UnixDatagram(task, flags);
    const second = new UnixDatagram(task, flags);
    first.#setPeer(second);
    second.#setPeer(first);
    first.#peerCredentials = second.#peerCredentials = credentialsOf(task);
    return [first, second];
  }
}

function find(address: SocketAddress, task: Task): UnixDatagram | number {
  const socket = findName(address, task);
  if (typeof socket === 'number') return socket;
  return socket instanceof UnixDatagram ? socket : -EPROTOTYPE;
}
