import { defineConfig } from 'vitest/config';

/** The tests that need Node alone. Those with real peers are in vitest.interop.config.ts. */
export default defineConfig({
  // A test may import the package by the name its user writes: that is the source, not the build.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/types-emitted/**'],
    // No test depends on how fast the machine is; this is for a test that hangs.
    testTimeout: 30_000,
  },
});
