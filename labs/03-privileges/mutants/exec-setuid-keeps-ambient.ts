// loses: exec-setuid — inherited is inherited
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const after = right(process, file);
  if (after === 'EPERM') return after;
  const ambient = file.capabilities ? after.ambient : process.ambient;
  return { ...after, ambient, permitted: after.permitted | ambient, effective: after.effective | ambient };
}
