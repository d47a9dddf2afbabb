// loses: exec-file, exec-root, exec-setuid — bounds what a process may raise, one thinks; it bounds what a file may give
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const all = (1n << 41n) - 1n;
  const after = right({ ...process, bounding: all }, file);
  return after === 'EPERM' ? after : { ...after, bounding: process.bounding };
}
