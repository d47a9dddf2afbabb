/** A probe whose doing is all in the C program. */
import { lookNatively } from '../native.ts';
import type { ProbeDefinition } from '../result.ts';

export function nativeProbe(definition: Omit<ProbeDefinition, 'look'>): ProbeDefinition {
  return { ...definition, look: (signal) => lookNatively(definition.id, [], signal) };
}
