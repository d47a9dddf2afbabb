/** What is waited for: struct pollfd, struct epoll_event, fd_set. */
import { hostArchitecture } from '../../../linux/architectures.ts';
import * as epoll from '../../../linux/epoll.ts';
import * as poll from '../../../linux/poll.ts';
import type { UserMemory } from '../../memory/user-memory.ts';
import { bitNames, hex, named } from '../names.ts';
import type { Decode } from '../row.ts';
import { filled, given, list, reading } from '../values.ts';
import { showTimeval, showTimespec } from './time.ts';

const POLL = named(poll, 'POLL');
const OWN = [epoll.EPOLLEXCLUSIVE, epoll.EPOLLWAKEUP, epoll.EPOLLONESHOT, epoll.EPOLLET].map(
  (bit) => bit >>> 0,
);
const EPOLL = [
  ...POLL.map(([bit, name]) => [bit, `E${name}`] as const),
  ...['EPOLLEXCLUSIVE', 'EPOLLWAKEUP', 'EPOLLONESHOT', 'EPOLLET'].map(
    (name, at) => [OWN[at]!, name] as const,
  ),
];
const LAYOUT = epoll.EPOLL_EVENT[hostArchitecture()];
const { POLLFD } = poll;

function showAsked(memory: UserMemory, address: number): string {
  const events = bitNames(POLL, memory.readU16(address + POLLFD.events));
  return `{fd=${memory.readI32(address)}, events=${events}}`;
}

/** @param countAt place of the argument that says how many there are */
export function polled(countAt: number): Decode {
  return given((memory, address, { args }) => list(memory, address, args[countAt]!, POLLFD.size, showAsked));
}

/** `[{fd=3, revents=POLLIN}]`, or that time was up. */
export function pollAnswer(countAt: number): Decode {
  return (result, call) => {
    if (result === 0) return 'Timeout';
    const address = call.args[0]!;
    return reading(address, call, (memory) => {
      const answers: string[] = [];
      for (let index = 0; index < Math.min(call.args[countAt]!, 32); index++) {
        const at = address + index * POLLFD.size;
        const events = memory.readU16(at + POLLFD.revents);
        if (events) answers.push(`{fd=${memory.readI32(at)}, revents=${bitNames(POLL, events)}}`);
      }
      return `[${answers.join(', ')}]`;
    });
  };
}

function showEvent(memory: UserMemory, address: number): string {
  const events = bitNames(EPOLL, memory.readU32(address + LAYOUT.events));
  const low = memory.readU32(address + LAYOUT.data);
  const high = memory.readU32(address + LAYOUT.data + 4);
  const data = (BigInt(high) << 32n) | BigInt(low);
  return `{events=${events}, data={u32=${low}, u64=${data < 0x1_0000_0000n ? data : hex(Number(data))}}}`;
}

export const epollEvent = given(showEvent);
export const epollEvents = filled((memory, address, { result }) =>
  list(memory, address, result!, LAYOUT.size, showEvent),
);

function members(memory: UserMemory, address: number, count: number): string {
  const found: number[] = [];
  for (let fd = 0; fd < Math.min(count, 1024); fd++) {
    if ((memory.readU8(address + (fd >> 3)) >> (fd & 7)) & 1) found.push(fd);
  }
  return `[${found.join(' ')}]`;
}

/** A set of select(2), whose first argument says how far it goes. */
export const fdSet = given((memory, address, { args }) => members(memory, address, args[0]!));

/** `in [3], left {tv_sec=0, tv_usec=0}` */
export function selectAnswer(time: 'timeval' | 'timespec'): Decode {
  return (result, call) => {
    if (result === 0) return 'Timeout';
    const parts = ['in', 'out', 'except'].flatMap((name, index) => {
      const address = call.args[index + 1]!;
      if (address === 0) return [];
      const text = reading(address, call, (memory) => members(memory, address, call.args[0]!));
      return text === '[]' ? [] : [`${name} ${text}`];
    });
    const left = call.args[4]!;
    if (left !== 0) {
      const show = time === 'timeval' ? showTimeval : showTimespec;
      parts.push(`left ${reading(left, call, (memory) => show(memory, left))}`);
    }
    return parts.join(', ');
  };
}
