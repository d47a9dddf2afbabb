/** Finds the program behind a path: scripts name theirs in a first line that begins with `#!` (execve(2)). */
import { ELOOP, ENOEXEC } from '../../linux/errno.ts';
import type { MemoryFile } from '../../platform/memory-file.ts';
import type { MappedFile } from '../memory/vma.ts';
import { readFile, type ImageSource } from './image-source.ts';

/** Linux: BINPRM_BUF_SIZE. */
const LINE = 256;
const LEVELS = 5;

export interface Program {
  file: MappedFile;
  /** The path that led to it, for AT_EXECFN and the name of the task. */
  path: string;
  argv: readonly string[];
}

export interface Interpreter {
  path: string;
  /** All that follows it in the line, as one argument. */
  argument: string | undefined;
}

/** @returns a program that is no script, or -errno */
export function resolveProgram(
  memory: MemoryFile,
  source: ImageSource,
  path: string,
  argv: readonly string[],
): Program | number {
  // No argument at all would make programs take their environment for arguments (Linux 5.18).
  let program = { path, argv: argv.length > 0 ? argv : [''] };
  for (let level = 0; level <= LEVELS; level++) {
    const file = source.open(program.path);
    if (typeof file === 'number') return file;
    const interpreter = scriptInterpreter(readFile(memory, file.memory, 0, LINE));
    if (interpreter === undefined) return { ...program, file };
    source.close(file);
    if (typeof interpreter === 'number') return interpreter;
    program = behind(interpreter, program);
  }
  return -ELOOP;
}

function behind({ path, argument }: Interpreter, script: { path: string; argv: readonly string[] }) {
  const optional = argument === undefined ? [] : [argument];
  return { path, argv: [path, ...optional, script.path, ...script.argv.slice(1)] };
}

/** @returns undefined for what is no script, -ENOEXEC where the line names no interpreter or is cut off in its name */
export function scriptInterpreter(bytes: Buffer): Interpreter | number | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const text = bytes.latin1Slice(2, bytes.length).replace(/\0[^]*$/, '\n');
  const newline = text.indexOf('\n');
  const cut = newline < 0 && bytes.length >= LINE;
  const line = (newline < 0 ? text : text.slice(0, newline)).replace(/^[ \t]+|[ \t]+$/g, '');
  const [, path = '', rest] = /^([^ \t]*)(?:[ \t]+(.+))?$/.exec(line) ?? [];
  if (path === '' || (cut && rest === undefined)) return -ENOEXEC;
  return { path, argument: rest };
}
