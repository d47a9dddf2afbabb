/**
 * Lab 02: a world of its own.
 *
 * You write down, as a list of steps, what stands between clone and exec. ring3 carries the list out and starts a
 * program at its end. Nothing here touches your machine: print a plan and read it before you try it.
 * The handout (README.md) says what each task wants and which steps there are.
 */
import type { StepInput } from 'ring3';

/** What the child's world shall be. All values are drawn anew for each run. */
export interface World {
  /** What `uname -n` shall say inside. */
  hostname: string;
  /** Who the program shall be inside … */
  inside: { uid: number; gid: number };
  /** … and who that is on the host. Ids above `inside` belong to those above `outside`, one for one. */
  outside: { uid: number; gid: number };
  /** How many user ids, and how many group ids, the program would like to have. */
  wanted: number;
  /**
   * Whether whoever starts the child may map ids as he likes (he has CAP_SETUID and CAP_SETGID on the host).
   * If not, he is `outside` himself, and the kernel has conditions.
   */
  privileged: boolean;
}

/**
 * The steps, in order, without the final `exec`: that is appended for you.
 *
 * The types tell which steps exist and what they take. You need ten of them:
 * namespaces, idMap, groups, gid, uid, propagation, mount, hostname, loopback, init.
 */
export function plan(_world: World): StepInput[] {
  // TODO which namespaces?
  // TODO who is who: the id maps, and what must be written before one of them
  // TODO with a shifted map the child is nobody yet: who does it become, and what must it lose first?
  // TODO the mounts: whose are they, and which one shows the wrong world?
  // TODO its name, its network
  // TODO who is process 1?
  throw new Error('not written yet');
}
