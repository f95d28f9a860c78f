import { defineConfig } from 'tsup';
import { entries } from './scripts/entries.mjs';

const library = Object.fromEntries(entries.map(({ name, source }) => [name, source]));

export default defineConfig({
  entry: library,
  format: ['esm', 'cjs'],
  target: 'node20.19',
  clean: true,
  // One copy of each class for all entry points, in the CommonJS build too.
  splitting: true,
  // Rollup makes CommonJS of the chunks: what tsup does otherwise (sucrase) rewrites `?.` and `??` into calls.
  treeshake: true,
  plugins: [
    {
      // In CommonJS an optional peer is required when used. `import()` fails there in whatever runs code in a context of its
      // own, as jest does.
      name: 'require-when-used',
      renderChunk(code) {
        if (this.format !== 'cjs') return;
        const required = 'Promise.resolve().then(() => ({ default: require($1) }))';
        return { code: code.replace(/\bimport\((["'][\w-]+["'])\)/g, required) };
      },
    },
  ],
  dts: {
    entry: library,
    // Members that are `@internal` are no part of what is published. `ignoreDeprecations`: tsup 8 still passes an option that
    // TypeScript 6 calls deprecated.
    compilerOptions: { ignoreDeprecations: '6.0', noEmit: false, stripInternal: true },
  },
});
