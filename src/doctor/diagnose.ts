/** All probes, and what follows for the labs. */
import { availableParallelism } from 'node:os';
import { currentAsker } from './asker.ts';
import { hostFacts, type HostFacts } from './host.ts';
import { hostNotes, hostTitle, stopped } from './hosts/index.ts';
import { readiness, type LabReadiness } from './labs.ts';
import { probe } from './probe.ts';
import { probes } from './registry.ts';
import type { ProbeResult } from './result.ts';

/** At once: enough that those which wait do not hold up the others, and few enough that none has to wait. */
const WORKERS = Math.min(6, 3 * availableParallelism() - 1);

export interface Report {
  /** The kind of host, for people: `Debian 12 in Docker`. */
  host: string;
  facts: HostFacts;
  privileged: boolean;
  /** Why nothing was probed, and what to do: not on this kind of host. */
  stop?: string;
  /** What to know about this kind of host. */
  notes: string[];
  probes: ProbeResult[];
  labs: LabReadiness[];
  milliseconds: number;
}

export async function diagnose(): Promise<Report> {
  const start = performance.now();
  const facts = hostFacts();
  const stop = stopped(facts);
  const results = stop === undefined ? await probeAll() : [];
  return {
    host: hostTitle(facts),
    facts,
    privileged: currentAsker().privileged,
    ...(stop !== undefined && { stop }),
    notes: hostNotes(facts),
    probes: results,
    labs: stop === undefined ? readiness(results) : [],
    milliseconds: Math.round(performance.now() - start),
  };
}

/** The slow ones first: they run while the others come and go. */
const SLOW = ['spawn.world', 'spawn', 'libseccomp', 'compiler.c++', 'compiler.c', 'cgroup.cpu'];

const LAST = 'processes';

async function probeAll(): Promise<ProbeResult[]> {
  const others = [...probes.keys()].filter((id) => !SLOW.includes(id) && id !== LAST);
  const waiting = [...SLOW, ...others];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await probe(id);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  // Fills every limit on processes for a moment: nothing else may run meanwhile.
  await probe(LAST);
  return Promise.all([...probes.keys()].map(probe));
}
