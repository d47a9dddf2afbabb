// loses: exec-root — the formula is read as: root has its bounding set
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  const after = right(process, file);
  if (after === 'EPERM' || process.uids.real !== 0 || process.noroot) return after;
  const sets = process.bounding | process.ambient;
  return { ...after, permitted: sets, effective: sets };
}
