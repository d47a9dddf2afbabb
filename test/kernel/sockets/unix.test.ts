import { beforeEach, describe, expect, it } from 'vitest';
import {
  EADDRINUSE,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EPIPE,
  EPROTOTYPE,
} from '../../../src/linux/errno.ts';
import { POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from '../../../src/linux/poll.ts';
import { SIGNALS } from '../../../src/linux/signals.ts';
import {
  AF_UNIX,
  CMSGHDR,
  MSGHDR,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SHUT_RD,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_ACCEPTCONN,
  SO_PASSCRED,
  SO_PEERCRED,
  SO_RCVTIMEO,
  SO_TYPE,
} from '../../../src/linux/sockets.ts';
import { SocketGuest } from './guest.ts';

let guest: SocketGuest;
beforeEach(() => {
  guest = new SocketGuest();
});

/** struct msghdr for one range, with room for ancillary data. */
function header(bytes: number, length: number, control = 0, controlLength = 0): number {
  const vector = guest.memory.reserve(16);
  guest.memory.writeI64(vector, bytes);
  guest.memory.writeI64(vector + 8, length);
  const at = guest.memory.reserve(MSGHDR.size);
  guest.memory.writeI64(at + MSGHDR.vector, vector);
  guest.memory.writeI64(at + MSGHDR.vectorLength, 1);
  guest.memory.writeI64(at + MSGHDR.control, control);
  guest.memory.writeI64(at + MSGHDR.controlLength, controlLength);
  return at;
}

function controlMessage(type: number, ...numbers: number[]): [number, number] {
  const length = CMSGHDR.size + 4 * numbers.length;
  const at = guest.memory.reserve(length);
  guest.memory.writeI64(at, length);
  guest.memory.writeU32(at + CMSGHDR.level, SOL_SOCKET);
  guest.memory.writeU32(at + CMSGHDR.type, type);
  numbers.forEach((number, index) => guest.memory.writeU32(at + CMSGHDR.size + 4 * index, number));
  return [at, length];
}

const sendWith = (fd: number, text: string, type: number, ...numbers: number[]) =>
  guest.now(
    'sendmsg',
    fd,
    header(guest.memory.place(text), text.length, ...controlMessage(type, ...numbers)),
    0,
  );

function receiveWith(fd: number, length = 100, room = 64, flags = MSG_DONTWAIT) {
  const bytes = guest.memory.reserve(length);
  const ancillary = guest.memory.reserve(room);
  const at = header(bytes, length, ancillary, room);
  const count = guest.now('recvmsg', fd, at, flags);
  const size = guest.memory.readI64(at + MSGHDR.controlLength);
  const numbers = [];
  for (let offset = CMSGHDR.size; offset + 4 <= size; offset += 4) {
    numbers.push(guest.memory.readI32(ancillary + offset));
  }
  return {
    text: count < 0 ? count : guest.memory.text(bytes, count),
    type: size > 0 ? guest.memory.readI32(ancillary + CMSGHDR.type) : 0,
    numbers: size > 0 ? numbers.slice(0, (guest.memory.readI64(ancillary) - CMSGHDR.size) / 4) : [],
    flags: guest.memory.readI32(at + MSGHDR.flags),
  };
}

describe('a pair of streams', () => {
  it('moves bytes both ways, and tears and glues them', () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    guest.send(a, 'one');
    guest.send(a, 'two');
    guest.send(b, 'back');
    expect(guest.receive(b, 4)).toBe('onet');
    expect(guest.receive(b, 4, MSG_PEEK)).toBe('wo');
    expect(guest.receive(b)).toBe('wo');
    expect(guest.receive(b)).toBe(-EAGAIN);
    expect(guest.receive(a)).toBe('back');
  });

  it('waits for all of it when asked to', async () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    const at = guest.memory.reserve(6);
    guest.send(a, 'abc');
    const waiting = guest.sys('recvfrom', b, at, 6, MSG_WAITALL, 0, 0);
    expect(waiting).toBeInstanceOf(Promise);
    guest.send(a, 'defg');
    expect(await waiting).toBe(6);
    expect(guest.memory.text(at, 6)).toBe('abcdef');
    const rest = guest.sys('recvfrom', b, at, 6, MSG_WAITALL, 0, 0);
    guest.files.close(a);
    expect(await rest).toBe(1);
  });

  it('lets the sender wait for room, and says how much went before a signal', async () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    const large = guest.memory.reserve(400_000);
    const sending = guest.sys('sendto', a, large, 400_000, 0, 0, 0) as Promise<number>;
    expect(guest.poll(a) & POLLOUT).toBe(0);
    expect(guest.now('sendto', a, large, 10, MSG_DONTWAIT, 0, 0)).toBe(-EAGAIN);
    expect(guest.now('recvfrom', b, large, 300_000, 0, 0, 0)).toBe(262_144);
    expect(await sending).toBe(400_000);
    const second = guest.sys('sendto', a, large, 300_000, 0, 0, 0) as Promise<number>;
    guest.interrupt();
    expect(await second).toBe(262_144 - (400_000 - 262_144));
  });

  it('ends in halves and as a whole', () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    guest.send(a, 'last');
    guest.now('shutdown', a, SHUT_WR);
    expect(guest.poll(b) & (POLLIN | POLLRDHUP | POLLHUP)).toBe(POLLIN | POLLRDHUP);
    expect([guest.receive(b), guest.receive(b)]).toEqual(['last', '']);
    expect(guest.send(a, 'x', MSG_NOSIGNAL)).toBe(-EPIPE);
    expect(guest.signals).toEqual([]);
    expect(guest.send(b, 'still')).toBe(5);
    guest.files.close(a);
    expect(guest.poll(b) & POLLHUP).toBe(POLLHUP);
    expect(guest.send(b, 'x')).toBe(-EPIPE);
    expect(guest.signals).toEqual([{ signal: SIGNALS.SIGPIPE }]);
  });

  it('tells the other end when bytes were lost', () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    guest.send(a, 'unread');
    guest.files.close(b);
    expect(guest.receive(a)).toBe(-ECONNRESET);
    expect(guest.receive(a)).toBe('');
  });

  it('breaks at once when nobody reads any more', () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    guest.now('shutdown', b, SHUT_RD);
    expect(guest.send(a, 'x', MSG_NOSIGNAL)).toBe(-EPIPE);
    expect(guest.send(b, 'x')).toBe(1);
  });

  it('gives up when its timeout is over', async () => {
    const [a] = guest.pair(SOCK_STREAM);
    const timeout = guest.memory.reserve(16);
    guest.memory.writeI64(timeout + 8, 3000);
    expect(guest.now('setsockopt', a, SOL_SOCKET, SO_RCVTIMEO, timeout, 16)).toBe(0);
    expect(await guest.sys('recvfrom', a, timeout, 1, 0, 0, 0)).toBe(-EAGAIN);
  });
});

describe('descriptors in messages', () => {
  it('arrive as new descriptors of the same description, with their bytes', () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    const [sent] = guest.pair(SOCK_STREAM);
    const file = guest.files.get(sent);
    guest.send(a, 'before');
    expect(sendWith(a, 'with', SCM_RIGHTS, sent, sent)).toBe(4);
    guest.send(a, 'after');
    guest.files.close(sent);
    expect(file.references).toBe(2);
    expect(receiveWith(b)).toMatchObject({ text: 'before', numbers: [] });
    const got = receiveWith(b);
    expect(got).toMatchObject({ text: 'with', type: SCM_RIGHTS, flags: 0 });
    expect(got.numbers.map((fd) => guest.files.get(fd))).toEqual([file, file]);
    expect(file.references).toBe(2);
    expect(receiveWith(b)).toMatchObject({ text: 'after', numbers: [] });
  });

  it('are closed when there is no room for them, or nobody receives them', () => {
    const [a, b] = guest.pair(SOCK_SEQPACKET);
    const [sent] = guest.pair(SOCK_STREAM);
    const file = guest.files.get(sent);
    sendWith(a, 'x', SCM_RIGHTS, sent, sent, sent);
    expect(receiveWith(b, 10, CMSGHDR.size + 4)).toMatchObject({ flags: MSG_CTRUNC });
    expect(file.references).toBe(2);
    sendWith(a, 'x', SCM_RIGHTS, sent);
    guest.receive(b);
    expect(file.references).toBe(2);
    sendWith(a, 'x', SCM_RIGHTS, sent);
    guest.files.close(b);
    expect(file.references).toBe(2);
  });

  it('may form a chain longer than any stack', () => {
    let [outer, inner] = guest.pair(SOCK_DGRAM);
    for (let depth = 0; depth < 6000; depth++) {
      const [a, b] = guest.pair(SOCK_DGRAM);
      sendWith(a, '', SCM_RIGHTS, inner, outer);
      guest.files.close(inner);
      guest.files.close(outer);
      guest.memory.rewind();
      [outer, inner] = [a, b];
    }
    guest.files.close(outer);
    guest.files.close(inner);
    expect(guest.files.descriptors()).toEqual([]);
  });

  it('come with who has sent them', () => {
    const [a, b] = guest.pair(SOCK_STREAM);
    const on = guest.memory.place(Buffer.from([1, 0, 0, 0]));
    guest.now('setsockopt', b, SOL_SOCKET, SO_PASSCRED, on, 4);
    guest.send(a, 'x');
    expect(receiveWith(b)).toMatchObject({ type: SCM_CREDENTIALS, numbers: [1, 1000, 1000] });
    expect(sendWith(a, 'x', SCM_CREDENTIALS, 1, 0, 0)).toBe(-1);
  });
});

describe('packets', () => {
  it('keep their bounds, and say when they were cut', () => {
    const [a, b] = guest.pair(SOCK_SEQPACKET);
    guest.send(a, 'first');
    guest.send(a, 'second');
    expect(receiveWith(b, 3)).toMatchObject({ text: 'fir', flags: MSG_TRUNC });
    const at = guest.memory.reserve(8);
    expect(guest.now('recvfrom', b, at, 2, MSG_TRUNC | MSG_PEEK, 0, 0)).toBe(6);
    expect(guest.receive(b)).toBe('second');
  });

  it('go to a name, and tell from whom they came', () => {
    const server = guest.now('socket', AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const client = guest.now('socket', AF_UNIX, SOCK_DGRAM, 0);
    const name = guest.unixAddress('\0server');
    expect(guest.now('bind', server, name.address, name.length)).toBe(0);
    expect(guest.send(client, 'x', 0, guest.unixAddress('\0nobody'))).toBe(-ECONNREFUSED);
    const own = guest.unixAddress('\0client');
    guest.now('bind', client, own.address, own.length);
    expect(guest.send(client, 'hello', 0, name)).toBe(5);
    const at = guest.memory.reserve(128);
    guest.memory.writeU32(at + 124, 110);
    expect(guest.now('recvfrom', server, at, 10, 0, at + 10, at + 124)).toBe(5);
    expect(guest.memory.text(at + 12, 7)).toBe('\0client');
    expect(guest.memory.readI32(at + 124)).toBe(9);
  });

  it('wait for room', async () => {
    const [a, b] = guest.pair(SOCK_DGRAM);
    for (let count = 0; count < 512; count++) guest.send(a, 'x', MSG_DONTWAIT);
    expect(guest.send(a, 'x', MSG_DONTWAIT)).toBe(-EAGAIN);
    expect(guest.poll(a) & POLLOUT).toBe(0);
    const sending = guest.send(a, 'late');
    guest.receive(b);
    expect(await sending).toBe(4);
  });
});

describe('a listener', () => {
  function listen(name: string, backlog = 5, type = SOCK_STREAM): number {
    const fd = guest.now('socket', AF_UNIX, type, 0);
    const address = guest.unixAddress(name);
    expect(guest.now('bind', fd, address.address, address.length)).toBe(0);
    expect(guest.now('listen', fd, backlog)).toBe(0);
    return fd;
  }
  const connect = (name: string, flags = 0, type = SOCK_STREAM): [number, number | Promise<number>] => {
    const fd = guest.now('socket', AF_UNIX, type | flags, 0);
    const { address, length } = guest.unixAddress(name);
    return [fd, guest.sys('connect', fd, address, length)];
  };
  const option = (fd: number, name: number, size = 4): Buffer => {
    const at = guest.memory.reserve(size);
    const length = guest.memory.reserve(4);
    guest.memory.writeU32(length, size);
    expect(guest.now('getsockopt', fd, SOL_SOCKET, name, at, length)).toBe(0);
    return guest.memory.readBytes(at, guest.memory.readI32(length));
  };

  it('accepts who connects, and each knows the other', async () => {
    const listener = listen('\0here');
    expect(option(listener, SO_ACCEPTCONN).readInt32LE()).toBe(1);
    const accepting = guest.sys('accept4', listener, 0, 0, SOCK_NONBLOCK);
    const [client, connected] = connect('\0here');
    expect(connected).toBe(0);
    const server = await accepting;
    guest.send(client, 'hi');
    expect(guest.receive(server)).toBe('hi');
    expect(guest.nameOf('getpeername', client).toString('latin1', 2)).toBe('\0here');
    expect(guest.nameOf('getsockname', server).toString('latin1', 2)).toBe('\0here');
    expect(guest.nameOf('getpeername', server)).toHaveLength(2);
    expect(option(client, SO_PEERCRED, 12).readUInt32LE(4)).toBe(1000);
    expect(option(client, SO_TYPE).readInt32LE()).toBe(SOCK_STREAM);
    expect(guest.files.get(server).nonblocking).toBe(true);
    const { address, length } = guest.unixAddress('\0here');
    expect(guest.now('connect', client, address, length)).toBe(-EISCONN);
  });

  it('lets clients wait for room in its backlog', async () => {
    const listener = listen('\0full', 0);
    expect(connect('\0full')[1]).toBe(0);
    expect(connect('\0full', SOCK_NONBLOCK)[1]).toBe(-EAGAIN);
    const [, waiting] = connect('\0full');
    expect(waiting).toBeInstanceOf(Promise);
    guest.now('accept', listener, 0, 0);
    expect(await waiting).toBe(0);
  });

  it('refuses what it must, and resets who was not accepted', () => {
    const listener = listen('\0name');
    const other = guest.now('socket', AF_UNIX, SOCK_STREAM, 0);
    const { address, length } = guest.unixAddress('\0name');
    expect(guest.now('bind', other, address, length)).toBe(-EADDRINUSE);
    expect(guest.now('listen', other, 1)).toBe(-EINVAL);
    expect(guest.now('accept', other, 0, 0)).toBe(-EINVAL);
    expect(guest.receive(other)).toBe(-EINVAL);
    expect(guest.send(other, 'x')).toBe(-ENOTCONN);
    expect(connect('\0name', 0, SOCK_SEQPACKET)[1]).toBe(-EPROTOTYPE);
    const [client] = connect('\0name');
    guest.files.close(listener);
    expect(guest.receive(client)).toBe(-ECONNRESET);
    expect(connect('\0name')[1]).toBe(-ECONNREFUSED);
  });
});
