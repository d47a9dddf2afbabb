/** `npm run fuzz -- --calls 5000000 --seed N --platform rewrite [--only read,write]` */
import { parseArgs } from 'node:util';
import type { PlatformName } from '../../../src/platform/platform.ts';
import { freshSeed } from '../../../src/lab/random.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '5000000' },
    seed: { type: 'string', default: String(freshSeed()) },
    platform: { type: 'string', default: 'rewrite' },
    only: { type: 'string', default: '' },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const started = performance.now();
console.log(`seed ${values.seed}`);
const { faults } = await fuzz({
  calls: Number(values.calls),
  seed: Number(values.seed),
  platform: values.platform as PlatformName,
  only: values.only.split(',').filter(Boolean),
  progress: (line) => console.log(`${((performance.now() - started) / 1000).toFixed(0)} s: ${line}`),
});
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
