/** Sockets. */
import * as constants from '../../../linux/sockets.ts';
import { bitNames, counted, flags, named, nameOf, oneOf, hex } from '../names.ts';
import type { Decode, TraceFamily } from '../row.ts';
import { FAMILIES, MESSAGE_FLAGS, messageText, socketAddress, socketAddressOut } from '../structs/sockets.ts';
import {
  filled,
  given,
  input,
  integer,
  integerOut,
  integers,
  output,
  pointer,
  size,
  unsigned,
} from '../values.ts';

const TYPES = named(constants, 'SOCK_').filter(([value]) => value <= constants.SOCK_SEQPACKET);
const TYPE_FLAGS = named(constants, 'SOCK_').filter(([value]) => value > constants.SOCK_TYPE_MASK);
const LEVELS = named({ SOL_IP: 0, SOL_SOCKET: 1, SOL_TCP: 6, SOL_UDP: 17, SOL_IPV6: 41 }, '');
const OPTIONS: Readonly<Record<number, ReturnType<typeof named>>> = {
  1: named(constants, 'SO_'),
  6: named(constants, 'TCP_'),
  0: named(constants, 'IP_'),
  41: named(constants, 'IPV6_'),
};

const socketType: Decode = (value) => {
  const rest = value & ~constants.SOCK_TYPE_MASK;
  const type = nameOf(TYPES, value & constants.SOCK_TYPE_MASK);
  return rest === 0 ? type : `${type}|${bitNames(TYPE_FLAGS, rest)}`;
};

const protocol: Decode = (value, { args }) => {
  const isInternet = args[0] === constants.AF_INET || args[0] === constants.AF_INET6;
  return isInternet ? nameOf(named(constants, 'IPPROTO_'), value) : `${value | 0}`;
};

const option: Decode = (value, { args }) => nameOf(OPTIONS[args[1]! | 0] ?? [], value | 0);

const optionValue = given((memory, address, { args: [, , , , length] }) =>
  length === 4 ? `[${memory.readI32(address)}]` : hex(address),
);

const optionOut = filled((memory, address, { args }) =>
  memory.readI32(args[4]!) === 4 ? `[${memory.readI32(address)}]` : hex(address),
);

const MESSAGE = flags(MESSAGE_FLAGS);
const ANSWERED = [integer, socketAddressOut(2), integerOut] as const;

export const sockets: TraceFamily = {
  socket: [oneOf(FAMILIES), socketType, protocol],
  socketpair: [oneOf(FAMILIES), socketType, protocol, integers(2)],
  bind: [integer, socketAddress(2), integer],
  connect: [integer, socketAddress(2), integer],
  listen: [integer, integer],
  accept: ANSWERED,
  accept4: [...ANSWERED, flags(TYPE_FLAGS)],
  getsockname: ANSWERED,
  getpeername: ANSWERED,
  shutdown: [integer, oneOf(counted('SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'))],
  setsockopt: [integer, oneOf(LEVELS), option, optionValue, integer],
  getsockopt: [integer, oneOf(LEVELS), option, optionOut, integerOut],
  sendto: [integer, input(2), size, MESSAGE, socketAddress(5), unsigned],
  recvfrom: [integer, output, size, MESSAGE, socketAddressOut(5), integerOut],
  sendmsg: [integer, given((memory, address) => messageText(memory, address, Infinity)), MESSAGE],
  recvmsg: [integer, filled((memory, address, { result }) => messageText(memory, address, result!)), MESSAGE],
  sendmmsg: [integer, pointer, integer, MESSAGE],
  recvmmsg: [integer, pointer, integer, MESSAGE, pointer],
};
