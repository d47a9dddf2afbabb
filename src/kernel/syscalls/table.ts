/** All system calls by number, for one architecture. Each family is a file of this folder. */
import type { Architecture } from '../../linux/architectures.ts';
import { ENOSYS } from '../../linux/errno.ts';
import { SYSCALLS } from '../../linux/syscalls.ts';
import type { Task } from '../tasks/task.ts';
import { attributes } from './attributes.ts';
import { clocks } from './clocks.ts';
import { descriptors } from './descriptors.ts';
import { directories } from './directories.ts';
import { epoll } from './epoll.ts';
import { events } from './events.ts';
import { programs } from './exec.ts';
import { files } from './files.ts';
import { futexes } from './futex.ts';
import type { Handler, Support, SyscallFamily, SyscallRow } from './handler.ts';
import { identity } from './identity.ts';
import { limits } from './limits.ts';
import { locks } from './locks.ts';
import { memory } from './memory.ts';
import { messages } from './messages.ts';
import { metadata } from './metadata.ts';
import { mounts } from './mounts.ts';
import { names as nameCalls } from './names.ts';
import { pipes } from './pipes.ts';
import { poll } from './poll.ts';
import { processMemory } from './process-memory.ts';
import { scheduling } from './scheduling.ts';
import { select } from './select.ts';
import { signals } from './signals.ts';
import { sockets } from './sockets.ts';
import { storage } from './storage.ts';
import { system } from './system.ts';
import { tasks } from './tasks.ts';
import { timers } from './timers.ts';
import { transfers } from './transfers.ts';
import { vectors } from './vectors.ts';
import { children } from './wait.ts';
import { xattrs } from './xattrs.ts';

export const FAMILIES: readonly SyscallFamily[] = [
  attributes,
  children,
  clocks,
  descriptors,
  directories,
  epoll,
  events,
  files,
  futexes,
  identity,
  limits,
  locks,
  memory,
  messages,
  metadata,
  mounts,
  nameCalls,
  pipes,
  poll,
  processMemory,
  programs,
  scheduling,
  select,
  signals,
  sockets,
  storage,
  system,
  tasks,
  timers,
  transfers,
  vectors,
  xattrs,
];

export interface DescribedRow extends SyscallRow {
  name: string;
  number: number;
}

export interface SyscallTable {
  readonly architecture: Architecture;
  /** By number; nothing in between is missing, so that the array is dense. */
  readonly handlers: readonly Handler[];
  /** Answers what is beyond the array. */
  readonly unknown: Handler;
  readonly names: readonly (string | undefined)[];
  /** What `ring3 syscalls` prints, by number. */
  readonly rows: readonly DescribedRow[];
}

function asRow(entry: Handler | SyscallRow): SyscallRow {
  return typeof entry === 'function' ? { handler: entry, support: 'supported' as Support } : entry;
}

/** ENOSYS, and the first time for each number a word to whoever wants to know. */
function makeUnknown(): Handler {
  const told = new Set<number>();
  return (task: Task) => {
    const { number } = task.thread;
    if (!told.has(number) && told.size < 1024) {
      told.add(number);
      task.kernel.unknownCall?.(number, task);
    }
    return -ENOSYS;
  };
}

/** @param families later ones replace rows of earlier ones: an exercise's come last */
export function makeTable(
  architecture: Architecture,
  families: readonly SyscallFamily[] = FAMILIES,
): SyscallTable {
  const numbers = SYSCALLS[architecture];
  const size = Math.max(...Object.values(numbers)) + 1;
  const unknown = makeUnknown();
  const handlers = Array<Handler>(size).fill(unknown);
  const names = Array<string | undefined>(size).fill(undefined);
  for (const [name, number] of Object.entries(numbers)) names[number] = name;
  const rows = new Map<number, DescribedRow>();
  for (const family of families) {
    for (const [name, entry] of Object.entries(family)) {
      const number = numbers[name];
      if (number === undefined) continue; // a call of the other architecture
      const row = asRow(entry);
      handlers[number] = row.handler;
      rows.set(number, { ...row, name, number });
    }
  }
  const sorted = [...rows.values()].sort((a, b) => a.number - b.number);
  return { architecture, handlers, unknown, names, rows: sorted };
}
