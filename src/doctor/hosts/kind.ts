/** What is known about one kind of host. A host may be of several kinds: Debian, in Docker, under WSL. */
import type { HostFacts } from '../host.ts';
import type { Finding } from '../result.ts';

/** A probe that failed, as the fixes see it. */
export type Problem = Finding & { id: string };

export interface HostKind {
  is(facts: HostFacts): boolean;
  /** For people: `Debian 12`, or `in Docker`. */
  title(facts: HostFacts): string;
  /** The exact command or step; undefined when this kind knows nothing better than the next one. */
  fix(problem: Problem, facts: HostFacts): string | undefined;
  /** What to know, whether or not anything failed. */
  notes?(facts: HostFacts): string[];
  /** Why ring3 cannot work here at all, and what to do. */
  stop?(facts: HostFacts): string;
}

/** A command as this user must type it. */
export function asRoot(facts: HostFacts, command: string): string {
  return facts.root ? command : `sudo ${command}`;
}

/** Sets a kernel parameter now and after each start. */
export function sysctl(facts: HostFacts, name: string, value: string | number): string {
  const tee = asRoot(facts, `tee /etc/sysctl.d/60-ring3.conf`);
  return `echo ${name}=${value} | ${tee} && ${asRoot(facts, 'sysctl --system')}`;
}

/** Whether the problem is about making namespaces. */
export function isNamespace({ id }: Problem): boolean {
  return id.startsWith('namespace.') || id.startsWith('user-namespace.') || id === 'spawn.world';
}

export function isCgroup({ id }: Problem): boolean {
  return id.startsWith('cgroup.');
}
