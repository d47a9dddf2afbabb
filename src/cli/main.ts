#!/usr/bin/env node
/** `ring3`: each command is a file of this folder, loaded only when it is asked for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from '../linux/addon.ts';
import { explain } from './explain.ts';

/** Exit status when ring3 itself, and not the command that it runs, has failed (as `env` and `timeout` do it). */
const OWN_FAILURE = 125;

const COMMANDS: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./run.ts')).runCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  lab: async () => (await import('./lab.ts')).labCommand(),
  grade: async () => (await import('./grade.ts')).gradeCommand(),
  seccomp: async () => (await import('./seccomp.ts')).seccompCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
};

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

async function main(argv: string[]): Promise<void> {
  const program = new Command('ring3')
    .description('A teaching lab about what stands between a program and the machine.')
    .version(version())
    .enablePositionalOptions()
    .showHelpAfterError('(`ring3 --help` and `ring3 COMMAND --help` list what there is)');
  // A run starts a child in milliseconds: it does not wait for the other commands to load.
  const asked = COMMANDS[argv[2] ?? ''];
  for (const load of asked ? [asked] : Object.values(COMMANDS)) program.addCommand(await load());
  program.exitOverride();
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(argv);
}

// A reader that has seen enough, as `head` has, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await main(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = OWN_FAILURE;
  }
}
