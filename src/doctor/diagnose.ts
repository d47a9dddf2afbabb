/** All probes, and what follows for the labs. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentAsker } from './asker.ts';
import { hostFacts, type HostFacts } from './host.ts';
import { hostNotes, hostTitle, stopped } from './hosts/index.ts';
import { readiness, type LabReadiness } from './labs.ts';
import { timeLimit } from './patience.ts';
import { findPlatforms, type PlatformFinding } from './platforms.ts';
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
  /** What `ring3 run` can take here, the fastest first; only where it was asked for. */
  platforms?: PlatformFinding[];
  /** Milliseconds that one probe had, and that all took. */
  timeLimit: number;
  milliseconds: number;
}

/** @param withPlatforms starts each platform, too: a third of a second */
export async function diagnose(withPlatforms = false): Promise<Report> {
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
    ...(withPlatforms && { platforms: stop === undefined ? await findPlatforms(results) : [] }),
    timeLimit: Math.round(await timeLimit()),
    milliseconds: Math.round(performance.now() - start),
  };
}

/** The slow ones first: they run while the others come and go. */
const SLOW = ['spawn.world', 'spawn', 'libseccomp', 'compiler.c++', 'compiler.c', 'cgroup.cpu'];

/** Fills every limit on processes for a moment: nothing else may run meanwhile. */
const ALONE = 'processes';

/** After this part of its time limit a probe only waits, and another one takes its turn. */
const PATIENCE = 0.1;

/** Where many hang, the rest gets less time, so that the answer comes in three seconds: in parts of the time limit. */
const ALL_TOGETHER = 1.4;

async function probeAll(): Promise<ProbeResult[]> {
  const limit = await timeLimit();
  const deadline = performance.now() + limit * ALL_TOGETHER;
  await probe(ALONE);
  const waiting = [...SLOW, ...[...probes.keys()].filter((id) => !SLOW.includes(id))];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      await Promise.race([probe(id, deadline), sleep(limit * PATIENCE, undefined, { ref: false })]);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return Promise.all([...probes.keys()].map((id) => probe(id)));
}
