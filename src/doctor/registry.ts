/** All probes, by id, in the order in which they are shown. */
import { apartProbes } from './probes/apart.ts';
import { cgroupProbes } from './probes/cgroups.ts';
import { machineProbes } from './probes/machine.ts';
import { memoryProbes } from './probes/memory.ts';
import { mountProbes } from './probes/mounts.ts';
import { namespaceProbes } from './probes/namespaces.ts';
import { systemCallProbes } from './probes/system-calls.ts';
import { taskProbes } from './probes/tasks.ts';
import { toolProbes } from './probes/tools.ts';
import { GROUPS, type ProbeDefinition } from './result.ts';

const all = [
  ...machineProbes,
  ...taskProbes,
  ...namespaceProbes,
  ...mountProbes,
  ...systemCallProbes,
  ...memoryProbes,
  ...cgroupProbes,
  ...toolProbes,
  ...apartProbes,
];

export const probes: ReadonlyMap<string, ProbeDefinition> = new Map(
  GROUPS.flatMap((group) => all.filter((probe) => probe.group === group)).map((probe) => [probe.id, probe]),
);
