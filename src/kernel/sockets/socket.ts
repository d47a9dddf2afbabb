/**
 * A socket: a description that has addresses and sends messages (socket(7)). Families derive their own, and say how to
 * bind, connect, send and receive without waiting; the waiting is done here.
 */
import { EAGAIN, EINTR, EINVAL, EOPNOTSUPP, EPIPE, ERESTARTSYS, ETIMEDOUT } from '../../linux/errno.ts';
import { FIONREAD, TIOCOUTQ } from '../../linux/ioctls.ts';
import { O_RDWR } from '../../linux/open-flags.ts';
import { SIGNALS } from '../../linux/signals.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_DGRAM } from '../../linux/sockets.ts';
import { S_IFSOCK } from '../../linux/stat.ts';
import { anonymousStat, SOCKET_DEVICE } from '../files/special/anonymous.ts';
import { FileDescription } from '../files/description.ts';
import type { Stat } from '../files/stat.ts';
import type { IoVector } from '../memory/io-vector.ts';
import type { Kernel } from '../kernel.ts';
import type { Credentials } from '../tasks/credentials.ts';
import type { Task } from '../tasks/task.ts';
import type { WaitQueue } from '../wait-queue.ts';
import type { SocketAddress } from './address.ts';
import type { Ancillary, PeerCredentials } from './ancillary.ts';
import type { Received } from './channel.ts';
import { SocketOptions } from './options.ts';

/** What a receiver is told, with where a packet has come from. */
export interface ReceivedMessage extends Received {
  from: SocketAddress | undefined;
}

export function newReceived(): ReceivedMessage {
  return { flags: 0, ancillary: undefined, from: undefined };
}

/** Whoever makes a socket: a task, of which no more than this is kept, since the socket may outlive it. */
export interface SocketOwner {
  readonly kernel: Kernel;
  readonly credentials: Credentials;
}

export abstract class Socket extends FileDescription {
  abstract readonly family: number;
  abstract readonly type: number;
  abstract readonly protocol: number;
  readonly options = new SocketOptions();
  /** An error that came on its own, told once (SO_ERROR); 0: none. */
  error = 0;
  protected readonly owner: SocketOwner;
  readonly #stat: Stat;

  /** @param flags O_NONBLOCK */
  constructor(owner: SocketOwner, flags: number) {
    super(O_RDWR | flags);
    this.owner = { kernel: owner.kernel, credentials: owner.credentials };
    this.#stat = anonymousStat(owner, SOCKET_DEVICE, S_IFSOCK | 0o777);
  }

  get name(): string {
    return `socket:[${this.#stat.ino}]`;
  }

  stat(): Stat {
    return this.#stat;
  }

  abstract bind(address: SocketAddress, task: Task): number | Promise<number>;
  abstract connect(address: SocketAddress, task: Task): number | Promise<number>;
  abstract get localAddress(): SocketAddress;
  /** -ENOTCONN when there is none. */
  abstract get peerAddress(): SocketAddress | number;
  abstract shutdown(how: number): number;

  listen(_backlog: number, _task: Task): number {
    return -EOPNOTSUPP;
  }

  /** The next connection that has been made to it, or -EAGAIN. */
  tryAccept(_task: Task, _flags: number): Socket | number {
    return -EOPNOTSUPP;
  }

  /** Is it one that accepts (SO_ACCEPTCONN)? */
  get listening(): boolean {
    return false;
  }

  /** SO_PEERCRED. */
  get peerCredentials(): PeerCredentials | undefined {
    return undefined;
  }

  /** @returns bytes received, 0 at the end, -errno, or -EAGAIN when there is nothing, or not yet all of it (MSG_WAITALL) */
  protected abstract tryReceive(io: IoVector, flags: number, received: ReceivedMessage | undefined): number;

  /** @returns `io.moved` when all has gone, -errno, or -EAGAIN with `io.moved` saying how much has gone so far */
  protected abstract trySend(
    io: IoVector,
    flags: number,
    to: SocketAddress | undefined,
    ancillary: Ancillary | undefined,
    task: Task,
  ): number;

  /** Woken when there is room for what is sent to `to`. */
  protected drained(_to: SocketAddress | undefined, _task: Task): WaitQueue {
    return this.waiters;
  }

  /** FIONREAD. */
  protected get available(): number {
    return 0;
  }

  receive(
    io: IoVector,
    flags: number,
    received: ReceivedMessage | undefined,
    task: Task,
  ): number | Promise<number> {
    const result = this.tryReceive(io, flags, received);
    if (result !== -EAGAIN) return result;
    if (this.#mayNotWait(flags)) return io.moved > 0 ? io.moved : -EAGAIN;
    const timeout = this.options.receiveTimeout;
    const deadline = deadlineOf(task, timeout);
    const waiting = task.waitFor(this.waiters, () => this.tryReceive(io, flags, received), deadline);
    return waiting.then((late) => finished(late, io, timeout));
  }

  send(
    io: IoVector,
    flags: number,
    to: SocketAddress | undefined,
    ancillary: Ancillary | undefined,
    task: Task,
  ): number | Promise<number> {
    const result = this.trySend(io, flags, to, ancillary, task);
    if (result >= 0) return result;
    if (result !== -EAGAIN || this.#mayNotWait(flags)) return this.#sent(result, io, flags, task);
    const timeout = this.options.sendTimeout;
    const attempt = () => this.trySend(io, flags, to, io.moved > 0 ? undefined : ancillary, task);
    const waiting = task.waitFor(this.drained(to, task), attempt, deadlineOf(task, timeout));
    return waiting.then((late) => this.#sent(finished(late, io, timeout), io, flags, task));
  }

  /** A partial success is one; a stream that nobody reads any more raises SIGPIPE (send(2), EPIPE). */
  #sent(result: number, io: IoVector, flags: number, task: Task): number {
    if (result >= 0) return result;
    if (io.moved > 0 && this.type !== SOCK_DGRAM) return io.moved;
    if (result === -EPIPE && (flags & MSG_NOSIGNAL) === 0 && this.type !== SOCK_DGRAM) {
      task.sendSignal(SIGNALS.SIGPIPE);
    }
    return result;
  }

  #mayNotWait(flags: number): boolean {
    return this.nonblocking || (flags & MSG_DONTWAIT) !== 0;
  }

  /** accept(2), with the receive timeout. @param flags O_NONBLOCK for the new socket */
  accept(task: Task, flags: number): Socket | number | Promise<Socket | number> {
    const first = this.tryAccept(task, flags);
    if (first !== -EAGAIN || this.nonblocking) return first;
    return this.#waitForConnection(task, flags);
  }

  async #waitForConnection(task: Task, flags: number): Promise<Socket | number> {
    let accepted: Socket | undefined;
    const timeout = this.options.receiveTimeout;
    const attempt = (): number => {
      const next = this.tryAccept(task, flags);
      if (typeof next === 'number') return next;
      accepted = next;
      return 0;
    };
    const result = await task.waitFor(this.waiters, attempt, deadlineOf(task, timeout));
    return accepted ?? waited(result, timeout);
  }

  override read(io: IoVector, task: Task): number | Promise<number> {
    return this.receive(io, 0, undefined, task);
  }

  override write(io: IoVector, task: Task): number | Promise<number> {
    return this.send(io, 0, undefined, undefined, task);
  }

  override ioctl(task: Task, request: number, argument: number): number | Promise<number> {
    if (request === FIONREAD) {
      if (this.listening) return -EINVAL;
      task.memory.writeU32(argument, this.available);
      return 0;
    }
    if (request !== TIOCOUTQ) return super.ioctl(task, request, argument);
    task.memory.writeU32(argument, 0);
    return 0;
  }

  /** Takes the pending error. @returns it negated, 0 for none */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return error === 0 ? 0 : -error;
  }
}

/** @param timeout milliseconds, Infinity for none */
export function deadlineOf(task: Task, timeout: number): number {
  return timeout === Infinity ? Infinity : task.kernel.clock.monotonic() + timeout;
}

/** With a timeout the end of it is EAGAIN, and a signal is EINTR in spite of SA_RESTART (socket(7), SO_RCVTIMEO; signal(7)). */
export function waited(result: number, timeout: number): number {
  if (result === -ETIMEDOUT) return -EAGAIN;
  return result === -ERESTARTSYS && timeout !== Infinity ? -EINTR : result;
}

/** What was moved before the wait ended counts. */
function finished(result: number, io: IoVector, timeout: number): number {
  if (result >= 0) return result;
  return io.moved > 0 ? io.moved : waited(result, timeout);
}
