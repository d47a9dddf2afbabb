/** `ring3 run`: a command in a world of its own. */
import { constants } from 'node:os';
import { Command } from 'commander';
import { explain } from './explain.ts';
import type { RunOptions } from './run/options.ts';
import { choosePlatform, type Choice } from './run/platform.ts';

/** As env(1), timeout(1) and docker run do: 125 for ourselves, 126 and 127 for a command that cannot be started. */
const FAILURE = { own: 125, notExecutable: 126, notFound: 127 };

const collect = (value: string, before: string[]): string[] => [...before, value];

const EXAMPLES = `
Exit status: that of CMD; 128 + N when signal N ended it; 125 when ring3 itself failed, 126 when CMD cannot be run,
127 when it is not found; 2 for a wrong option.

Examples:
  ring3 run -- sh -c 'echo $$; hostname'
  ring3 run --bind "$PWD/data:/data:ro" --workdir /data -- ls -l
  ring3 run --trace -- date
  ring3 run --platform none --memory 64M --pids 32 --cpus 0.5 -- python3 script.py
  ring3 run --plan -- true`;

export function runCommand(): Command {
  return new Command('run')
    .description('run a command under the userspace kernel, or confined by the host’s own')
    .argument('<cmd...>', 'the command and its arguments, best after --')
    .passThroughOptions()
    .option(
      '--platform <name>',
      'how system calls come to the userspace kernel: rewrite, trap, notify or ptrace; none: the host’s kernel answers them (default: the best that can be had, or none where an option is for the host’s kernel only)',
    )
    .option(
      '--rootfs <dir>',
      'a folder that becomes the root; it is never written to (default: the host’s root)',
    )
    .option(
      '--bind <src:dst[:ro]>',
      'show a host file or folder inside; more options: noexec, noatime',
      collect,
      [],
    )
    .option('--workdir <dir>', 'where it starts, inside (default: the current folder; / with --rootfs)')
    .option('--env <key[=value]>', 'set a variable, or hand on your own', collect, [])
    .option('--user <uid[:gid]|name>', 'who it is, inside (default: 0)')
    .option('--hostname <name>', 'its host name', 'ring3')
    .option(
      '--net <none|host>',
      'only a loopback of its own, or the host’s network; platform none only',
      'none',
    )
    .option('--memory <size>', 'at most so much memory, such as 64M; reported as out of memory')
    .option('--pids <n>', 'at most so many processes and threads')
    .option('--cpus <n>', 'at most so many cores, such as 0.5; platform none only')
    .option('--cap-drop <name|ALL>', 'take a capability away; platform none only', collect, [])
    .option(
      '--cap-add <name|ALL>',
      'give a capability, inside its user namespace; platform none only',
      collect,
      [],
    )
    .option(
      '--seccomp <default|none|file>',
      'the filter: ours, none, or a profile in the OCI JSON format; platform none only',
      'default',
    )
    .option('--timeout <seconds>', 'kill it after that')
    .option(
      '--init',
      'put an init at pid 1 that reaps and passes signals on; CMD is then pid 2; platform none only',
    )
    .option('--trace [file]', 'show every system call as strace does, on stderr or in a file: --trace=FILE')
    .option('--with <file>', 'a module whose handlers replace the kernel’s: an exercise', collect, [])
    .option('--verbose', 'name system calls that the kernel does not have, once each')
    .option('--plan', 'print what would be done, step by step, and stop')
    .option('--stats', 'say on stderr what it used and called, and what each step of its start took')
    .option('--json', 'with --plan the steps, else the outcome as one line on stderr, as JSON')
    .addHelpText('after', EXAMPLES)
    .action(act);
}

async function act(argv: string[], options: RunOptions): Promise<void> {
  try {
    process.exitCode = await runOn(choosePlatform(options), argv, options);
  } catch (error) {
    process.stderr.write(`ring3: ${explain(error)}\n`);
    process.exitCode = failure(error);
  }
}

/** Each brings a world of modules along. */
async function runOn(platform: Choice, argv: string[], options: RunOptions): Promise<number> {
  if (platform === 'none') {
    const { runConfined } = await import('./run/confined.ts');
    return runConfined(argv, options);
  }
  const { runUnderKernel } = await import('./run/guest/supervise.ts');
  return runUnderKernel(platform, argv, options);
}

/** An exec that failed says so by its step, or by execve's errno. */
function failure(error: unknown): number {
  const { step, code, errno } = error as { step?: string; code?: string; errno?: number };
  if (error instanceof Error && error.name === 'GuestError') {
    return errno === constants.errno.ENOENT ? FAILURE.notFound : FAILURE.notExecutable;
  }
  if (step !== 'exec') return FAILURE.own;
  return code === 'ENOENT' ? FAILURE.notFound : FAILURE.notExecutable;
}
