/** execve(2) and execveat(2). */
import { E2BIG, EINVAL } from '../../linux/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../linux/open-flags.ts';
import { fail } from '../failure.ts';
import type { UserMemory } from '../memory/user-memory.ts';
import { exec } from '../tasks/exec.ts';
import { ProgramFiles } from '../tasks/program-files.ts';
import type { Task } from '../tasks/task.ts';
import { partial, type SyscallFamily } from './handler.ts';

/** One string (MAX_ARG_STRLEN), and all of them: no stack takes more. */
const LONGEST = 131_072;
const MOST_BYTES = 6 * 2 ** 20;

/** Strings up to a null pointer. Fails with EFAULT, E2BIG. */
function readStrings(memory: UserMemory, list: number): string[] {
  const strings: string[] = [];
  if (list === 0) return strings;
  let total = 0;
  for (let at = list; ; at += 8) {
    const address = memory.readI64(at);
    if (address === 0) return strings;
    const text = readArgument(memory, address);
    total += text.length + 9;
    if (total > MOST_BYTES) fail(E2BIG);
    strings.push(text);
  }
}

/** A string of any length up to the limit; what is longer is E2BIG and not ENAMETOOLONG. */
function readArgument(memory: UserMemory, address: number): string {
  let text = '';
  while (text.length < LONGEST) {
    const { buffer, start, length } = memory.stretch(address + text.length, LONGEST - text.length, false);
    const end = buffer.indexOf(0, start);
    if (end >= 0 && end < start + length) return text + buffer.latin1Slice(start, end);
    text += buffer.latin1Slice(start, start + length);
  }
  return fail(E2BIG);
}

function execute(
  task: Task,
  directory: number,
  args: readonly [path: number, argv: number, environment: number],
  flags: number,
): number | Promise<number> {
  const { memory } = task;
  const path = memory.readString(args[0]);
  const argv = readStrings(memory, args[1]);
  const environment = readStrings(memory, args[2]);
  return exec(task, {
    source: new ProgramFiles(task, directory, flags),
    path,
    argv: argv.length > 0 ? argv : [''],
    environment,
  });
}

function execve(task: Task, args: Float64Array): number | Promise<number> {
  return execute(task, AT_FDCWD, [args[0]!, args[1]!, args[2]!], 0);
}

function execveat(task: Task, args: Float64Array): number | Promise<number> {
  const flags = args[4]! | 0;
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return -EINVAL;
  return execute(task, args[0]! | 0, [args[1]!, args[2]!, args[3]!], flags);
}

export const programs: SyscallFamily = {
  execve: partial('set-user-ID bits and file capabilities are ignored, as under no_new_privs', execve),
  execveat: partial('as execve; a script by descriptor is not found again by its interpreter', execveat),
};
