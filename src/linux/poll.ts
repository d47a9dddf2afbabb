/** Events of poll(2), which are those of epoll(7) too, as x86-64 and arm64 share them (asm-generic/poll.h). */
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
export const POLLRDNORM = 0x40;
export const POLLRDBAND = 0x80;
export const POLLWRNORM = 0x100;
export const POLLWRBAND = 0x200;
export const POLLMSG = 0x400;
export const POLLRDHUP = 0x2000;

/** What files answer: readable and writable, under both of the names that each has. */
export const READABLE = POLLIN | POLLRDNORM;
export const WRITABLE = POLLOUT | POLLWRNORM;

/** struct pollfd: fd, events, revents. */
export const POLLFD = { size: 8, fd: 0, events: 4, revents: 6 } as const;
