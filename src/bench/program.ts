/** Programs of the host. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from '../confine/execute.ts';
import type { StepInput } from '../confine/plan.ts';

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @returns its absolute path; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = new Set([...(process.env.PATH ?? '').split(':'), ...PATH.split(':')]);
  for (const folder of folders) {
    const path = join(folder, name);
    if (folder.startsWith('/') && isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The last step of a plan. */
export function execStep(argv: readonly string[]): StepInput {
  return {
    step: 'exec',
    file: argv[0]!,
    argv: [...argv],
    env: [`PATH=${PATH}`, ...(process.env.HOME ? [`HOME=${process.env.HOME}`] : [])],
    search: PATH.split(':'),
  };
}

/** The first line that a program prints. */
export async function firstLine(argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execute([execStep(argv)]);
  return (stdout || stderr).split('\n')[0]!.trim();
}
