// loses: exec-user, exec-root, exec-file, exec-setuid — the permitted set sounds as if it stayed
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const after = right(process, file);
  if (after === 'EPERM') return after;
  return { ...after, permitted: after.permitted | process.permitted };
}
