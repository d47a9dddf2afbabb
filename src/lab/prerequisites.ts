/** What a lab needs of the host, asked of doctor's probes. */
import type { Lab } from './catalog.ts';

export interface Lack {
  probe: string;
  reason: string;
}

/** The first of the lab's prerequisites that this host does not meet. */
export async function unmetPrerequisite(_lab: Lab): Promise<Lack | undefined> {
  return undefined;
}
