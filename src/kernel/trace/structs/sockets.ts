/** Addresses, messages and their parts. */
import * as constants from '../../../linux/sockets.ts';
import type { UserMemory } from '../../memory/user-memory.ts';
import { bitNames, named, nameOf } from '../names.ts';
import { quote } from '../quote.ts';
import type { Decode, Late } from '../row.ts';
import { bytesAt, filled, given, list } from '../values.ts';

export const FAMILIES = named(constants, 'AF_');
export const MESSAGE_FLAGS = named(constants, 'MSG_');

/** struct sockaddr of so many bytes. */
export function addressText(memory: UserMemory, address: number, length: number): string {
  const bytes = memory.readBytes(address, Math.max(0, Math.min(length, constants.SOCKADDR_MAX)));
  if (bytes.length < 2) return quote(bytes.toString('latin1'));
  const family = bytes.readUInt16LE(0);
  const name = `sa_family=${nameOf(FAMILIES, family)}`;
  if (family === constants.AF_UNIX) return `{${[name, ...unixPath(bytes)].join(', ')}}`;
  if (family === constants.AF_INET && bytes.length >= 8) {
    const host = [...bytes.subarray(4, 8)].join('.');
    return `{${name}, sin_port=htons(${bytes.readUInt16BE(2)}), sin_addr=inet_addr("${host}")}`;
  }
  if (family === constants.AF_INET6 && bytes.length >= 24) {
    const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + index * 2).toString(16));
    return `{${name}, sin6_port=htons(${bytes.readUInt16BE(2)}), sin6_addr="${groups.join(':')}"}`;
  }
  return `{${name}, sa_data=${quote(bytes.toString('latin1', 2))}}`;
}

/** An abstract name begins with a NUL, which stands as @. */
function unixPath(bytes: Buffer): string[] {
  if (bytes.length <= 2) return [];
  const path = bytes.toString('latin1', 2);
  if (path.startsWith('\0')) return [`sun_path=@${quote(path.slice(1))}`];
  return [`sun_path=${quote(path.split('\0', 1)[0]!)}`];
}

/** @param lengthAt place of the argument that has its length */
export function socketAddress(lengthAt: number): Decode {
  return given((memory, address, { args }) => addressText(memory, address, args[lengthAt]! | 0));
}

/** @param lengthAt place of the argument that points to its length */
export function socketAddressOut(lengthAt: number): Late {
  return filled((memory, address, { args }) => addressText(memory, address, memory.readI32(args[lengthAt]!)));
}

export function showVectorPart(memory: UserMemory, address: number): string {
  const length = memory.readI64(address + 8);
  return `{iov_base=${bytesAt(memory, memory.readI64(address), length)}, iov_len=${length}}`;
}

/** @param countAt place of the argument that says how many parts there are */
export function vector(countAt: number): Decode {
  return given((memory, address, { args }) => list(memory, address, args[countAt]!, 16, showVectorPart));
}

/** As much as the call has filled. */
export function vectorOut(countAt: number): Late {
  return filled((memory, address, { args, result }) => vectorText(memory, address, args[countAt]!, result!));
}

function vectorText(memory: UserMemory, address: number, count: number, filledBytes: number): string {
  let left = filledBytes;
  return list(memory, address, count, 16, (_, at) => {
    const length = memory.readI64(at + 8);
    const shown = Math.min(left, length);
    left -= shown;
    return `{iov_base=${bytesAt(memory, memory.readI64(at), shown)}, iov_len=${length}}`;
  });
}

const { MSGHDR, CMSGHDR } = constants;

/** struct msghdr. @param filledBytes of its parts */
export function messageText(memory: UserMemory, address: number, filledBytes: number): string {
  const name = memory.readI64(address + MSGHDR.name);
  const nameLength = memory.readI32(address + MSGHDR.nameLength);
  const parts = memory.readI64(address + MSGHDR.vector);
  const count = memory.readI64(address + MSGHDR.vectorLength);
  const control = memory.readI64(address + MSGHDR.control);
  const controlLength = memory.readI64(address + MSGHDR.controlLength);
  const fields = [
    `msg_name=${name === 0 ? 'NULL' : addressText(memory, name, nameLength)}`,
    `msg_namelen=${nameLength}`,
    `msg_iov=${parts === 0 ? 'NULL' : vectorText(memory, parts, count, filledBytes)}`,
    `msg_iovlen=${count}`,
  ];
  if (control !== 0 && controlLength >= CMSGHDR.size)
    fields.push(`msg_control=${controlText(memory, control)}`);
  fields.push(
    `msg_controllen=${controlLength}`,
    `msg_flags=${bitNames(MESSAGE_FLAGS, memory.readU32(address + MSGHDR.flags))}`,
  );
  return `{${fields.join(', ')}}`;
}

/** The first of its messages: descriptors, mostly. */
function controlText(memory: UserMemory, address: number): string {
  const length = memory.readI64(address + CMSGHDR.length);
  const level = memory.readI32(address + CMSGHDR.level);
  const type = memory.readI32(address + CMSGHDR.type);
  const kind =
    level === constants.SOL_SOCKET ? nameOf(named(constants, 'SCM_', 'SCM_MAX_FD'), type) : `${type}`;
  const head = `cmsg_len=${length}, cmsg_level=${level === 1 ? 'SOL_SOCKET' : level}, cmsg_type=${kind}`;
  if (kind !== 'SCM_RIGHTS') return `[{${head}}]`;
  const count = Math.floor((length - CMSGHDR.size) / 4);
  const fds = list(memory, address + CMSGHDR.size, count, 4, (_, at) => `${memory.readI32(at)}`);
  return `[{${head}, cmsg_data=${fds}}]`;
}
