/**
 * A socket at one end of a connection: two sockets, and a channel each way. There is no network between them, so that
 * whatever is sent has arrived.
 */
import { EAGAIN, ECONNRESET, EINVAL, EISCONN, ENOTCONN, EPIPE } from '../../linux/errno.ts';
import { POLLERR, POLLHUP, POLLRDHUP, READABLE, WRITABLE } from '../../linux/poll.ts';
import { MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR } from '../../linux/sockets.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import type { SocketAddress } from './address.ts';
import { type Ancillary, credentialsOf, type PeerCredentials } from './ancillary.ts';
import { ByteChannel, type Channel } from './channel.ts';
import { type ReceivedMessage, Socket } from './socket.ts';

export type ConnectionState = 'idle' | 'listening' | 'connecting' | 'connected' | 'disconnected';

export abstract class Connection extends Socket {
  state: ConnectionState = 'idle';
  protected peer: Connection | undefined;
  protected incoming: Channel | undefined;
  protected outgoing: Channel | undefined;
  /** Nothing more will come; nothing more may be sent. */
  protected receiveEnded = false;
  protected sendEnded = false;
  #credentials: PeerCredentials | undefined;
  #peerCredentials: PeerCredentials | undefined;

  protected abstract newChannel(): Channel;
  /** What is sent to somebody who has closed: -EPIPE, or bytes that are lost. */
  protected abstract sendToClosed(io: IoVector): number;

  /** Who it was made by, as its peer is told. */
  protected setCredentials(task: Task): void {
    this.#credentials = credentialsOf(task);
  }

  override get peerCredentials(): PeerCredentials | undefined {
    return this.#peerCredentials;
  }

  /** A server's end is its listener's work. */
  protected inheritCredentials(listener: Connection): void {
    this.#credentials = listener.#credentials;
  }

  protected override get available(): number {
    return this.incoming?.available ?? 0;
  }

  protected override tryReceive(io: IoVector, flags: number, received: ReceivedMessage | undefined): number {
    if (!this.incoming) return this.error === 0 ? this.receiveUnconnected() : this.takeError();
    const before = io.moved;
    const count = this.incoming.take(io, flags, received);
    if (count !== -EAGAIN) {
      if ((flags & MSG_PEEK) === 0) this.#told();
      return this.#enough(io, flags, received) ? before + count : -EAGAIN;
    }
    if (io.moved > 0) return this.receiveEnded || this.error !== 0 ? io.moved : -EAGAIN;
    if (this.error !== 0) return this.takeError();
    return this.receiveEnded || io.remaining === 0 ? 0 : -EAGAIN;
  }

  /** MSG_WAITALL: is that all? What has ancillary data comes by itself. */
  #enough(io: IoVector, flags: number, received: ReceivedMessage | undefined): boolean {
    if ((flags & (MSG_WAITALL | MSG_PEEK)) !== MSG_WAITALL || io.remaining === 0) return true;
    const { incoming } = this;
    return !(incoming instanceof ByteChannel) || incoming.marked || received?.ancillary !== undefined;
  }

  /** There is room again for the peer. */
  #told(): void {
    if (this.incoming!.writable) this.peer?.waiters.wake(WRITABLE);
  }

  protected receiveUnconnected(): number {
    return -ENOTCONN;
  }

  protected override trySend(
    io: IoVector,
    _flags: number,
    to: SocketAddress | undefined,
    ancillary: Ancillary | undefined,
    _task: Task,
  ): number {
    if (to && this.outgoing) return -EISCONN;
    const failed = this.sendError();
    if (failed < 0) return failed;
    if (this.sendEnded) return -EPIPE;
    const { outgoing, peer } = this;
    if (!outgoing) return this.sendUnconnected();
    if (!peer) return this.sendToClosed(io);
    const count = outgoing.put(io, ancillary);
    if (count < 0) return count;
    peer.waiters.wake(READABLE);
    return io.remaining === 0 || outgoing.writable ? io.moved : -EAGAIN;
  }

  /** A pending error that sending tells of, taken; 0: none. */
  protected sendError(): number {
    return 0;
  }

  protected sendUnconnected(): number {
    return -ENOTCONN;
  }

  override poll(): number {
    let events = this.error !== 0 ? POLLERR : 0;
    if (this.receiveEnded) events |= READABLE | POLLRDHUP;
    else if (this.incoming!.filled || this.error !== 0) events |= READABLE;
    if (this.receiveEnded && this.sendEnded) events |= POLLHUP;
    if (this.sendEnded || this.outgoing!.writable) events |= WRITABLE;
    return events;
  }

  override shutdown(how: number): number {
    if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
    if (this.state !== 'connected' && this.state !== 'disconnected') return this.shutdownUnconnected(how);
    if (how !== SHUT_WR) this.endReceiving();
    if (how !== SHUT_RD) this.#endSending();
    this.waiters.wake();
    return 0;
  }

  protected shutdownUnconnected(_how: number): number {
    return -ENOTCONN;
  }

  protected endReceiving(): void {
    this.receiveEnded = true;
  }

  #endSending(): void {
    this.sendEnded = true;
    const { peer } = this;
    if (!peer) return;
    peer.receiveEnded = true;
    peer.waiters.wake();
  }

  /** @param reset the peer learns that bytes were lost */
  protected disconnect(reset: boolean): void {
    const { peer } = this;
    this.state = 'disconnected';
    this.receiveEnded = this.sendEnded = true;
    this.peer = undefined;
    const lost = this.incoming?.filled ?? false;
    this.incoming?.discard();
    if (!peer) return;
    peer.peer = undefined;
    peer.peerClosed(reset || lost);
    peer.waiters.wake();
  }

  /** The other end is gone. @param reset with an error */
  protected peerClosed(reset: boolean): void {
    this.receiveEnded = true;
    if (reset) this.error = ECONNRESET;
  }

  override release(): void {
    this.disconnect(this.options.linger === 0);
    super.release();
  }

  /** Makes a connection of two new sockets of one task's. */
  static pair(first: Connection, second: Connection, task: Task): void {
    first.setCredentials(task);
    second.setCredentials(task);
    Connection.join(first, second);
  }

  static join(first: Connection, second: Connection): void {
    const there = first.newChannel();
    const back = first.newChannel();
    first.#joined(second, back, there);
    second.#joined(first, there, back);
  }

  #joined(peer: Connection, incoming: Channel, outgoing: Channel): void {
    this.peer = peer;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.state = 'connected';
    this.#peerCredentials = peer.#credentials;
  }
}
