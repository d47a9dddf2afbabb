/** epoll(7): include/uapi/linux/eventpoll.h. */
import type { Architecture } from './architectures.ts';

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

export const EPOLLEXCLUSIVE = 1 << 28;
export const EPOLLWAKEUP = 1 << 29;
export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 1 << 31;

export const EPOLL_CLOEXEC = 0o2000000;

/** struct epoll_event: events and 64 bits of the user's. Packed on x86-64, so that i386 code could share it. */
export const EPOLL_EVENT: Readonly<Record<Architecture, { size: number; events: number; data: number }>> = {
  'x86-64': { size: 12, events: 0, data: 4 },
  arm64: { size: 16, events: 0, data: 8 },
};
