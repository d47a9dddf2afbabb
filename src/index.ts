/** The public API: what labs, their exercises and their graders import as `ring3`. */
export {
  planSchema,
  stepSchema,
  type Plan,
  type Step,
  type StepInput,
  type StepName,
} from './confine/plan.ts';
export { Child, StepError, type Exit, type TimelineEntry, type Usage } from './confine/child.ts';
export { parsePlan, PlanError, spawn, type SpawnOptions, type Stdio } from './confine/spawn.ts';
export { execute, type Executed, type ExecuteOptions } from './confine/execute.ts';
export {
  CgroupError,
  cgroupName,
  discoverCgroups,
  hostFor,
  seatsFor,
  type CgroupHost,
  type CgroupStats,
} from './confine/cgroups/index.ts';
export { helperPath } from './linux/addon.ts';
export { CAPABILITIES, capabilitiesOf, capabilityMask, type Capability } from './linux/capabilities.ts';
export { CLONE_FLAGS, NAMESPACES, type Namespace } from './linux/namespaces.ts';
export { RESOURCES, type Resource } from './linux/resources.ts';
export { currentUser, hostIdMaps } from './confine/idmaps.ts';
export {
  decode,
  interpret,
  printProgram,
  printTrace,
  trace,
  verify,
  type Action,
  type Call,
  type Fault,
  type Instruction,
  type Run,
  type Trace,
} from './confine/seccomp/index.ts';
