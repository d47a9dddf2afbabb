/** Who is bound to which port (ip(7)): one such table for TCP, one for UDP. */
import { EADDRINUSE } from '../../../linux/errno.ts';
import type { Socket } from '../socket.ts';
import { isAny, isVersion4, receives } from './hosts.ts';

/** What has a port. */
export interface Bound extends Socket {
  /** An address it is bound to, and whether a listener or a datagram socket receives there. */
  readonly boundHost: string;
}

/** net.ipv4.ip_local_port_range. */
const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;

export class Ports {
  readonly #bound = new Map<number, Set<Bound>>();
  #next = FIRST_EPHEMERAL;

  /**
   * Takes a port for a socket; it is the caller's to remember. @param port 0: any free one
   * @returns the port, or -EADDRINUSE
   */
  take(socket: Bound, host: string, port: number): number {
    const chosen = port === 0 ? this.#free(socket, host) : port;
    if (chosen < 0) return chosen;
    if (port !== 0 && this.#conflict(socket, host, port)) return -EADDRINUSE;
    const there = this.#bound.get(chosen);
    if (there) there.add(socket);
    else this.#bound.set(chosen, new Set([socket]));
    return chosen;
  }

  release(socket: Bound, port: number): void {
    const there = this.#bound.get(port);
    there?.delete(socket);
    if (there?.size === 0) this.#bound.delete(port);
  }

  /** Whoever receives at the address: the most exactly bound. @param accepts leaves out those that do not */
  find<T extends Bound>(host: string, port: number, accepts: (socket: Bound) => socket is T): T | undefined {
    let best: T | undefined;
    for (const socket of this.#bound.get(port) ?? []) {
      if (!accepts(socket) || !receives(socket.boundHost, socket.options.onlyVersion6, host)) continue;
      if (!best || (isAny(best.boundHost) && !isAny(socket.boundHost))) best = socket;
    }
    return best;
  }

  #free(socket: Bound, host: string): number {
    const count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
    for (let tries = 0; tries < count; tries++) {
      const port = this.#next;
      this.#next = port === LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
      if (!this.#conflict(socket, host, port)) return port;
    }
    return -EADDRINUSE;
  }

  #conflict(socket: Bound, host: string, port: number): boolean {
    for (const other of this.#bound.get(port) ?? []) {
      if (overlap(socket, host, other) && !shared(socket, other)) return true;
    }
    return false;
  }
}

/** Could something that is sent to one be meant for the other? */
function overlap(socket: Bound, host: string, other: Bound): boolean {
  if (receives(host, socket.options.onlyVersion6, other.boundHost)) return true;
  if (receives(other.boundHost, other.options.onlyVersion6, host)) return true;
  // Both "any", one of each version.
  const wide = isVersion4(host) ? other : socket;
  return isAny(host) && isAny(other.boundHost) && !wide.options.onlyVersion6;
}

/** SO_REUSEPORT on both, or SO_REUSEADDR on both while neither listens (socket(7)). */
function shared(socket: Bound, other: Bound): boolean {
  if (socket.options.reusePort && other.options.reusePort) return true;
  return socket.options.reuseAddress && other.options.reuseAddress && !other.listening;
}
