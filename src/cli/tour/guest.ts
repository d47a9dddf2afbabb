/** A shell under the userspace kernel: what it says, and some of the calls that the kernel answers meanwhile. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hasStub } from '../run/platform.ts';
import { cut } from './columns.ts';
import type { Page } from './style.ts';

const SCRIPT = 'echo "I am process $$, and my kernel is a program" | tr a-z A-Z';
/** Of the hundred calls or two those in which the shell, and not its libraries, has a say. */
const TELLING =
  /^(\[pid +\d+\] )?(<\.\.\. )?(execve|pipe2|clone|vfork|dup2|write|wait4|exit_group|\+\+\+)\b|\+\+\+/;
const MOST = 16;
const TIME_LIMIT = 30_000;

interface Told {
  patchedShare: number;
  calls: { count: number }[];
}

const main = fileURLToPath(new URL('../main.js', import.meta.url));

/** @returns standard output and standard error. @throws Error with what ring3 said */
function run(): Promise<[string, string]> {
  const argv = [main, 'run', '--platform', 'best', '--trace', '--stats', '--json', '--', 'sh', '-c', SCRIPT];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, argv, { timeout: TIME_LIMIT }, (error, stdout, stderr) => {
      if (!error) return resolve([stdout, stderr]);
      const [first = ''] = stderr.split('\n').filter((line) => line.startsWith('ring3: '));
      reject(new Error(first.replace(/^ring3: /, '') || error.message));
    });
  });
}

export async function guestLines({ width, colours }: Page): Promise<string[]> {
  if (!hasStub()) throw new Error('The stub is written for x86-64 only.');
  const [stdout, stderr] = await run();
  const lines = stderr.trim().split('\n');
  const told = JSON.parse(lines.pop()!) as Told;
  const calls = told.calls.reduce((sum, { count }) => sum + count, 0);
  const shown = lines.filter((line) => TELLING.test(line)).slice(0, MOST);
  const share = `${Math.round(100 * told.patchedShare)} %`;
  return [
    `  $ ${SCRIPT}`,
    `  ${colours.bold(stdout.trim())}`,
    '',
    ...shown.map((line) => colours.dim(`  ${cut(line.replace(/\s+= /, ' = '), width - 2)}`)),
    `  … ${calls} calls in all, ${share} of them by way of patched instructions, without the host.`,
    '  `ring3 run --trace -- COMMAND` shows all of yours.',
  ];
}
