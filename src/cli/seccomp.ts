/** `ring3 seccomp`: what a filter is made of, and what it does to a call. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  AUDIT_ARCHITECTURES,
  hostArchitecture,
  type Architecture,
  type AuditArchitecture,
} from '../linux/architectures.ts';
import { SYSCALLS, syscallNumber } from '../linux/syscalls.ts';
import { DEFAULT_CAPABILITIES } from '../confine/privileges.ts';
import { decode, type Instruction } from '../confine/seccomp/bpf.ts';
import { defaultProgram, programFor } from '../confine/seccomp/cache.ts';
import type { Call } from '../confine/seccomp/call.ts';
import type { CompiledProfile } from '../confine/seccomp/compile.ts';
import { defaultProfile } from '../confine/seccomp/default-profile.ts';
import { disassemble, printProgram } from '../confine/seccomp/disassemble.ts';
import { printTrace, trace } from '../confine/seccomp/trace.ts';
import { verify } from '../confine/seccomp/verify.ts';
import { explain } from './explain.ts';

const MOST_BYTES = 1 << 20;

interface ShowOptions {
  default?: boolean;
  call?: string;
  args: bigint[];
  arch: AuditArchitecture;
  raw?: boolean;
  json?: boolean;
}

function numbers(text: string): bigint[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > 6) throw new InvalidArgumentError('A call has at most six arguments.');
  return parts.map((part) => {
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(part) || BigInt(part) >= 1n << 64n) {
      throw new InvalidArgumentError('They are whole numbers of 64 bits, such as 1,0x5412.');
    }
    return BigInt(part);
  });
}

function contents(file: string): Buffer {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new Error(`${file}: ${reason}`, { cause: error });
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new Error(`${file} is a folder`);
    if (stat.size > MOST_BYTES) throw new Error(`${file} is larger than 1 MiB`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** An OCI profile begins with a brace, which no instruction does: 0x7b is no code. */
function compiled(file: string | undefined, options: ShowOptions): CompiledProfile {
  if (file !== undefined && options.default) throw new Error('a FILE or --default, not both');
  if (file === undefined) return defaultProgram(DEFAULT_CAPABILITIES);
  const bytes = contents(file);
  const isText = bytes.toString('latin1', 0, 64).trimStart().startsWith('{');
  if (isText) return programFor(bytes.toString('utf8'), file, DEFAULT_CAPABILITIES);
  try {
    decode(bytes);
  } catch (error) {
    throw new Error(`${file} is neither an OCI profile nor a BPF program: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return { program: bytes, unknown: [] };
}

function callFrom({ call = '', arch, args }: ShowOptions): Call {
  const isTabled = arch in SYSCALLS;
  const nr = /^(0x[0-9a-f]+|\d+)$/i.test(call)
    ? Number(call)
    : isTabled
      ? syscallNumber(arch as Architecture, call)
      : undefined;
  if (nr === undefined || nr > 0xffff_ffff) {
    const hint = isTabled
      ? 'there is no such call'
      : `ring3 knows no names of ${arch} calls: give its number`;
    throw new Error(`--call ${call}: ${hint}`);
  }
  return { nr, arch: AUDIT_ARCHITECTURES[arch], args };
}

function asJson(program: readonly Instruction[], unknown: string[], options: ShowOptions): string {
  const lines = disassemble(program);
  const instructions = program.map((instruction, index) => ({ ...lines[index], ...instruction }));
  const fault = verify(program);
  const output: Record<string, unknown> = { instructions, unknown, fault: fault ?? null };
  if (options.call !== undefined) {
    const { action, executed, path } = trace(program, callFrom(options));
    const args = options.args.map((value) => `0x${value.toString(16)}`);
    output['call'] = { name: options.call, arch: options.arch, args, action, executed, path };
  }
  return `${JSON.stringify(output, null, 2)}\n`;
}

function asText(program: readonly Instruction[], options: ShowOptions): string {
  if (options.call !== undefined) return printTrace(trace(program, callFrom(options)), program.length);
  const fault = verify(program);
  const verdict = fault ? `The kernel refuses it: instruction ${fault.index} ${fault.reason}.\n` : '';
  return printProgram(program) + verdict;
}

function show(file: string | undefined, options: ShowOptions): void {
  try {
    const { program: bytes, unknown } = compiled(file, options);
    if (unknown.length) process.stderr.write(`ring3: no such calls here, left out: ${unknown.join(', ')}\n`);
    if (options.raw) {
      if (process.stdout.isTTY) throw new Error('--raw writes bytes: send them to a file');
      process.stdout.write(bytes);
      return;
    }
    const program = decode(bytes);
    process.stdout.write(options.json ? asJson(program, unknown, options) : asText(program, options));
  } catch (error) {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = 2;
  }
}

const EXAMPLES = `
Examples:
  ring3 seccomp show | less
  ring3 seccomp show --call ioctl --args 0,0x5412
  ring3 seccomp show profile.json --call getpid --arch i386
  ring3 seccomp show --raw > default.bpf
  ring3 seccomp default > mine.json`;

export function seccompCommand(): Command {
  const command = new Command('seccomp').description('print system-call filters, and what they do to a call');
  command
    .command('show')
    .description('the instructions of a filter, or the path that one call takes through it')
    .argument('[file]', 'an OCI profile (JSON) or a BPF program; without it, the default profile')
    .option('--default', 'the profile that `ring3 run` uses')
    .option('--call <name|number>', 'show only what runs for this call')
    .addOption(new Option('--args <a,b,…>', 'its arguments').argParser(numbers).default([], '0'))
    .addOption(
      new Option('--arch <name>', 'the architecture that it is made by')
        .choices(Object.keys(AUDIT_ARCHITECTURES))
        .default(hostArchitecture()),
    )
    .option('--raw', 'the program itself, eight bytes an instruction')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(show);
  command
    .command('default')
    .description('the default profile in the OCI format, with a reason for each rule, to start your own from')
    .action(() => void process.stdout.write(`${JSON.stringify(defaultProfile(), null, 2)}\n`));
  return command;
}
