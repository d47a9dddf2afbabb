// loses: exec-setuid, exec-file — nosuid is an option of mount, and this is about processes
import type { Credentials, ProgramFile } from '../exercise.ts';
import { afterExec as right } from '../solution.ts';

export { drop } from '../solution.ts';

export function afterExec(process: Credentials, file: ProgramFile): Credentials | 'EPERM' {
  return right(process, { ...file, nosuid: false });
}
