/** Addresses of sockets (sockaddr(3type); unix(7), ip(7), ipv6(7)), and their bytes. */
import { EAFNOSUPPORT, EINVAL } from '../../linux/errno.ts';
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, SOCKADDR_MAX, UNIX_PATH_MAX } from '../../linux/sockets.ts';
import { fail } from '../failure.ts';
import type { UserMemory } from '../memory/user-memory.ts';

export interface UnixAddress {
  family: typeof AF_UNIX;
  /** A path; or a NUL and an abstract name; or nothing: unnamed. */
  name: string;
}

export interface InetAddress {
  family: typeof AF_INET | typeof AF_INET6;
  /** 16 bytes as latin1: IPv4 addresses are mapped into IPv6 (::ffff:a.b.c.d), so that both compare alike. */
  host: string;
  port: number;
}

/** AF_UNSPEC dissolves a connection (connect(2)). */
export interface NoAddress {
  family: typeof AF_UNSPEC;
}

export type SocketAddress = UnixAddress | InetAddress | NoAddress;

export const UNNAMED: UnixAddress = { family: AF_UNIX, name: '' };

/** What IPv4 addresses begin with. */
const MAPPED = `${'\0'.repeat(10)}\xff\xff`;

/** Fails with EINVAL or EAFNOSUPPORT for what is no address. @param length as the guest gives it */
export function readAddress(memory: UserMemory, address: number, length: number): SocketAddress {
  if (length < 2 || length > SOCKADDR_MAX) fail(EINVAL);
  const bytes = memory.readBytes(address, length);
  const family = bytes.readUInt16LE(0);
  switch (family) {
    case AF_UNSPEC:
      return { family: AF_UNSPEC };
    case AF_UNIX:
      return { family: AF_UNIX, name: unixName(bytes.subarray(2)) };
    case AF_INET:
      if (length < 16) fail(EINVAL);
      return { family, port: bytes.readUInt16BE(2), host: MAPPED + bytes.toString('latin1', 4, 8) };
    case AF_INET6:
      if (length < 24) fail(EINVAL);
      return { family, port: bytes.readUInt16BE(2), host: bytes.toString('latin1', 8, 24) };
    default:
      return fail(EAFNOSUPPORT);
  }
}

/** An abstract name is all of its bytes; a path ends at a NUL. */
function unixName(bytes: Buffer): string {
  if (bytes.length > UNIX_PATH_MAX) fail(EINVAL);
  if (bytes.length === 0 || bytes[0] === 0) return bytes.toString('latin1');
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

function encode(address: SocketAddress): Buffer {
  if (address.family === AF_UNSPEC) return Buffer.alloc(2);
  if (address.family === AF_UNIX) {
    const { name } = address;
    const isPath = name !== '' && name[0] !== '\0';
    const bytes = Buffer.alloc(2 + name.length + (isPath ? 1 : 0));
    bytes.writeUInt16LE(AF_UNIX, 0);
    bytes.write(name, 2, 'latin1');
    return bytes;
  }
  const bytes = Buffer.alloc(address.family === AF_INET ? 16 : 28);
  bytes.writeUInt16LE(address.family, 0);
  bytes.writeUInt16BE(address.port, 2);
  if (address.family === AF_INET) bytes.write(address.host.slice(12), 4, 'latin1');
  else bytes.write(address.host, 8, 'latin1');
  return bytes;
}

/**
 * Writes as much as there is room for, and the true length (accept(2)). @param lengthAddress of a socklen_t that says how
 * much room there is
 */
export function writeAddress(
  memory: UserMemory,
  address: number,
  lengthAddress: number,
  value: SocketAddress,
): void {
  const room = memory.readI32(lengthAddress);
  if (room < 0) fail(EINVAL);
  memory.writeU32(lengthAddress, putAddress(memory, address, room, value));
}

/** @returns the true length, for a field that is written in another way */
export function putAddress(memory: UserMemory, address: number, room: number, value: SocketAddress): number {
  const bytes = encode(value);
  memory.writeBytes(address, bytes.subarray(0, Math.max(0, room)));
  return bytes.length;
}
