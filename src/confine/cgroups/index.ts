/**
 * cgroups in a nutshell: look at the host (`discoverCgroups`, or `hostFor` which also makes room in a container), say
 * the limits as steps of a plan under a fresh name (`limitSteps`, `cgroupName`), and while the group exists read what
 * it counted (`readStats`) or act on it as a whole. What the pure parts decide, they decide from a CgroupHost alone.
 */
export { CgroupError } from './error.ts';
export { discoverCgroups, type CgroupHost, type V1Hierarchy, type V2Place, type V2Tree } from './host.ts';
export { hostFor } from './settle.ts';
export { cgroupName } from './name.ts';
export { LEAST_CPUS, LEAST_MEMORY, limitSteps, needsOf, type Limits } from './limits.ts';
export { seatsFor, whyNot, type Need } from './seats.ts';
export { readStats, wasOomKilled, type CgroupStats } from './stats.ts';
export { freeze, kill, remove, thaw } from './control.ts';
export { sweep } from './sweep.ts';
