/** The public API: what labs and their exercises import as `ring3`. */
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
export { CAPABILITIES, capabilitiesOf, capabilityMask, type Capability } from './linux/capabilities.ts';
export { CLONE_FLAGS, NAMESPACES, type Namespace } from './linux/namespaces.ts';
export { RESOURCES, type Resource } from './linux/resources.ts';
export { helperPath } from './linux/addon.ts';
export { CgroupError, cgroupName, hostFor, seatsFor, type CgroupHost } from './confine/cgroups/index.ts';
