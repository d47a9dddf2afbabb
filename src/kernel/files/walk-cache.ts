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
/** In all caches together; longer paths are not kept. */
const MOST_TOGETHER = 65_536;
const LONGEST = 256;

let generation = 0;
/** Caches that hold anything, and how many paths. */
const filled = new Set<WalkCache>();
let together = 0;

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
    if (path.length > LONGEST) return;
    if (++together > MOST_TOGETHER) forgetAll();
    filled.add(this);
    const map = follow ? this.#followed : this.#literal;
    if (this.#generation !== generation || this.#root !== root || this.#credentials !== credentials) {
      this.clear();
      this.#generation = generation;
      this.#root = root;
      this.#credentials = credentials;
    } else if (map.size >= MOST) {
      map.clear();
    }
    map.set(path, found);
  }

  clear(): void {
    this.#followed.clear();
    this.#literal.clear();
  }
}

function forgetAll(): void {
  for (const cache of filled) cache.clear();
  filled.clear();
  together = 0;
}
