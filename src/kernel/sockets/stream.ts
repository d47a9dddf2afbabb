/**
 * Sockets with connections: unix streams, unix packets in sequence, and TCP. A connection is two sockets and a channel
 * each way; there is no network between them, so that everything that is sent has arrived.
 */
import { EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, ENOTCONN, EPIPE } from '../../linux/errno.ts';
import { POLLERR, POLLHUP, POLLRDHUP, READABLE, WRITABLE } from '../../linux/poll.ts';
import { MSG_PEEK, MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR, SOMAXCONN } from '../../linux/sockets.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Task } from '../tasks/task.ts';
import type { SocketAddress } from './address.ts';
import { type Ancillary, credentialsOf, type PeerCredentials } from './ancillary.ts';
import { ByteChannel, type Channel } from './channel.ts';
import { deadlineOf, type ReceivedMessage, Socket, waited } from './socket.ts';

export type StreamState = 'idle' | 'listening' | 'connecting' | 'connected' | 'disconnected';

export abstract class StreamSocket extends Socket {
  state: StreamState = 'idle';
  protected peer: StreamSocket | undefined;
  protected incoming: Channel | undefined;
  protected outgoing: Channel | undefined;
  /** Nothing more will come; nothing more may be sent. */
  protected receiveEnded = false;
  protected sendEnded = false;
  /** Of a listener: ends of connections that have not been accepted yet, and sockets that wait for room here. */
  readonly #accepted: StreamSocket[] = [];
  readonly #waiting = new Set<StreamSocket>();
  #backlog = 0;
  #target: StreamSocket | undefined;
  #credentials: PeerCredentials | undefined;
  #peerCredentials: PeerCredentials | undefined;

  /** A socket of the same kind for the listener's side of a new connection. @param flags O_NONBLOCK */
  protected abstract newServerEnd(client: StreamSocket): StreamSocket;
  protected abstract newChannel(): Channel;
  /** What is sent to somebody who has closed: -EPIPE, or bytes that are lost. */
  protected abstract sendToClosed(io: IoVector): number;
  /** An address to listen on where none was given, or -errno. */
  protected abstract prepareListen(task: Task): number;

  /** Who it was made by, as its peer is told. */
  protected setCredentials(task: Task): void {
    this.#credentials = credentialsOf(task);
  }

  override get peerCredentials(): PeerCredentials | undefined {
    return this.#peerCredentials;
  }

  override get listening(): boolean {
    return this.state === 'listening';
  }

  protected override get available(): number {
    return this.incoming?.available ?? 0;
  }

  override listen(backlog: number, task: Task): number {
    if (this.state !== 'idle' && this.state !== 'listening') return -EINVAL;
    const error = this.prepareListen(task);
    if (error < 0) return error;
    this.setCredentials(task);
    this.#backlog = Math.min(backlog >>> 0, SOMAXCONN);
    this.state = 'listening';
    this.admitWaiting();
    return 0;
  }

  /** As Linux: one more than the backlog says. */
  get hasRoom(): boolean {
    return this.#accepted.length <= this.#backlog;
  }

  /**
   * Connects to a listener: at once, or when it has room. @returns 0, or -EAGAIN: the state becomes `connected`, or an error
   * is set, and the waiters are woken
   */
  protected connectTo(listener: StreamSocket, task: Task): number {
    this.setCredentials(task);
    if (listener.hasRoom) {
      listener.#establish(this);
      return 0;
    }
    this.state = 'connecting';
    this.#target = listener;
    listener.#waiting.add(this);
    return -EAGAIN;
  }

  /** Waits until `connectTo` has done what it could not do at once. */
  protected async waitUntilConnected(task: Task): Promise<number> {
    const timeout = this.options.sendTimeout;
    const attempt = () => (this.state === 'connecting' ? -EAGAIN : this.takeError());
    return waited(await task.waitFor(this.waiters, attempt, deadlineOf(task, timeout)), timeout);
  }

  /** The connection that is waited for is not wanted any more. */
  protected giveUpConnecting(): void {
    const target = this.#target;
    if (target) target.#waiting.delete(this);
    this.#target = undefined;
    if (this.state === 'connecting') this.state = 'idle';
  }

  #establish(client: StreamSocket): void {
    const server = this.newServerEnd(client);
    server.#credentials = this.#credentials;
    client.#target = undefined;
    StreamSocket.join(client, server);
    this.#accepted.push(server);
    client.waiters.wake();
    this.waiters.wake(READABLE);
  }

  protected admitWaiting(): void {
    for (const client of this.#waiting) {
      if (!this.hasRoom) return;
      this.#waiting.delete(client);
      this.#establish(client);
    }
  }

  override tryAccept(_task: Task, flags: number): StreamSocket | number {
    if (this.state !== 'listening') return -EINVAL;
    const server = this.#accepted.shift();
    if (!server) return -EAGAIN;
    server.flags |= flags;
    this.admitWaiting();
    return server;
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
    if (this.state === 'listening') return this.#accepted.length > 0 ? READABLE : 0;
    let events = this.error !== 0 ? POLLERR : 0;
    if (this.state === 'connecting') return events;
    if (this.state === 'idle') return events | POLLHUP | WRITABLE;
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

  /** Stops listening; whoever has connected and was not accepted is reset. */
  protected stopListening(): void {
    this.state = 'idle';
    for (const server of this.#accepted.splice(0)) server.disconnect(true);
    for (const client of this.#waiting) client.#refuse();
    this.#waiting.clear();
  }

  #refuse(): void {
    this.#target = undefined;
    this.state = 'idle';
    this.error = ECONNREFUSED;
    this.waiters.wake();
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
    this.giveUpConnecting();
    if (this.state === 'listening') this.stopListening();
    else this.disconnect(this.options.linger === 0);
    super.release();
  }

  /** Makes a connection of two new sockets of one task's. */
  static pair(first: StreamSocket, second: StreamSocket, task: Task): void {
    first.setCredentials(task);
    second.setCredentials(task);
    StreamSocket.join(first, second);
  }

  static join(first: StreamSocket, second: StreamSocket): void {
    const there = first.newChannel();
    const back = first.newChannel();
    first.#joined(second, back, there);
    second.#joined(first, there, back);
  }

  #joined(peer: StreamSocket, incoming: Channel, outgoing: Channel): void {
    this.peer = peer;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.state = 'connected';
    this.#peerCredentials = peer.#credentials;
  }
}
