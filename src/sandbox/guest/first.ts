/** The first process of a sandbox: its files, its program, its three descriptors. */
import { randomBytes } from 'node:crypto';
import { FileSystemContext } from '../../kernel/files/context.ts';
import { standardTree } from '../../kernel/files/standard-tree.ts';
import { lookup } from '../../kernel/files/path.ts';
import { standardStreams } from '../../kernel/files/standard-streams.ts';
import { Console } from '../../kernel/files/terminal/console.ts';
import type { Terminal } from '../../kernel/files/terminal/terminal.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { loadImage } from '../../kernel/loader/load.ts';
import { credentialsOf } from '../../kernel/tasks/credentials.ts';
import { Program } from '../../kernel/tasks/program.ts';
import { ProgramFiles } from '../../kernel/tasks/program-files.ts';
import type { Task } from '../../kernel/tasks/task.ts';
import { ENOENT, errnoName } from '../../linux/errno.ts';
import type { GuestSpec } from './spec.ts';

/** The command could not be started; `errno` as execve(2) says it. */
export class GuestError extends Error {
  override readonly name = 'GuestError';
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/** Inside, a character of a name is a byte of it. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');

function inBytes(spec: GuestSpec): GuestSpec {
  const { binds = [], current } = spec;
  return {
    ...spec,
    argv: spec.argv.map(bytes),
    env: spec.env.map(bytes),
    root: bytes(spec.root),
    hidden: spec.hidden.map(bytes),
    binds: binds.map((bind) => ({ ...bind, source: bytes(bind.source), target: bytes(bind.target) })),
    workdir: bytes(spec.workdir),
    ...(current !== undefined && { current: bytes(current) }),
  };
}

/** @returns the terminal that the spec gives it. @throws GuestError when the command cannot be run */
export function startFirst(kernel: Kernel, given: GuestSpec): Terminal | undefined {
  const spec = inBytes(given);
  const { root, hidden, current, binds = [] } = spec;
  const files = standardTree({
    memory: kernel.memory,
    root,
    hidden,
    binds,
    ...(current !== undefined && { current }),
  });
  const fs = new FileSystemContext(files.root);
  const credentials = credentialsOf(spec.user.uid, spec.user.gid);
  // What a path is looked up for, before there is a task.
  const nobody = { kernel, fs, credentials } as unknown as Task;
  const folder = lookup(nobody, fs.root, spec.workdir, true);
  if (typeof folder === 'number') {
    throw new Error(`${given.workdir}: there is no such folder inside.`);
  }
  fs.cwd = folder;
  const source = new ProgramFiles(nobody);
  const image = loadImage({
    memory: kernel.memory,
    newSpace: () => kernel.platform.newAddressSpace(),
    architecture: kernel.table.architecture,
    source,
    path: findCommand(nobody, spec),
    argv: spec.argv,
    environment: spec.env,
    credentials,
    random: randomBytes(16),
    ...kernel.surroundings,
  });
  if (typeof image === 'number') {
    throw new GuestError(-image, `${given.argv[0]} cannot be run: ${errnoName(-image) ?? -image}.`);
  }
  const thread = image.mm.space.newThread();
  thread.registers.pc = image.entry;
  thread.registers.sp = image.stackPointer;
  const name = image.path.slice(image.path.lastIndexOf('/') + 1).slice(0, 15);
  const console = spec.terminal && new Console(files, spec.terminal.wire, spec.terminal.size);
  const descriptors = standardStreams(...(spec.stdio ?? [0, 1, 2]));
  for (const fd of spec.terminal?.descriptors ?? []) descriptors.replace(fd, console!.open(), false);
  const task = kernel.start({ mm: image.mm, thread, files: descriptors, fs, credentials, name });
  task.group.program = new Program(image, source);
  console?.terminal.control(task);
  kernel.tracer?.started?.(task, image.path, spec.argv, spec.env.length);
  return console?.terminal;
}

/** Where a name without a slash is, by the guest's own PATH. @throws GuestError */
function findCommand(nobody: Task, spec: GuestSpec): string {
  const name = spec.argv[0]!;
  if (name.includes('/')) return name;
  const path = spec.env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  for (const folder of path.split(':')) {
    if (!folder.startsWith('/')) continue;
    const found = lookup(nobody, nobody.fs.root, `${folder}/${name}`, true);
    if (typeof found !== 'number' && found.inode!.isRegular) return `${folder}/${name}`;
  }
  throw new GuestError(ENOENT, `${name}: not found in the PATH of the guest.`);
}
