/**
 * Whole paths and where they led, so that a path that was walked before costs one access to a map.
 *
 * What could make an entry wrong: its file loses its name (the dentry says so); a directory or a link on the way goes,
 * moves or changes its permissions (`changed` throws away every cache); or somebody else asks (a cache is of one root
 * and one set of credentials). Walks through file systems that change by themselves are not kept at all.
 */
import type { Credentials } from '../tasks/credentials.ts';
import type { Dentry } from './dentry.ts';

const MOST = 4096;

let generation = 0;

/** Paths that led somewhere may lead elsewhere now. */
export function pathsChanged(): void {
  generation++;
}

export class WalkCache {
  #generation = generation;
  #root: Dentry | undefined;
  #credentials: Credentials | undefined;
  readonly #followed = new Map<string, Dentry>();
  /** Walks that ended at a link instead of following it. */
  readonly #literal = new Map<string, Dentry>();

  get(path: string, follow: boolean, root: Dentry, credentials: Credentials): Dentry | undefined {
    if (this.#generation !== generation || this.#root !== root || this.#credentials !== credentials) {
      return undefined;
    }
    const found = (follow ? this.#followed : this.#literal).get(path);
    return found === undefined || found.unlinked ? undefined : found;
  }

  set(path: string, follow: boolean, root: Dentry, credentials: Credentials, found: Dentry): void {
    const map = follow ? this.#followed : this.#literal;
    if (this.#generation !== generation || this.#root !== root || this.#credentials !== credentials) {
      this.#followed.clear();
      this.#literal.clear();
      this.#generation = generation;
      this.#root = root;
      this.#credentials = credentials;
    } else if (map.size >= MOST) {
      map.clear();
    }
    map.set(path, found);
  }
}
