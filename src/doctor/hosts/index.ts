/** The kinds of host, and what all that fit have to say. One file a kind. */
import type { HostFacts } from '../host.ts';
import { codespaces } from './codespaces.ts';
import { container } from './container.ts';
import type { HostKind, Problem } from './kind.ts';
import { lima } from './lima.ts';
import { linux } from './linux.ts';
import { elsewhere, macos } from './macos.ts';
import { ubuntu } from './ubuntu.ts';
import { wsl, wsl1 } from './wsl.ts';

/** From the outermost, whose word counts: what a container withholds cannot be mended by its distribution. */
const KINDS: readonly HostKind[] = [macos, elsewhere, wsl1, codespaces, container, wsl, lima, ubuntu, linux];

function kindsOf(facts: HostFacts): HostKind[] {
  return KINDS.filter((kind) => kind.is(facts));
}

/** The exact step for this host; undefined when none is known. */
export function fixFor(problem: Problem, facts: HostFacts): string | undefined {
  for (const kind of kindsOf(facts)) {
    const fix = kind.fix(problem, facts);
    if (fix !== undefined) return fix;
  }
  return undefined;
}

/** Why nothing can be done on this kind of host, and what to do instead. */
export function stopped(facts: HostFacts): string | undefined {
  return kindsOf(facts)
    .find((kind) => kind.stop)
    ?.stop?.(facts);
}

export function hostNotes(facts: HostFacts): string[] {
  return kindsOf(facts).flatMap((kind) => kind.notes?.(facts) ?? []);
}

/** From the inside out: `Debian GNU/Linux 12 in Docker`. */
export function hostTitle(facts: HostFacts): string {
  return kindsOf(facts)
    .map((kind) => kind.title(facts))
    .reverse()
    .join(' ');
}
