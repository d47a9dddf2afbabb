/** Who asks. */
import { readFileSync } from 'node:fs';
import { capabilityMask } from '../linux/capabilities.ts';
import type { Asker } from './result.ts';

let known: Asker | undefined;

export function currentAsker(): Asker {
  known ??= { privileged: hasCapability() };
  return known;
}

function hasCapability(): boolean {
  try {
    const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${effective}`) & capabilityMask(['CAP_SYS_ADMIN'])) !== 0n;
  } catch {
    return false;
  }
}
