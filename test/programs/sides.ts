/** The two sides of a comparison: the same command with the same surroundings, on the host and under ring3. */
import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { PlatformName } from '../../src/platform/platform.ts';
import type { Case } from './case.ts';

const MAIN = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
/** Milliseconds that one command may take on a busy machine. */
export const PATIENCE = 60_000;

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  TZ: 'UTC0',
};
const OPTIONS = [
  '--user',
  `${process.getuid!()}:${process.getgid!()}`,
  ...Object.entries(ENVIRONMENT).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
];

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

export function onHost({ argv, input }: Pick<Case, 'argv' | 'input'>, folder: string): Promise<Outcome> {
  return start(argv, input, folder, ENVIRONMENT);
}

/** What the guest changes in the folder, the host does not see. */
export function underRing3(
  platform: PlatformName,
  { argv, input }: Pick<Case, 'argv' | 'input'>,
  folder: string,
): Promise<Outcome> {
  const command = [process.execPath, MAIN, 'run', '--platform', platform, ...OPTIONS, '--', ...argv];
  return start(command, input, folder, process.env);
}

function start(
  argv: readonly string[],
  input: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Outcome> {
  const [file, ...args] = argv;
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: PATIENCE, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 } as const;
    const child = execFile(file!, args, options, (error, stdout, stderr) => {
      if (error?.killed) reject(new Error(`no end after ${PATIENCE} ms, but so far: ${stdout}${stderr}`));
      else if (typeof error?.code === 'string') reject(error);
      else resolve({ status: statusOf(child.exitCode, child.signalCode), stdout, stderr });
    });
    // Who does not read its input closes it.
    child.stdin!.on('error', () => {});
    child.stdin!.end(input);
  });
}

/** As a shell puts it, and `ring3 run`. */
function statusOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal ? 128 + constants.signals[signal] : code!;
}
