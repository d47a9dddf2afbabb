/**
 * The name of a group says whose it is: `ring3-PIDNS-PID-START-N`. So that a later run can tell a forgotten group from
 * one in use, even though pids are reused (START, in clock ticks since boot) and mean nothing in another pid namespace.
 */
import { readFileSync, readlinkSync } from 'node:fs';

export interface Owner {
  pidNamespace: number;
  pid: number;
  start: number;
}

let made = 0;

/** A fresh name, unique on this host; the owner is this process. */
export function cgroupName(): string {
  const owner = ownerNow();
  return `ring3-${owner.pidNamespace}-${owner.pid}-${owner.start}-${made++}`;
}

/** The owner that a name carries; undefined for names that cgroupName did not make. */
export function ownerOf(name: string): Owner | undefined {
  const match = /^ring3-(\d+)-(\d+)-(\d+)-\d+$/.exec(name);
  if (!match) return undefined;
  return { pidNamespace: Number(match[1]), pid: Number(match[2]), start: Number(match[3]) };
}

/** Whether the owner is known to be gone. Of another pid namespace nothing is known, so it is not. */
export function ownerIsGone(owner: Owner): boolean {
  return owner.pidNamespace === pidNamespace() && startOf(owner.pid) !== owner.start;
}

function ownerNow(): Owner {
  const start = startOf(process.pid);
  if (start === undefined) throw new Error('cannot read /proc/self/stat: is /proc mounted?');
  return { pidNamespace: pidNamespace(), pid: process.pid, start };
}

function pidNamespace(): number {
  return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]);
}

/** Field 22 of proc_pid_stat(5); the second field is a name that may contain blanks and parentheses. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}
