/** Making sockets, naming and connecting them (socket(2), bind(2), connect(2), accept(2), setsockopt(2)). */
import {
  EAFNOSUPPORT,
  EINVAL,
  ENOTSOCK,
  EOPNOTSUPP,
  EPERM,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
} from '../../linux/errno.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCKADDR_MAX,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOCK_TYPE_MASK,
} from '../../linux/sockets.ts';
import { fail } from '../failure.ts';
import { readAddress, writeAddress } from '../sockets/address.ts';
import { TcpSocket } from '../sockets/inet/tcp.ts';
import { UdpSocket } from '../sockets/inet/udp.ts';
import { Socket } from '../sockets/socket.ts';
import { UnixDatagram } from '../sockets/unix/datagram.ts';
import { UnixStream } from '../sockets/unix/stream.ts';
import type { Task } from '../tasks/task.ts';
import { partial, type SyscallFamily } from './handler.ts';

/** Fails with EBADF or ENOTSOCK. */
export function findSocket(task: Task, fd: number): Socket {
  const file = task.files.get(fd | 0);
  return file instanceof Socket ? file : fail(ENOTSOCK);
}

function checkType(type: number): number {
  return (type & ~(SOCK_TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK)) === 0
    ? type & SOCK_TYPE_MASK
    : fail(EINVAL);
}

function newUnix(task: Task, type: number, protocol: number, flags: number): Socket | number {
  if (protocol !== 0 && protocol !== AF_UNIX) return -EPROTONOSUPPORT;
  if (type === SOCK_STREAM || type === SOCK_SEQPACKET) return new UnixStream(task, type, flags);
  // Linux makes datagram sockets of raw ones.
  return type === SOCK_DGRAM || type === SOCK_RAW ? new UnixDatagram(task, flags) : -ESOCKTNOSUPPORT;
}

function newInet(
  task: Task,
  family: typeof AF_INET | typeof AF_INET6,
  type: number,
  protocol: number,
  flags: number,
): Socket | number {
  if (type === SOCK_STREAM) {
    return protocol === 0 || protocol === IPPROTO_TCP ? new TcpSocket(task, family, flags) : -EPROTONOSUPPORT;
  }
  if (type === SOCK_DGRAM) {
    if (protocol === 0 || protocol === IPPROTO_UDP) return new UdpSocket(task, family, flags);
    return -EPROTONOSUPPORT;
  }
  return type === SOCK_RAW ? -EPERM : -ESOCKTNOSUPPORT;
}

/** Gives it a descriptor; a socket that gets none is closed. */
function install(task: Task, socket: Socket, type: number): number {
  const fd = task.files.install(socket, (type & SOCK_CLOEXEC) !== 0);
  if (fd < 0) socket.release();
  return fd;
}

function makeSocket(task: Task, args: Float64Array): number {
  const family = args[0]! | 0;
  const type = args[1]! | 0;
  const protocol = args[2]! | 0;
  const kind = checkType(type);
  const flags = type & SOCK_NONBLOCK;
  let socket: Socket | number = -EAFNOSUPPORT;
  if (family === AF_UNIX) socket = newUnix(task, kind, protocol, flags);
  else if (family === AF_INET || family === AF_INET6) socket = newInet(task, family, kind, protocol, flags);
  return typeof socket === 'number' ? socket : install(task, socket, type);
}

/** Both get descriptors that are written to `address`, or neither does. */
function installPair(task: Task, pair: readonly Socket[], type: number, address: number): number {
  const fds: number[] = [];
  for (const socket of pair) {
    const fd = install(task, socket, type);
    if (fd < 0) {
      if (fds[0] === undefined) pair[1]!.release();
      else task.files.close(fds[0]);
      return fd;
    }
    fds.push(fd);
  }
  try {
    fds.forEach((fd, index) => task.memory.writeU32(address + 4 * index, fd));
  } catch (error) {
    for (const fd of fds) task.files.close(fd);
    throw error;
  }
  return 0;
}

function accept(
  task: Task,
  fd: number,
  address: number,
  lengthAddress: number,
  type: number,
): number | Promise<number> {
  const listener = findSocket(task, fd);
  if ((type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  const accepted = listener.accept(task, type & SOCK_NONBLOCK);
  const finish = (socket: Socket | number): number =>
    typeof socket === 'number' ? socket : installAccepted(task, socket, type, address, lengthAddress);
  return accepted instanceof Promise ? accepted.then(finish) : finish(accepted);
}

function installAccepted(
  task: Task,
  socket: Socket,
  type: number,
  address: number,
  lengthAddress: number,
): number {
  const fd = install(task, socket, type);
  if (fd < 0 || address === 0) return fd;
  try {
    const peer = socket.peerAddress;
    if (typeof peer !== 'number') writeAddress(task.memory, address, lengthAddress, peer);
  } catch (error) {
    task.files.close(fd);
    throw error;
  }
  return fd;
}

function readOption(task: Task, address: number, length: number): Buffer {
  if (length < 0) fail(EINVAL);
  return task.memory.readBytes(address, Math.min(length, SOCKADDR_MAX));
}

export const sockets: SyscallFamily = {
  socket: partial('AF_UNIX, and AF_INET and AF_INET6 on the loopback interface', makeSocket),

  socketpair(task, args) {
    const type = args[1]! | 0;
    const kind = checkType(type);
    const flags = type & SOCK_NONBLOCK;
    if (args[0] !== AF_UNIX) return args[0] === AF_INET || args[0] === AF_INET6 ? -EOPNOTSUPP : -EAFNOSUPPORT;
    if (args[2] !== 0 && args[2] !== AF_UNIX) return -EPROTONOSUPPORT;
    if (kind === SOCK_DGRAM || kind === SOCK_RAW) {
      return installPair(task, UnixDatagram.newPair(task, flags), type, args[3]!);
    }
    if (kind !== SOCK_STREAM && kind !== SOCK_SEQPACKET) return -ESOCKTNOSUPPORT;
    return installPair(task, UnixStream.newPair(task, kind, flags), type, args[3]!);
  },

  bind(task, args) {
    const socket = findSocket(task, args[0]!);
    return socket.bind(readAddress(task.memory, args[1]!, args[2]! | 0), task);
  },

  listen: (task, args) => findSocket(task, args[0]!).listen(args[1]! | 0, task),

  accept: (task, args) => accept(task, args[0]!, args[1]!, args[2]!, 0),
  accept4: (task, args) => accept(task, args[0]!, args[1]!, args[2]!, args[3]! | 0),

  connect(task, args) {
    const socket = findSocket(task, args[0]!);
    return socket.connect(readAddress(task.memory, args[1]!, args[2]! | 0), task);
  },

  getsockname(task, args) {
    writeAddress(task.memory, args[1]!, args[2]!, findSocket(task, args[0]!).localAddress);
    return 0;
  },

  getpeername(task, args) {
    const peer = findSocket(task, args[0]!).peerAddress;
    if (typeof peer === 'number') return peer;
    writeAddress(task.memory, args[1]!, args[2]!, peer);
    return 0;
  },

  shutdown: (task, args) => findSocket(task, args[0]!).shutdown(args[1]! | 0),

  setsockopt: partial('options that steer a real network are remembered only', (task, args) => {
    const socket = findSocket(task, args[0]!);
    const value = readOption(task, args[3]!, args[4]! | 0);
    return socket.options.set(args[1]! | 0, args[2]! | 0, value);
  }),

  getsockopt(task, args) {
    const socket = findSocket(task, args[0]!);
    const room = task.memory.readI32(args[4]!);
    if (room < 0) return -EINVAL;
    const value = socket.options.get(socket, args[1]! | 0, args[2]! | 0);
    if (typeof value === 'number') return value;
    const shown = value.subarray(0, room);
    task.memory.writeBytes(args[3]!, shown);
    task.memory.writeU32(args[4]!, shown.length);
    return 0;
  },
};
