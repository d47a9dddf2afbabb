/** Ids on the host of what has an id in the sandbox's pid namespace (proc(5): /proc/PID/task, /proc/PID/status). */
import { readdirSync, readFileSync } from 'node:fs';

export class HostProcesses {
  readonly #zygote: number;
  /** By their ids in the sandbox. */
  readonly #processes = new Map<number, number>();

  /** @param zygote its id on the host */
  constructor(zygote: number) {
    this.#zygote = zygote;
  }

  /** @returns the id on the host of a child of the zygote; 0: there is none */
  process(pid: number): number {
    const known = this.#processes.get(pid);
    if (known !== undefined && innermost(known) === pid) return known;
    const found = children(this.#zygote).find((child) => innermost(child) === pid) ?? 0;
    this.#processes.set(pid, found);
    return found;
  }

  /** @returns the id on the host of a process's thread; 0: there is none */
  thread(process: number, tid: number): number {
    const threads = ids(`/proc/${process}/task`);
    return threads.find((thread) => innermost(thread) === tid) ?? 0;
  }

  forget(pid: number): void {
    this.#processes.delete(pid);
  }
}

function children(process: number): number[] {
  try {
    const text = readFileSync(`/proc/${process}/task/${process}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number).reverse();
  } catch {
    // Not every host is built with CONFIG_PROC_CHILDREN.
    return ids('/proc').filter((pid) => field(pid, 'PPid')?.at(-1) === process);
  }
}

function ids(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .reverse();
  } catch {
    return [];
  }
}

/** A thread's id in the innermost pid namespace that it is in. */
function innermost(thread: number): number | undefined {
  return field(thread, 'NSpid')?.at(-1);
}

function field(thread: number, name: string): number[] | undefined {
  try {
    const text = readFileSync(`/proc/${thread}/status`, 'latin1');
    return new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1]?.trim().split(/\s+/).map(Number);
  } catch {
    return undefined;
  }
}
