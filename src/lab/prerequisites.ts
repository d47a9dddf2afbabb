/** What a lab needs of the host, asked of doctor's probes. */
import { probe, probes } from '../doctor/index.ts';
import type { Lab } from './catalog.ts';
import { UserError } from './error.ts';
import { folderName } from './manifest.ts';

export interface Lack {
  probe: string;
  reason: string;
}

/**
 * The first of the lab's prerequisites that this host does not meet; `degraded` is met.
 * @throws UserError when lab.json names a probe that doctor does not have
 */
export async function unmetPrerequisite({ manifest }: Lab): Promise<Lack | undefined> {
  const unknown = manifest.prerequisites.find((id) => !probes.has(id));
  if (unknown) throw new UserError(`lab.json of ${folderName(manifest)}: doctor has no probe ${unknown}`, 3);
  const results = await Promise.all(manifest.prerequisites.map((id) => probe(id)));
  const failed = results.find(({ ok }) => ok === false);
  if (!failed) return undefined;
  const { id, seen, fix } = failed;
  return { probe: id, reason: fix ? `${seen}; ${fix}` : seen };
}
