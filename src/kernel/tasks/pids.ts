/** Who has which number: tasks, process groups and sessions draw theirs from one supply (credentials(7)). */
import { EAGAIN } from '../../linux/errno.ts';
import type { ProcessGroup } from './process-group.ts';
import { Session } from './process-group.ts';
import type { Task } from './task.ts';
import type { ThreadGroup } from './thread-group.ts';

/** As /proc/sys/kernel/pid_max on a small machine. After it numbers start again, above those of early daemons. */
export const PID_MAX = 32_768;
const FIRST_AGAIN = 300;
/** More than these the sandbox does not have (fork(2), EAGAIN): the platform has places for some more. */
const MOST_TASKS = 3000;
const MOST_PROCESSES = 900;

export class PidTable {
  readonly #tasks = new Map<number, Task>();
  readonly #processes = new Map<number, ThreadGroup>();
  readonly #groups = new Map<number, ProcessGroup>();
  readonly #sessions = new Map<number, Session>();
  /** More tasks than this there cannot be (fork(2), EAGAIN). */
  most = MOST_TASKS;
  /** How often that was in the way. */
  refused = 0;
  #last = 0;

  /** An unused number for a new process, or a new thread of one; or -EAGAIN. */
  allocate(forProcess = true): number {
    if (this.#tasks.size >= this.most) {
      this.refused++;
      return -EAGAIN;
    }
    if (forProcess && this.#processes.size >= MOST_PROCESSES) return -EAGAIN;
    for (let tries = 0; tries < PID_MAX; tries++) {
      this.#last = this.#last + 1 >= PID_MAX ? FIRST_AGAIN : this.#last + 1;
      if (!this.#used(this.#last)) return this.#last;
    }
    return -EAGAIN;
  }

  #used(pid: number): boolean {
    return (
      this.#tasks.has(pid) || this.#processes.has(pid) || this.#groups.has(pid) || this.#sessions.has(pid)
    );
  }

  task(tid: number): Task | undefined {
    return this.#tasks.get(tid);
  }

  /** Zombies included. */
  process(pid: number): ThreadGroup | undefined {
    return this.#processes.get(pid);
  }

  processGroup(pgid: number): ProcessGroup | undefined {
    return this.#groups.get(pgid);
  }

  processes(): IterableIterator<ThreadGroup> {
    return this.#processes.values();
  }

  get taskCount(): number {
    return this.#tasks.size;
  }

  get lastPid(): number {
    return this.#last;
  }

  addTask(task: Task): void {
    this.#tasks.set(task.tid, task);
  }

  removeTask(task: Task): void {
    this.#tasks.delete(task.tid);
  }

  addProcess(process: ThreadGroup): void {
    this.#processes.set(process.pid, process);
  }

  removeProcess(process: ThreadGroup): void {
    this.#processes.delete(process.pid);
    this.leaveGroup(process);
  }

  newSession(id: number): Session {
    const session = new Session(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** Moves a process into a group, which is new or has members. */
  enterGroup(process: ThreadGroup, group: ProcessGroup): void {
    if (process.processGroup !== group) this.leaveGroup(process);
    process.processGroup = group;
    group.members.add(process);
    this.#groups.set(group.id, group);
  }

  leaveGroup(process: ThreadGroup): void {
    const group = process.processGroup;
    group.members.delete(process);
    if (group.members.size > 0) return;
    this.#groups.delete(group.id);
    group.session.groups.delete(group);
    if (group.session.groups.size === 0) this.#sessions.delete(group.session.id);
  }
}
