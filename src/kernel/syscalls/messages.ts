/** Sending and receiving through sockets (send(2), recv(2), sendmmsg(2), recvmmsg(2)). */
import { EAGAIN, EINVAL, EMSGSIZE, EOPNOTSUPP } from '../../linux/errno.ts';
import {
  MMSGHDR,
  MSGHDR,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITFORONE,
  SOCKADDR_MAX,
} from '../../linux/sockets.ts';
import { fail } from '../failure.ts';
import { IoVector } from '../memory/io-vector.ts';
import { putAddress, readAddress, type SocketAddress, writeAddress } from '../sockets/address.ts';
import { newReceived, type ReceivedMessage, type Socket } from '../sockets/socket.ts';
import type { Task } from '../tasks/task.ts';
import { ControlWriter, readControl } from './control-messages.ts';
import { readTimeout, deadlineAfter } from './deadline.ts';
import { MOST_BYTES } from './files.ts';
import type { SyscallFamily } from './handler.ts';
import { findSocket } from './sockets.ts';
import { readRanges } from './vectors.ts';

/** UIO_MAXIOV: more messages a call does not move either. */
const MOST_MESSAGES = 1024;

/** One range of guest memory. */
function range(task: Task, address: number, length: number, toGuest: boolean): IoVector {
  const bytes = length < 0 ? MOST_BYTES : Math.min(length, MOST_BYTES);
  return IoVector.user(task.memory, address, bytes, toGuest);
}

function sendto(task: Task, args: Float64Array): number | Promise<number> {
  const socket = findSocket(task, args[0]!);
  const flags = args[3]! | 0;
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  const to = args[4] === 0 ? undefined : readAddress(task.memory, args[4]!, args[5]! | 0);
  return socket.send(range(task, args[1]!, args[2]!, false), flags, to, undefined, task);
}

/** Nothing is ever urgent, and no error queue ever has anything. */
function refusedFlags(flags: number): number {
  if ((flags & MSG_OOB) !== 0) return -EINVAL;
  return (flags & MSG_ERRQUEUE) !== 0 ? -EAGAIN : 0;
}

function recvfrom(task: Task, args: Float64Array): number | Promise<number> {
  const socket = findSocket(task, args[0]!);
  const flags = args[3]! | 0;
  const refusal = refusedFlags(flags);
  if (refusal < 0) return refusal;
  const io = range(task, args[1]!, args[2]!, true);
  const [, , , , address, lengthAddress] = args;
  if (address === 0) return socket.receive(io, flags, undefined, task);
  const received = newReceived();
  const tell = (count: number): number => {
    if (count >= 0) {
      if ((flags & MSG_PEEK) === 0) received.ancillary?.rights?.release();
      tellSender(task, address!, lengthAddress!, received.from);
    }
    return count;
  };
  const result = socket.receive(io, flags, received, task);
  return typeof result === 'number' ? tell(result) : result.then(tell);
}

/** Streams do not say where bytes have come from: the length is 0 then. */
function tellSender(
  task: Task,
  address: number,
  lengthAddress: number,
  from: SocketAddress | undefined,
): void {
  if (from) writeAddress(task.memory, address, lengthAddress, from);
  else task.memory.writeU32(lengthAddress, 0);
}

function checkedRanges(task: Task, header: number, toGuest: boolean): IoVector {
  const count = task.memory.readI64(header + MSGHDR.vectorLength);
  if (count < 0 || count > MOST_MESSAGES) fail(EMSGSIZE);
  const io = readRanges(task, task.memory.readI64(header + MSGHDR.vector), count, toGuest);
  return typeof io === 'number' ? fail(-io) : io;
}

function sendMessage(task: Task, socket: Socket, header: number, flags: number): number | Promise<number> {
  const { memory } = task;
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  const name = memory.readI64(header + MSGHDR.name);
  const nameLength = memory.readI32(header + MSGHDR.nameLength);
  if (nameLength < 0) return -EINVAL;
  const to =
    name === 0 || nameLength === 0
      ? undefined
      : readAddress(memory, name, Math.min(nameLength, SOCKADDR_MAX));
  const io = checkedRanges(task, header, false);
  const ancillary = readControl(
    task,
    memory.readI64(header + MSGHDR.control),
    memory.readI64(header + MSGHDR.controlLength),
  );
  // What was not sent does not stay open.
  const settle = (result: number): number => {
    if (result < 0) ancillary?.rights?.release();
    return result;
  };
  const result = socket.send(io, flags, to, ancillary, task);
  return typeof result === 'number' ? settle(result) : result.then(settle);
}

function receiveMessage(task: Task, socket: Socket, header: number, flags: number): number | Promise<number> {
  const refusal = refusedFlags(flags);
  if (refusal < 0) return refusal;
  const io = checkedRanges(task, header, true);
  const received = newReceived();
  const tell = (count: number): number => {
    if (count >= 0) tellMessage(task, socket, header, flags, received);
    return count;
  };
  const result = socket.receive(io, flags, received, task);
  return typeof result === 'number' ? tell(result) : result.then(tell);
}

/** Writes what goes with the bytes: sender, ancillary data, flags. */
function tellMessage(
  task: Task,
  socket: Socket,
  header: number,
  flags: number,
  received: ReceivedMessage,
): void {
  const { memory } = task;
  const { from, ancillary } = received;
  const name = memory.readI64(header + MSGHDR.name);
  if (name !== 0) {
    const room = memory.readI32(header + MSGHDR.nameLength);
    memory.writeU32(header + MSGHDR.nameLength, from ? putAddress(memory, name, room, from) : 0);
  }
  const control = new ControlWriter(
    task,
    memory.readI64(header + MSGHDR.control),
    memory.readI64(header + MSGHDR.controlLength),
  );
  try {
    const credentials = ancillary?.credentials ?? socket.peerCredentials;
    if (socket.options.passCredentials && credentials) control.credentials(credentials);
    if (ancillary?.rights) control.rights(ancillary.rights.files, flags);
  } finally {
    if ((flags & MSG_PEEK) === 0) ancillary?.rights?.release();
  }
  memory.writeI64(header + MSGHDR.controlLength, control.written);
  const shown = received.flags | control.flags | (flags & MSG_CMSG_CLOEXEC);
  memory.writeU32(header + MSGHDR.flags, shown);
}

/**
 * Several messages, one after the other, until one cannot be moved. What has been moved counts; an error shows in the next
 * call. @param move moves one @param more may it go on after so many?
 */
async function moveMany(
  task: Task,
  vector: number,
  count: number,
  move: (header: number, moved: number) => number | Promise<number>,
  more: () => boolean,
): Promise<number> {
  let moved = 0;
  while (moved < count && (moved === 0 || more())) {
    const header = vector + moved * MMSGHDR.size;
    const result = await move(header, moved);
    if (result < 0) return moved > 0 ? moved : result;
    task.memory.writeU32(header + MMSGHDR.length, result);
    moved++;
  }
  return moved;
}

export const messages: SyscallFamily = {
  sendto,
  recvfrom,
  sendmsg: (task, args) => sendMessage(task, findSocket(task, args[0]!), args[1]!, args[2]! | 0),
  recvmsg: (task, args) => receiveMessage(task, findSocket(task, args[0]!), args[1]!, args[2]! | 0),

  sendmmsg(task, args) {
    const socket = findSocket(task, args[0]!);
    const flags = args[3]! | 0;
    const count = Math.min(args[2]! >>> 0, MOST_MESSAGES);
    return moveMany(
      task,
      args[1]!,
      count,
      (header) => sendMessage(task, socket, header, flags),
      () => true,
    );
  },

  recvmmsg(task, args) {
    const socket = findSocket(task, args[0]!);
    const flags = args[3]! | 0;
    const count = Math.min(args[2]! >>> 0, MOST_MESSAGES);
    const deadline = deadlineAfter(task, readTimeout(task.memory, args[4]!));
    const receive = (header: number, moved: number) => {
      const later = moved > 0 && (flags & MSG_WAITFORONE) !== 0 ? MSG_DONTWAIT : 0;
      return receiveMessage(task, socket, header, (flags & ~MSG_WAITFORONE) | later);
    };
    return moveMany(task, args[1]!, count, receive, () => task.kernel.clock.monotonic() < deadline);
  },
};
