// loses: exec-setuid — a flag about seccomp, surely
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials {
  return { ...right({ ...process, noNewPrivs: false }, file), noNewPrivs: process.noNewPrivs };
}
