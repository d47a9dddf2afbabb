/** Memory that is a file, and the first page. */
import { ALL_LABS } from '../labs.ts';
import type { ProbeDefinition } from '../result.ts';
import { nativeProbe } from './native.ts';

const group = 'memory';

export const memoryProbes: ProbeDefinition[] = [
  nativeProbe({
    id: 'memfd',
    title: 'memfd and sealing',
    group,
    neededBy: ALL_LABS,
    why: 'the helper that starts children runs from sealed memory; guests share theirs with the kernel',
  }),
  nativeProbe({
    id: 'memfd.exec',
    title: 'exec from a sealed memfd',
    group,
    neededBy: ALL_LABS,
    why: 'a guest that reaches the helper through /proc cannot overwrite it (CVE-2019-5736)',
    restsOn: () => ['memfd'],
  }),
  nativeProbe({
    id: 'page-zero',
    title: 'a page at address 0',
    group,
    neededBy: [],
    why: 'rewriting by a two-byte call to a small address (zpoline) needs it; ring3 rewrites without',
  }),
];
