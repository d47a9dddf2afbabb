/** Doctor in a nutshell: `probe(id)` does one thing once and says what it saw; `diagnose()` does them all. */
export { diagnose, type Report } from './diagnose.ts';
export { labRanges, LABS, type LabReadiness } from './labs.ts';
export { PROBE_TIME_LIMIT } from './patience.ts';
export { probe } from './probe.ts';
export { probes } from './registry.ts';
export { printReport } from './print.ts';
export { shortReport } from './short.ts';
export type { Finding, ProbeDefinition, ProbeResult, Verdict } from './result.ts';
