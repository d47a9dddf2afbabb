/** Internet hosts of a network that has the loopback interface only: 16 bytes each, IPv4 mapped into IPv6 (ip(7), ipv6(7)). */
import { AF_INET, AF_INET6 } from '../../../linux/sockets.ts';

const MAPPED = `${'\0'.repeat(10)}\xff\xff`;

/** 0.0.0.0 and ::, 127.0.0.1 and ::1. */
export const ANY4 = `${MAPPED}\0\0\0\0`;
export const ANY6 = '\0'.repeat(16);
export const LOOPBACK4 = `${MAPPED}\x7f\0\0\x01`;
export const LOOPBACK6 = `${'\0'.repeat(15)}\x01`;

export function isVersion4(host: string): boolean {
  return host.startsWith(MAPPED);
}

export function isAny(host: string): boolean {
  return host === ANY4 || host === ANY6;
}

/** Can a socket be bound to it? */
export function isLocal(host: string): boolean {
  return isAny(host) || host === LOOPBACK6 || (isVersion4(host) && host[12] === '\x7f');
}

/** Where a connection to `host` leads: "any" means this machine. */
export function destination(host: string): string {
  if (host === ANY4) return LOOPBACK4;
  return host === ANY6 ? LOOPBACK6 : host;
}

export function anyHost(family: number): string {
  return family === AF_INET6 ? ANY6 : ANY4;
}

/** Which addresses a socket that is bound to `host` receives from. */
export function receives(host: string, onlyVersion6: boolean, target: string): boolean {
  if (host === target || host === ANY4) return host === target || isVersion4(target);
  return host === ANY6 && (!onlyVersion6 || !isVersion4(target));
}

/** Is the address one that a socket of the family can use? IPv6 sockets take IPv4 ones too, unless they are IPv6 only. */
export function usable(family: number, onlyVersion6: boolean, host: string): boolean {
  if (family === AF_INET) return isVersion4(host);
  return !onlyVersion6 || !isVersion4(host);
}
