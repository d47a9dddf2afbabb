// loses: explain — takes being at the limit (failcnt, max) for being killed by it; reclaim had helped every time
import type { Exit, Host, Verdict } from '../exercise.ts';
import { counter, explain as right } from '../solution.ts';
export { freeze, kill, limit, remove, thaw } from '../solution.ts';

export function explain(host: Host, exit: Exit, files: Record<string, string>): Verdict {
  const failures =
    host.version === 1 ? Number(files['memory.failcnt'] ?? 0) : counter(files['memory.events'], 'max');
  const verdict = right(host, exit, files);
  const oom = exit.signal === 'SIGKILL' && failures > 0;
  return oom ? { ...verdict, cause: 'out of memory', oomKills: failures } : verdict;
}
