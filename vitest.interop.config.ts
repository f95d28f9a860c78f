import { defineConfig } from 'vitest/config';

/** The tests with real peers: one file at a time, and time enough to build and start a Java process. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/interop/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
