/** Sockets that listen and connect: unix streams, unix packets in sequence, and TCP. */
import { EAGAIN, ECONNREFUSED, EINVAL } from '../../linux/errno.ts';
import { POLLERR, POLLHUP, READABLE, WRITABLE } from '../../linux/poll.ts';
import { SOMAXCONN } from '../../linux/sockets.ts';
import type { Task } from '../tasks/task.ts';
import { Connection } from './connection.ts';
import { deadlineOf, waited } from './socket.ts';

export abstract class StreamSocket extends Connection {
  /** Of a listener: ends of connections that have not been accepted yet, and sockets that wait for room here. */
  readonly #accepted: StreamSocket[] = [];
  readonly #waiting = new Set<StreamSocket>();
  #backlog = 0;
  #target: StreamSocket | undefined;

  /** A socket of the same kind for the listener's side of a new connection. @param flags O_NONBLOCK */
  protected abstract newServerEnd(client: StreamSocket): StreamSocket;
  /** An address to listen on where none was given, or -errno. */
  protected abstract prepareListen(task: Task): number;

  override get listening(): boolean {
    return this.state === 'listening';
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
    server.inheritCredentials(this);
    client.#target = undefined;
    Connection.join(client, server);
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

  override poll(): number {
    if (this.state === 'listening') return this.#accepted.length > 0 ? READABLE : 0;
    if (this.state === 'connecting') return 0;
    if (this.state === 'idle') return (this.error !== 0 ? POLLERR : 0) | POLLHUP | WRITABLE;
    return super.poll();
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

  override release(): void {
    this.giveUpConnecting();
    if (this.state === 'listening') this.stopListening();
    super.release();
  }
}
