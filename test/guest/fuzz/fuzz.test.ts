/** A short run of the fuzzer; `npm run fuzz` makes long ones. */
import { expect, test } from 'vitest';
import { freshSeed } from '../../../src/lab/random.ts';
import { fuzz } from './fuzz.ts';

const seed = Number(process.env['RING3_SEED'] ?? freshSeed());

test.each([
  { platform: 'rewrite', calls: 150_000 },
  { platform: 'trap', calls: 30_000 },
  { platform: 'notify', calls: 10_000 },
  { platform: 'ptrace', calls: 10_000 },
] as const)(
  'random calls find no mistake of the kernel ($platform)',
  { timeout: 180_000 },
  async ({ platform, calls }) => {
    const { faults } = await fuzz({ platform, calls, seed });
    expect(faults, `again: npm run fuzz -- --seed ${seed} --calls ${calls} --platform ${platform}`).toEqual(
      [],
    );
  },
);
