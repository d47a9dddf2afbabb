// loses: exec-root — the formula is read as: root has its bounding set
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials {
  if (process.uids.real !== 0 || process.noroot) return right(process, file);
  const sets = process.bounding | process.ambient;
  return { ...right(process, file), permitted: sets, effective: sets };
}
