/** Workloads and targets by the names that people type. */
import type { MicroTarget } from './target.ts';
import { microTargets } from './targets/index.ts';
import { workloads, type Workload } from './workloads.ts';

/** Without these nothing can be judged. */
const ALWAYS = ['plain', 'ring'];

/** @throws Error for a name that there is not. All, when none is given. */
export function chooseWorkloads(names: readonly string[]): Workload[] {
  refuseUnknown('workload', names, workloads);
  return workloads.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** The same for targets; a platform brings the bare C that it is judged by. */
export function chooseMicroTargets(names: readonly string[]): MicroTarget[] {
  refuseUnknown('target', names, microTargets);
  const wanted = new Set([...ALWAYS, ...names, ...names.map((name) => `c-${name}`)]);
  return microTargets.filter(({ name }) => names.length === 0 || wanted.has(name));
}

function refuseUnknown(what: string, names: readonly string[], known: readonly { name: string }[]): void {
  const unknown = names.find((name) => !known.some((one) => one.name === name));
  if (unknown === undefined) return;
  const list = known.map(({ name }) => name).join(', ');
  throw new Error(
    `There is no ${what} ${unknown}. ${what === 'target' ? 'Targets' : 'Workloads'} are: ${list}.`,
  );
}
