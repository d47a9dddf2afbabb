#!/usr/bin/env node
/** `ring3`: each command is a file of this folder, loaded only when it is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, type CommanderError } from 'commander';
import { packageRoot } from '../linux/addon.ts';
import { explain } from './explain.ts';

/** Exit status when ring3 itself, and not the command that it runs, has failed (as `env` and `timeout` do it). */
const OWN_FAILURE = 125;

const COMMANDS: Record<string, () => Promise<Command>> = {
  tour: async () => (await import('./tour.ts')).tourCommand(),
  run: async () => (await import('./run.ts')).runCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  lab: async () => (await import('./lab.ts')).labCommand(),
  grade: async () => (await import('./grade.ts')).gradeCommand(),
  syscalls: async () => (await import('./syscalls.ts')).syscallsCommand(),
  seccomp: async () => (await import('./seccomp.ts')).seccompCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

/** A run starts a child in milliseconds: it does not wait for the other commands to load. Only help needs them all. */
function neededBy(word: string): (() => Promise<Command>)[] {
  const asked = COMMANDS[word];
  if (asked) return [asked];
  return word === '--version' || word === '-V' ? [] : Object.values(COMMANDS);
}

async function main(argv: string[]): Promise<void> {
  const program = new Command('ring3')
    .description('A teaching lab about what stands between a program and the machine.')
    .version(version())
    .enablePositionalOptions()
    .showHelpAfterError('(`ring3 --help` and `ring3 COMMAND --help` list what there is)');
  for (const load of neededBy(argv[2] ?? '')) program.addCommand(await load());
  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(argv);
}

/** Not by its class: the bundle carries a commander of its own, beside that of the commands outside of it. */
function isUsage(error: unknown): error is CommanderError {
  return error instanceof Error && String((error as CommanderError).code).startsWith('commander.');
}

// A reader that has seen enough, as `head` has, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await main(process.argv);
} catch (error) {
  if (isUsage(error)) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = OWN_FAILURE;
  }
}
