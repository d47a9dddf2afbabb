/**
 * A cgroup file system in memory, with the kernel's rules: the grader carries lists out on it, so that both versions
 * are graded on every host, and a race is lost every time instead of sometimes.
 *
 * In a nutshell: groups are directories, processes sit in one group of each tree, and an op either succeeds or is
 * refused with the errno that the kernel would give. What v1 and v2 do differently is in their own files.
 * Time passes only in `tick`: a moment in which killed processes die, restless ones flee into a new pid, and a freeze
 * that was asked for takes hold.
 */
import { posix } from 'node:path';
import type { CgroupOp } from '../exercise.ts';

/** The kernel said no. */
export class Refused extends Error {
  code: string;
  index: number;
  constructor(code: string, problem: string, index = -1) {
    super(problem);
    this.code = code;
    this.index = index;
  }
}

export interface Process {
  pid: number;
  /** The group it is in, by the root of each tree. */
  groups: Map<string, string>;
  /** Forks and leaves at every chance: its pid is never the one that was read. */
  restless: boolean;
  /** Has a SIGKILL pending. */
  killed: boolean;
}

export interface Group {
  path: string;
  root: string;
  values: Map<string, string>;
  freezing: 'no' | 'asked' | 'frozen';
}

const MOST_PROCESSES = 100_000;
/** Ticks after which a `wait` gives up. */
const PATIENCE = 20;

export abstract class CgroupKernel {
  groups = new Map<string, Group>();
  processes: Process[] = [];
  /** The one that `join` and `start` are about. It waits before its first instruction. */
  child: Process;
  started = false;
  /** Every process of ours from the child's first instruction on: itself and what it forks. */
  family: Process[] = [];
  private lastPid = 4000;

  constructor(roots: string[], members: number[] = []) {
    for (const root of roots) this.groups.set(root, { path: root, root, values: new Map(), freezing: 'no' });
    for (const pid of members) this.processes.push(this.processIn(roots, pid));
    this.child = this.processIn(['outside'], this.freshPid());
    this.processes.push(this.child);
  }

  /** The files of a group, as far as it has them now. */
  protected abstract files(group: Group): ReadonlySet<string>;
  /** @throws Refused when the value is not allowed. Keeps the value unless it returns false. */
  protected abstract accept(group: Group, file: string, value: string): boolean;
  protected abstract read(group: Group, file: string): string;
  /** @throws Refused when processes may not enter the group. */
  protected abstract admit(group: Group): void;
  /** Whether a process with a pending SIGKILL gets to die. */
  protected abstract canDie(process: Process): boolean;

  /** Carry a list out. @throws Refused with the index of the op that was refused */
  carry(ops: readonly CgroupOp[]): void {
    ops.forEach((op, index) => {
      try {
        this.apply(op);
      } catch (error) {
        if (error instanceof Refused) error.index = index;
        throw error;
      }
    });
  }

  apply(op: CgroupOp): void {
    if (op.op === 'start') this.start();
    else if (op.op === 'create') this.create(op.path);
    else if (op.op === 'write') this.write(op.path, op.value);
    else if (op.op === 'join') this.move(this.child, this.group(op.path));
    else if (op.op === 'wait') this.wait(op.path, op.line);
    else if (op.op === 'signal') this.signal(op.path);
    else this.remove(op.path);
  }

  /** Processes of a group. */
  in(path: string): Process[] {
    return this.processes.filter(({ groups }) => [...groups.values()].includes(path));
  }

  frozen(process: Process): boolean {
    return [...process.groups.values()].some((path) => this.groups.get(path)?.freezing === 'frozen');
  }

  /** A process as if it had been started in these groups. */
  populate(paths: string[], restless: boolean): Process {
    const process = { ...this.processIn([], this.freshPid()), restless };
    for (const path of paths) process.groups.set(this.group(path).root, path);
    this.processes.push(process);
    return process;
  }

  tick(): void {
    this.processes = this.processes.filter((process) => !process.killed || !this.canDie(process));
    this.flee();
    for (const group of this.groups.values()) if (group.freezing === 'asked') group.freezing = 'frozen';
  }

  protected group(path: string): Group {
    const group = this.groups.get(posix.normalize(path).replace(/(?<=.)\/$/, ''));
    if (!group) throw new Refused('ENOENT', `there is no group ${path}`);
    return group;
  }

  protected move(process: Process, group: Group): void {
    this.admit(group);
    process.groups.set(group.root, group.path);
  }

  private processIn(roots: string[], pid: number): Process {
    return { pid, groups: new Map(roots.map((root) => [root, root])), restless: false, killed: false };
  }

  private freshPid(): number {
    return ++this.lastPid;
  }

  private start(): void {
    if (this.started) throw new Refused('EINVAL', 'the child runs already');
    this.started = true;
    // Its first instruction is a fork, so that where it was at that moment can be seen for ever.
    const first: Process = { ...this.child, pid: this.freshPid(), groups: new Map(this.child.groups) };
    this.processes.push(first);
    this.family = [this.child, first];
  }

  private create(path: string): void {
    const parent = this.group(posix.dirname(path));
    if (this.groups.has(path)) throw new Refused('EEXIST', `${path} is there already`);
    this.groups.set(path, { path, root: parent.root, values: new Map(), freezing: 'no' });
  }

  private find(path: string): [Group, string] {
    const file = posix.basename(path);
    const group = this.group(posix.dirname(path));
    if (!this.files(group).has(file)) throw new Refused('ENOENT', `${group.path} has no file ${file}`);
    return [group, file];
  }

  private write(path: string, value: string): void {
    const [group, file] = this.find(path);
    const text = value.trim();
    if (file === 'cgroup.procs') this.moveByPid(group, text);
    else if (this.accept(group, file, text)) group.values.set(file, text);
  }

  private moveByPid(group: Group, text: string): void {
    if (!/^\d+$/.test(text)) throw new Refused('EINVAL', `cgroup.procs takes one pid a write, not "${text}"`);
    // 0 is who writes: the supervisor.
    const process = text === '0' ? this.processes[0] : this.processes.find(({ pid }) => pid === Number(text));
    if (!process || process === this.child) throw new Refused('ESRCH', `there is no process ${text}`);
    this.move(process, group);
  }

  private wait(path: string, line: string): void {
    const [group, file] = this.find(path);
    for (let tries = 0; tries < PATIENCE; tries++) {
      const text = this.read(group, file).trim();
      if (line === '' ? text === '' : text.split('\n').includes(line)) return;
      this.tick();
    }
    const seen = this.read(group, file).trim().replaceAll('\n', ', ');
    throw new Refused('ETIMEDOUT', `${path} never said "${line}", it still says "${seen}"`);
  }

  private signal(path: string): void {
    const [group, file] = this.find(path);
    if (file !== 'cgroup.procs') throw new Refused('EINVAL', `${path} is no list of processes`);
    const listed = new Set(this.in(group.path).map(({ pid }) => pid));
    // Between the reading and the first signal, a moment passes. It is enough.
    this.flee();
    for (const process of this.processes) if (listed.has(process.pid)) process.killed = true;
  }

  private flee(): void {
    this.processes = this.processes.map((process) => {
      if (!process.restless || process.killed || this.frozen(process)) return process;
      return { ...process, pid: this.freshPid(), groups: new Map(process.groups) };
    });
    if (this.processes.length > MOST_PROCESSES) throw new Error('the model has run out of pids');
  }

  private remove(path: string): void {
    const group = this.groups.get(path);
    if (!group) {
      if (!this.groups.has(posix.dirname(path))) throw new Refused('ENOENT', `there is no group ${path}`);
      throw new Refused(
        this.files(this.group(posix.dirname(path))).has(posix.basename(path)) ? 'ENOTDIR' : 'ENOENT',
        `${path} is not a group`,
      );
    }
    if (path === group.root) throw new Refused('EBUSY', `${path} is not ours to remove`);
    if (this.in(path).length > 0) throw new Refused('EBUSY', `${path} still has processes in it`);
    const below = [...this.groups.keys()].find((other) => posix.dirname(other) === path);
    if (below) throw new Refused('EBUSY', `${path} still has the group ${posix.basename(below)} below it`);
    this.groups.delete(path);
  }
}
