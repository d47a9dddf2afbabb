/** /proc/PID and /proc/PID/task/TID (proc(5)). */
import { EACCES, EINVAL, ENOENT, ESRCH } from '../../../linux/errno.ts';
import type { Resource } from '../../../linux/resources.ts';
import { Failure } from '../../failure.ts';
import { maps, smaps } from '../../memory/maps.ts';
import type { Task } from '../../tasks/task.ts';
import type { ThreadGroup } from '../../tasks/thread-group.ts';
import type { Dentry } from '../dentry.ts';
import type { FileSystem } from '../file-system.ts';
import type { Inode } from '../inode.ts';
import { descriptorInfo, descriptorLinks } from './descriptors.ts';
import { mountinfoText, mountsText } from './mounts.ts';
import { NodeMaker, type LinkTarget, type Names } from './nodes.ts';
import { statmText, statText, statusText } from './status.ts';

/** More of another process's memory than this is not shown. */
const MOST_ARGUMENTS = 128 * 1024;

/** Arguments and environment lie in the process's own memory, where it may have changed them (setproctitle). */
function memoryText(process: ThreadGroup, part: 'arguments' | 'environment'): Buffer | string {
  const { program, leader } = process;
  if (!program || process.zombie || leader.dead) return '';
  const start = part === 'arguments' ? program.argumentsStart : program.argumentsEnd;
  const end = part === 'arguments' ? program.argumentsEnd : program.environmentEnd;
  try {
    return leader.memory.readBytes(start, Math.min(end - start, MOST_ARGUMENTS));
  } catch (failure) {
    if (failure instanceof Failure) return '';
    throw failure;
  }
}

/** `Max open files             1024                 1048576              files`. */
const LIMITS: readonly [string, Resource, string][] = [
  ['Max cpu time', 'cpu', 'seconds'],
  ['Max file size', 'fsize', 'bytes'],
  ['Max data size', 'data', 'bytes'],
  ['Max stack size', 'stack', 'bytes'],
  ['Max core file size', 'core', 'bytes'],
  ['Max resident set', 'rss', 'bytes'],
  ['Max processes', 'nproc', 'processes'],
  ['Max open files', 'nofile', 'files'],
  ['Max locked memory', 'memlock', 'bytes'],
  ['Max address space', 'as', 'bytes'],
  ['Max file locks', 'locks', 'locks'],
  ['Max pending signals', 'sigpending', 'signals'],
  ['Max msgqueue size', 'msgqueue', 'bytes'],
  ['Max nice priority', 'nice', ''],
  ['Max realtime priority', 'rtprio', ''],
  ['Max realtime timeout', 'rttime', 'us'],
];

function limitText(limit: number): string {
  return (Number.isFinite(limit) ? String(limit) : 'unlimited').padEnd(20);
}

function limitsText({ limits }: ThreadGroup): string {
  const head = `${'Limit'.padEnd(25)} ${'Soft Limit'.padEnd(20)} ${'Hard Limit'.padEnd(20)} Units     \n`;
  const lines = LIMITS.map(([name, resource, unit]) => {
    const { soft, hard } = limits.get(resource);
    return `${name.padEnd(25)} ${limitText(soft)} ${limitText(hard)} ${unit.padEnd(10)}\n`;
  });
  return head + lines.join('');
}

/** A file that the process has open for other reasons than a descriptor. */
function place(dentry: Dentry | undefined): LinkTarget | number {
  return dentry ? { text: dentry.path, dentry } : -ENOENT;
}

function executable(process: ThreadGroup): LinkTarget | number {
  const file = process.program?.executable;
  if (!file || process.zombie) return -ENOENT;
  const { description } = file as { description?: { dentry?: Dentry } };
  return { text: file.name, dentry: description?.dentry };
}

function setOomAdjustment(process: ThreadGroup, value: string): number {
  const number = Number(value.trim());
  if (value.trim() === '' || !Number.isInteger(number) || Math.abs(number) > 1000) return -EINVAL;
  process.oomScoreAdjust = number;
  return 0;
}

function setName(task: Task, value: string, writer: Task): number {
  if (writer.group !== task.group) return -EINVAL;
  task.name = value.replace(/[\n\0][^]*$/, '').slice(0, 15);
  return 0;
}

/** What processes and their threads have alike. */
function common(maker: NodeMaker, task: () => Task, fileSystem: FileSystem): Record<string, Inode> {
  const { group } = task();
  return {
    status: maker.text(() => statusText(task())),
    statm: maker.text(() => statmText(task())),
    comm: maker.text(
      () => `${task().name}\n`,
      (value, writer) => setName(task(), value, writer),
    ),
    maps: maker.text(() => (task().dead ? '' : maps(task().mm))),
    smaps: maker.text(() => (task().dead ? '' : smaps(task().mm))),
    cmdline: maker.text(() => memoryText(group, 'arguments')),
    environ: maker.text(
      (reader) => mayLook(reader, group) ?? memoryText(group, 'environment'),
      undefined,
      0o400,
    ),
    auxv: maker.text((reader) => mayLook(reader, group) ?? group.program?.auxv ?? '', undefined, 0o400),
    limits: maker.text(() => limitsText(group)),
    mounts: maker.text((reader) => mountsText(fileSystem, reader)),
    mountinfo: maker.text((reader) => mountinfoText(fileSystem, reader)),
    cgroup: maker.text(() => '0::/\n'),
    wchan: maker.text(() => '0'),
    oom_score: maker.text(() => '0\n'),
    oom_score_adj: maker.text(
      () => `${group.oomScoreAdjust}\n`,
      (value) => setOomAdjustment(group, value),
    ),
    loginuid: maker.text(() => '4294967295'),
    uid_map: maker.text(() => WHOLE_MAP),
    gid_map: maker.text(() => WHOLE_MAP),
    setgroups: maker.text(() => 'allow\n'),
    exe: maker.link((reader) => mayLook(reader, group) ?? executable(group)),
    cwd: maker.link((reader) => mayLook(reader, group) ?? place(task().dead ? undefined : task().fs.cwd)),
    root: maker.link((reader) => mayLook(reader, group) ?? place(task().dead ? undefined : task().fs.root)),
    fd: descriptorLinks(maker, group),
    fdinfo: descriptorInfo(maker, group),
  };
}

/** Every id is itself. */
const WHOLE_MAP = '         0          0 4294967295\n';

/** May `reader` see what only the process itself should (ptrace(2), PTRACE_MODE_READ)? -EACCES if not. */
function mayLook(reader: Task, process: ThreadGroup): number | undefined {
  const { fsuid } = reader.credentials;
  if (process.zombie) return -ESRCH;
  if (reader.group === process || fsuid === 0 || fsuid === process.leader.credentials.uid) return undefined;
  return -EACCES;
}

/** /proc/PID/task. */
class ThreadNames implements Names {
  readonly #process: ThreadGroup;
  readonly #make: (task: Task) => Inode;
  readonly #made = new WeakMap<Task, Inode>();

  constructor(process: ThreadGroup, make: (task: Task) => Inode) {
    this.#process = process;
    this.#make = make;
  }

  names(): string[] {
    return [...this.#process.tasks].map((task) => String(task.tid));
  }

  find(name: string): Inode | undefined {
    for (const task of this.#process.tasks) {
      if (String(task.tid) !== name) continue;
      let inode = this.#made.get(task);
      if (!inode) this.#made.set(task, (inode = this.#make(task)));
      return inode;
    }
    return undefined;
  }
}

export function processFolder(base: NodeMaker, process: ThreadGroup, fileSystem: FileSystem): Inode {
  const { euid: uid, egid: gid } = process.leader.credentials;
  const maker = new NodeMaker(base.superblock, { uid, gid });
  const leader = () => process.leader;
  const thread = (task: Task) =>
    maker.folder({
      ...common(maker, () => task, fileSystem),
      stat: maker.text(() => statText(task, false)),
    });
  return maker.folder({
    ...common(maker, leader, fileSystem),
    stat: maker.text(() => statText(process.leader, true)),
    task: maker.changing(new ThreadNames(process, thread)),
  });
}
