/** What a lab needs of the host, asked of doctor's probes. */
import { probe } from '../doctor/index.ts';
import type { Lab } from './catalog.ts';

export interface Lack {
  probe: string;
  reason: string;
}

/**
 * The first of the lab's prerequisites that this host does not meet; `degraded` is met.
 * @throws Error when lab.json names a probe that doctor does not have
 */
export async function unmetPrerequisite({ manifest }: Lab): Promise<Lack | undefined> {
  const results = await Promise.all(manifest.prerequisites.map((id) => probe(id)));
  const failed = results.find(({ ok }) => ok === false);
  if (!failed) return undefined;
  const { id, seen, fix } = failed;
  return { probe: id, reason: fix ? `${seen}; ${fix}` : seen };
}
