import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // ffi-napi crashes when several worker threads load it, and a forked child can be killed alone.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
