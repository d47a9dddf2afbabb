/** Bench in a nutshell: `chooseTargets`, `bench` them, and show the result with `resultTable` or `summarize`. */
export { callCosts, type CallCost } from './calls.ts';
export { bench, type BenchOptions } from './run.ts';
export type { Result, Sample, TargetFacts } from './result.ts';
export { compare, summarize, type Comparison, type TargetSummary } from './summary.ts';
export { gapLines, resultTable } from './table.ts';
export { chooseTargets, targets } from './targets/index.ts';
export type { Gap, Target } from './target.ts';
