/**
 * Lab 06: limits that hold.
 *
 * You write what is to be done in the cgroup file system, as a list; ring3 does it. Nothing here touches the host, so
 * you can print a list and read it before anything happens: `console.log(limit(host, limits))`.
 * The handout (README.md) says what each task wants. Throw nothing, return lists.
 */

/** The v1 controllers that this lab uses. In v1 freezing is a controller; in v2 every group can do it. */
export type Controller = 'memory' | 'pids' | 'cpu' | 'freezer';

/** cgroup v1: a tree of groups per controller. */
export interface HostV1 {
  version: 1;
  /** In each controller's own tree, the directory below which groups may be made. */
  bases: Record<Controller, string>;
  /** Whether the memory controller also counts swap (the files memory.memsw.*). */
  swap: boolean;
}

/** cgroup v2: one tree for all controllers. */
export interface HostV2 {
  version: 2;
  /** The directory below which groups may be made: a cgroup that was delegated to us. */
  base: string;
  /** Processes that live in `base` itself. The first is the supervisor, which does what you say. */
  members: number[];
  /** The controllers that base's cgroup.controllers offers. */
  available: ('memory' | 'pids' | 'cpu')[];
  /** Those that base's cgroup.subtree_control passes on to the groups below already. */
  enabled: ('memory' | 'pids' | 'cpu')[];
  /** Whether groups have a file memory.swap.max. */
  swap: boolean;
  /** Whether groups have a file cgroup.kill (since Linux 5.14). */
  killFile: boolean;
}

export type Host = HostV1 | HostV2;

/** What is not given is not to be limited. */
export interface Limits {
  /** The group's name: one directory of that name, below each base. */
  name: string;
  /** Bytes of memory that the group may hold before the kernel kills it: all of it. */
  memory?: number;
  /** Bytes of swap beside it; 0 when not given. Only said where `memory` is. */
  swap?: number;
  /** Processes (and threads) that may be there at once. */
  pids?: number;
  /** `cpus` cores' worth of time (0.25: a quarter of one) in every `period` microseconds. */
  cpu?: { cpus: number; period: number };
}

/** One thing to do. The list is carried out in order, and stops at the first that the kernel refuses. */
export type CgroupOp =
  /** mkdir(2) of a directory: a new group. */
  | { op: 'create'; path: string }
  /** One write(2) of `value` to a file that is there. */
  | { op: 'write'; path: string; value: string }
  /** Put the child into the group (the directory) `path`. */
  | { op: 'join'; path: string }
  /** Let the child go: its first instruction happens here. Exactly once in what `limit` returns. */
  | { op: 'start' }
  /** Read the file again and again until one of its lines is `line`; with `line: ''` until the file is empty. */
  | { op: 'wait'; path: string; line: string }
  /** Read the cgroup.procs file `path` once, then send SIGKILL to each process that it lists, one by one. */
  | { op: 'signal'; path: string }
  /** rmdir(2) of a directory. */
  | { op: 'remove'; path: string };

/** How the child ended. */
export interface Exit {
  code: number | null;
  /** 'SIGKILL', … when a signal ended it. */
  signal: string | null;
}

export interface Verdict {
  /** Why the child ended: 'out of memory' only when the kernel's OOM killer killed it. */
  cause: 'exited' | 'signalled' | 'out of memory';
  /** Processes of the group that the OOM killer killed. */
  oomKills: number;
  /** Forks that the pids limit refused. */
  refusedForks: number;
  /** The most memory that the group ever held, in bytes; null where the kernel does not say. */
  peak: number | null;
}

/** Make the group, limit it, put the child in, let the child go. */
export function limit(host: Host, limits: Limits): CgroupOp[] {
  // TODO tasks v1-tree, v1-limits, v2-tree, v2-limits, join
  throw new Error(`not written yet: limit(v${host.version}, ${limits.name})`);
}

/** Stop every process of the group. When the last op is done, none of them runs. */
export function freeze(host: Host, name: string): CgroupOp[] {
  // TODO task freeze
  throw new Error(`not written yet: freeze(v${host.version}, ${name})`);
}

/** Let a frozen group run again. */
export function thaw(host: Host, name: string): CgroupOp[] {
  // TODO task freeze
  throw new Error(`not written yet: thaw(v${host.version}, ${name})`);
}

/** Kill every process of the group, whatever they do meanwhile. When the last op is done, each is dead or dying. */
export function kill(host: Host, name: string): CgroupOp[] {
  // TODO task kill
  throw new Error(`not written yet: kill(v${host.version}, ${name})`);
}

/** Take the group away, in every tree that has it. Its processes have been killed, but may not be dead yet. */
export function remove(host: Host, name: string): CgroupOp[] {
  // TODO task remove
  throw new Error(`not written yet: remove(v${host.version}, ${name})`);
}

/**
 * Say what became of the child.
 * @param files the group's files by name ('memory.events' …), as they were after the child had ended; the memory
 *   and pids groups' together on v1. A file that the kernel does not have is not among them.
 */
export function explain(host: Host, exit: Exit, files: Record<string, string>): Verdict {
  // TODO task explain
  throw new Error(
    `not written yet: explain(v${host.version}, ${exit.signal}, ${Object.keys(files).length} files)`,
  );
}
