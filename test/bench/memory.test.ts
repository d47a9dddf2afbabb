import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { memoryBounds, type MemoryResult } from '../../src/bench/memory.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test('a sandbox and its processes take no more memory than promised', { timeout: 60_000 }, () => {
  const json = execFileSync(process.execPath, [MAIN, 'bench', 'memory', '--json', '--processes', '24']);
  const result = JSON.parse(json.toString()) as MemoryResult;
  expect(result.process).toBeGreaterThan(0);
  for (const { what, value, most } of memoryBounds(result)) expect(value, what).toBeLessThanOrEqual(most);
});
