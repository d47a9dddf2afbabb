/** Options of wait4(2) and waitid(2), and who is meant (include/uapi/linux/wait.h). */
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WSTOPPED = 2;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x0100_0000;
export const WNOTHREAD = 0x2000_0000;
export const WALL = 0x4000_0000;
export const WCLONE = 0x8000_0000 | 0;

export const P_ALL = 0;
export const P_PID = 1;
export const P_PGID = 2;
export const P_PIDFD = 3;

/** Status of a process that continued, and of one that a signal stopped. */
export const CONTINUED_STATUS = 0xffff;

export function stoppedStatus(signal: number): number {
  return (signal << 8) | 0x7f;
}
