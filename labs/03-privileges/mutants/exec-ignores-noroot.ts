// loses: exec-root — securebits are something for others
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const after = right({ ...process, noroot: false }, file);
  return after === 'EPERM' ? after : { ...after, noroot: process.noroot };
}
