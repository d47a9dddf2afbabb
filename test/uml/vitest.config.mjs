// The tests that run inside of user-mode-linux. A plain module: TypeScript would be bundled into a file beside it.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  cacheDir: '/tmp/vite',
  test: {
    include: ['test/uml/**/*.uml.ts', 'test/confine/cgroups/live.test.ts', 'test/cli/limits.test.ts'],
    pool: 'forks',
    // One core, and a system call costs about a hundred times what it costs outside.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
  },
});
