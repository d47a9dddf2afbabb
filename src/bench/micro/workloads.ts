/** What `micro` can do (native/programs/micro.c), and how it is asked. */

export interface Workload {
  readonly name: string;
  /** One operation, for people. */
  readonly title: string;
  /** How many operations a first sample makes on a target of which nothing is known. */
  readonly first: number;
}

const quick = (name: string, title: string): Workload => ({ name, title, first: 200 });
/** Milliseconds an operation under the slowest peers. */
const slow = (name: string, title: string): Workload => ({ name, title, first: 5 });

export const workloads: readonly Workload[] = [
  { name: 'empty', title: 'an empty loop: what the measurement itself costs', first: 100_000 },
  quick('getppid', 'a call that does nothing'),
  quick('read', 'read of 1 byte of /dev/zero'),
  quick('pread', 'pread of 4 KiB of a file'),
  quick('open', 'open and close of a file'),
  quick('stat', 'stat of a file'),
  slow('readdir', 'a folder of 1,000 entries read'),
  quick('mmap', '4 pages mapped, touched, unmapped'),
  quick('fault', 'a page touched for the first time'),
  quick('pipe', 'a byte to another process and back, by pipes'),
  quick('unix', 'the same by unix sockets'),
  quick('tcp', 'the same by TCP on the loopback'),
  slow('fork', 'fork, exit, wait'),
  slow('exec', 'fork, exec, exit, wait'),
  slow('spawn', 'posix_spawn, exit, wait'),
  slow('thread', 'a thread created and joined'),
  quick('futex', 'a turn handed to another thread and back'),
  quick('signal', 'a signal to oneself, handled'),
];
