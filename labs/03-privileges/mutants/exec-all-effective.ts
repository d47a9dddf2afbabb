// loses: exec-file — reads the effective bit of a file as decoration
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const after = right(process, file);
  if (after === 'EPERM') return after;
  return file.capabilities && !file.nosuid ? { ...after, effective: after.permitted } : after;
}
