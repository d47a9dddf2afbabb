import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Graders of made-up labs: tests run them through `ring3 lab`.
    exclude: ['test/lab/fixtures/**'],
    // ffi-napi crashes when several worker threads load it, and a forked child can be killed alone.
    pool: 'forks',
    // Tests of one file that run side by side, where it says so.
    maxConcurrency: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
