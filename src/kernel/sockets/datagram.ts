/** Sockets that send packets to whom they like: unix datagrams and UDP. */
import { EAGAIN, EINVAL, ENOTCONN } from '../../linux/errno.ts';
import { POLLERR, POLLHUP, POLLRDHUP, READABLE, WRITABLE } from '../../linux/poll.ts';
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from '../../linux/sockets.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { SocketAddress } from './address.ts';
import { type Packet, PacketChannel } from './channel.ts';
import { type ReceivedMessage, Socket } from './socket.ts';

export interface AddressedPacket extends Packet {
  /** Undefined: the sender has no name. */
  from: SocketAddress | undefined;
}

export abstract class DatagramSocket extends Socket {
  protected readonly incoming = new PacketChannel<AddressedPacket>();
  protected receiveEnded = false;
  protected sendEnded = false;

  protected override get available(): number {
    return this.incoming.available;
  }

  /** Is there room for a packet of whoever it is connected to? */
  protected abstract get sendable(): boolean;

  /** Takes in a packet. */
  deliver(packet: AddressedPacket): void {
    this.incoming.push(packet);
    this.waiters.wake(READABLE);
  }

  get hasRoom(): boolean {
    return this.incoming.writable;
  }

  get receives(): boolean {
    return !this.receiveEnded;
  }

  protected override tryReceive(io: IoVector, flags: number, received: ReceivedMessage | undefined): number {
    if (this.error !== 0) return this.takeError();
    const packet = this.incoming.next;
    const wasFull = !this.incoming.writable;
    const count = this.incoming.take(io, flags, received);
    if (count === -EAGAIN) return this.receiveEnded ? 0 : -EAGAIN;
    if (received) received.from = packet!.from;
    if (wasFull && this.incoming.writable) this.roomAgain();
    return count;
  }

  /** Whoever waits to send to it may go on. */
  protected roomAgain(): void {}

  override poll(): number {
    let events = this.error !== 0 ? POLLERR : 0;
    if (this.incoming.filled || this.error !== 0) events |= READABLE;
    if (this.receiveEnded) events |= READABLE | POLLRDHUP;
    if (this.receiveEnded && this.sendEnded) events |= POLLHUP;
    return this.sendable ? events | WRITABLE : events;
  }

  override shutdown(how: number): number {
    if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
    if (typeof this.peerAddress === 'number') return -ENOTCONN;
    if (how !== SHUT_WR) this.receiveEnded = true;
    if (how !== SHUT_RD) this.sendEnded = true;
    this.waiters.wake();
    return 0;
  }

  override release(): void {
    this.receiveEnded = this.sendEnded = true;
    this.incoming.discard();
    super.release();
  }
}
