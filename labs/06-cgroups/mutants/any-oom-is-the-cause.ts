// loses: explain — the group had an OOM kill, so that must be why the child ended, even where it exited in peace
import type { Exit, Host, Verdict } from '../exercise.ts';
import { explain as right } from '../solution.ts';
export { freeze, kill, limit, remove, thaw } from '../solution.ts';

export function explain(host: Host, exit: Exit, files: Record<string, string>): Verdict {
  const verdict = right(host, exit, files);
  return verdict.oomKills > 0 ? { ...verdict, cause: 'out of memory' } : verdict;
}
