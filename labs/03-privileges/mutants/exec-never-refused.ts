// loses: exec-file — the formula is there, and the section below it is not read
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  if (!file.capabilities || right(process, file) !== 'EPERM') return right(process, file);
  const { effective, ...rest } = file.capabilities;
  const after = right(process, { ...file, capabilities: { ...rest, effective: false } });
  return after === 'EPERM' || !effective ? after : { ...after, effective: after.permitted };
}
