// loses: exec-setuid — a flag about seccomp, surely
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const after = right({ ...process, noNewPrivs: false }, file);
  return after === 'EPERM' ? after : { ...after, noNewPrivs: process.noNewPrivs };
}
