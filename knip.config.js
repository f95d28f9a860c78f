import { entries } from './scripts/entries.mjs';

/** @type {import('knip').KnipConfig} */
export default {
  entry: [...entries.map(({ source }) => source), 'examples/**/*.ts', 'scripts/*.mjs', 'test/house/*.mjs'],
  project: ['src/**/*.ts', 'test/**/*.{ts,mjs}', '!test/fixtures/**', 'examples/**/*.ts', 'scripts/*.mjs'],
  vitest: { config: ['vitest.config.ts', 'vitest.interop.config.ts'] },
  ignoreExportsUsedInFile: true,
  // Commands that scripts/ run by name; hessian.js has no types, so its test requires it.
  ignoreDependencies: ['@arethetypeswrong/cli', 'dependency-cruiser', 'hessian.js', 'publint', 'tsx'],
};
