import { defineConfig } from 'tsup';

/** What the command uses of ../../src is bundled: the package needs no SDK. Its dependencies are not. */
export default defineConfig({
  entry: { cli: 'src/main.ts' },
  format: ['esm'],
  target: 'node20.19',
  clean: true,
});
