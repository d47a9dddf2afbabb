/** The micro workloads in a nutshell: choose, `microBench` them, and show the result with `microTable`. */
export { judge, type Bound, type Judgement } from './bounds.ts';
export { chooseMicroTargets, chooseWorkloads } from './choose.ts';
export type { MicroResult, MicroSample } from './result.ts';
export { microBench, type MicroOptions } from './run.ts';
export { summarizeMicro, type MicroCell } from './summary.ts';
export { microTable } from './table.ts';
export type { MicroTarget } from './target.ts';
export { microTargets } from './targets/index.ts';
export { workloads, type Workload } from './workloads.ts';
