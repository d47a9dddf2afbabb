import { beforeEach, describe, expect, it } from 'vitest';
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EISCONN,
  ENETUNREACH,
  ENOPROTOOPT,
  ENOTCONN,
  EPERM,
  EPIPE,
} from '../../../src/linux/errno.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from '../../../src/linux/poll.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  MSG_NOSIGNAL,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_ERROR,
  SO_LINGER,
  SO_REUSEADDR,
  TCP_NODELAY,
} from '../../../src/linux/sockets.ts';
import { SocketGuest } from './guest.ts';

let guest: SocketGuest;
beforeEach(() => {
  guest = new SocketGuest();
});

const socket = (type = SOCK_STREAM, family: number = AF_INET) => guest.now('socket', family, type, 0);

function call(name: 'bind' | 'connect', fd: number, host: string, port: number) {
  const { address, length } = guest.inetAddress(host, port);
  return guest.sys(name, fd, address, length);
}

function set(fd: number, level: number, name: number, ...numbers: number[]): number {
  const at = guest.memory.reserve(16);
  numbers.forEach((number, index) => guest.memory.writeU32(at + 4 * index, number));
  return guest.now('setsockopt', fd, level, name, at, 4 * numbers.length);
}

function get(fd: number, level: number, name: number): number {
  const at = guest.memory.reserve(8);
  guest.memory.writeU32(at + 4, 4);
  const result = guest.now('getsockopt', fd, level, name, at, at + 4);
  return result < 0 ? result : guest.memory.readI32(at);
}

/** @returns a listener and its port */
function listen(host = '127.0.0.1', backlog = 5): [number, number] {
  const fd = socket(SOCK_STREAM, host.includes(':') ? AF_INET6 : AF_INET);
  expect(call('bind', fd, host, 0)).toBe(0);
  expect(guest.now('listen', fd, backlog)).toBe(0);
  return [fd, guest.portOf(fd)];
}

function connected(): [client: number, server: number] {
  const [listener, port] = listen();
  const client = socket();
  expect(call('connect', client, '127.0.0.1', port)).toBe(0);
  const server = guest.now('accept', listener, 0, 0);
  guest.files.close(listener);
  return [client, server];
}

describe('TCP', () => {
  it('connects through 0.0.0.0, 127.0.0.1 and ::, and tells the addresses', () => {
    const [listener, port] = listen('0.0.0.0');
    const client = socket();
    expect(call('connect', client, '127.0.0.1', port)).toBe(0);
    const server = guest.now('accept', listener, 0, 0);
    expect(guest.nameOf('getpeername', server)).toEqual(guest.nameOf('getsockname', client));
    expect([...guest.nameOf('getsockname', server).subarray(4, 8)]).toEqual([127, 0, 0, 1]);
    const [dual, dualPort] = listen('::');
    expect(call('connect', socket(), '127.0.0.1', dualPort)).toBe(0);
    expect(call('connect', socket(SOCK_STREAM, AF_INET6), '::1', dualPort)).toBe(0);
    const mapped = guest.now('accept', dual, 0, 0);
    expect(guest.nameOf('getpeername', mapped).subarray(18, 24)).toEqual(
      Buffer.from([0xff, 0xff, 127, 0, 0, 1]),
    );
  });

  it('connects in two steps when it must not wait', () => {
    const [, port] = listen();
    const client = socket(SOCK_STREAM | SOCK_NONBLOCK);
    expect(call('connect', client, '127.0.0.1', port)).toBe(-EINPROGRESS);
    expect(guest.poll(client) & (POLLOUT | POLLHUP)).toBe(POLLOUT);
    expect(get(client, SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(call('connect', client, '127.0.0.1', port)).toBe(0);
    expect(call('connect', client, '127.0.0.1', port)).toBe(-EISCONN);
  });

  it('refuses where nobody listens, at once or later', () => {
    const [listener, port] = listen();
    guest.files.close(listener);
    expect(call('connect', socket(), '127.0.0.1', port)).toBe(-ECONNREFUSED);
    const client = socket(SOCK_STREAM | SOCK_NONBLOCK);
    expect(call('connect', client, '127.0.0.1', port)).toBe(-EINPROGRESS);
    expect(guest.poll(client) & POLLERR).toBe(POLLERR);
    expect(get(client, SOL_SOCKET, SO_ERROR)).toBe(ECONNREFUSED);
    expect(get(client, SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(call('connect', socket(), '10.0.0.1', 80)).toBe(-ENETUNREACH);
    expect(call('bind', socket(), '10.0.0.1', 80)).toBe(-EADDRNOTAVAIL);
  });

  it('ends in order: what was sent, then the end', () => {
    const [client, server] = connected();
    guest.send(client, 'bye');
    guest.now('shutdown', client, SHUT_WR);
    expect(guest.poll(server) & (POLLIN | POLLRDHUP | POLLHUP)).toBe(POLLIN | POLLRDHUP);
    expect([guest.receive(server), guest.receive(server)]).toEqual(['bye', '']);
    guest.send(server, 'answer');
    expect(guest.receive(client)).toBe('answer');
  });

  it('loses what is sent to a closed peer, and says so the next time', () => {
    const [client, server] = connected();
    guest.files.close(server);
    expect(guest.poll(client) & POLLHUP).toBe(0);
    expect(guest.receive(client)).toBe('');
    expect(guest.send(client, 'lost')).toBe(4);
    expect(guest.send(client, 'x', MSG_NOSIGNAL)).toBe(-EPIPE);
    expect(guest.poll(client) & POLLHUP).toBe(POLLHUP);
  });

  it('resets when bytes were left unread, or when told not to linger', () => {
    const [client, server] = connected();
    guest.send(client, 'unread');
    guest.files.close(server);
    expect(guest.poll(client) & (POLLERR | POLLHUP)).toBe(POLLERR | POLLHUP);
    expect([guest.receive(client), guest.receive(client)]).toEqual([-ECONNRESET, '']);
    const [other, gone] = connected();
    set(gone, SOL_SOCKET, SO_LINGER, 1, 0);
    guest.files.close(gone);
    expect(guest.send(other, 'x')).toBe(-ECONNRESET);
  });

  it('keeps ports apart unless both sides share them', () => {
    const [, port] = listen();
    expect(call('bind', socket(), '127.0.0.1', port)).toBe(-EADDRINUSE);
    expect(call('bind', socket(), '0.0.0.0', port)).toBe(-EADDRINUSE);
    expect(call('bind', socket(), '127.0.0.2', port)).toBe(0);
    const six = socket(SOCK_STREAM, AF_INET6);
    expect(call('bind', six, '::', port)).toBe(-EADDRINUSE);
    set(six, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    expect(call('bind', six, '::', port)).toBe(0);
    const again = socket();
    set(again, SOL_SOCKET, SO_REUSEADDR, 1);
    expect(call('bind', again, '127.0.0.1', port)).toBe(-EADDRINUSE);
  });

  it('lets a connection wait for room in the backlog', async () => {
    const [listener, port] = listen('127.0.0.1', 0);
    expect(call('connect', socket(), '127.0.0.1', port)).toBe(0);
    const waiting = call('connect', socket(), '127.0.0.1', port);
    expect(waiting).toBeInstanceOf(Promise);
    guest.now('accept', listener, 0, 0);
    expect(await waiting).toBe(0);
  });

  it('remembers options, and knows which there are', () => {
    const fd = socket();
    expect(set(fd, IPPROTO_TCP, TCP_NODELAY, 1)).toBe(0);
    expect(get(fd, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    expect(set(fd, IPPROTO_TCP, 250, 1)).toBe(-ENOPROTOOPT);
    expect(guest.receive(fd)).toBe(-ENOTCONN);
    expect(guest.send(fd, 'x', MSG_NOSIGNAL)).toBe(-EPIPE);
  });
});

describe('UDP', () => {
  it('sends to who is bound, and tells from whom it came', () => {
    const server = socket(SOCK_DGRAM);
    call('bind', server, '127.0.0.1', 0);
    const client = socket(SOCK_DGRAM);
    const port = guest.portOf(server);
    expect(guest.send(client, 'ask', 0, guest.inetAddress('127.0.0.1', port))).toBe(3);
    const from = guest.memory.reserve(20);
    guest.memory.writeU32(from + 16, 16);
    const at = guest.memory.reserve(16);
    expect(guest.now('recvfrom', server, at, 16, 0, from, from + 16)).toBe(3);
    expect(guest.now('sendto', server, at, 3, 0, from, 16)).toBe(3);
    expect(guest.receive(client)).toBe('ask');
    expect(guest.receive(client)).toBe(-EAGAIN);
  });

  it('takes packets of its peer only, and hears when nobody is there', () => {
    const server = socket(SOCK_DGRAM);
    call('bind', server, '127.0.0.1', 0);
    const client = socket(SOCK_DGRAM);
    call('connect', client, '127.0.0.1', guest.portOf(server));
    const stranger = socket(SOCK_DGRAM);
    guest.send(stranger, 'x', 0, guest.inetAddress('127.0.0.1', guest.portOf(client)));
    expect(guest.receive(client)).toBe(-EAGAIN);
    guest.files.close(server);
    expect(guest.send(client, 'x')).toBe(1);
    expect(guest.send(client, 'x')).toBe(-ECONNREFUSED);
  });
});

it('refuses sockets that reach further', () => {
  expect(guest.now('socket', AF_NETLINK, SOCK_RAW, 0)).toBe(-EAFNOSUPPORT);
  expect(guest.now('socket', AF_INET, SOCK_RAW, 1)).toBe(-EPERM);
});
