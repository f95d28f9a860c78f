import { entries } from './scripts/entries.mjs';

/** @type {import('knip').KnipConfig} */
export default {
  entry: [
    ...entries.map(({ source }) => source),
    'src/cli/main.ts',
    'examples/**/*.ts',
    'scripts/*.mjs',
    'test/house/*.mjs',
  ],
  project: ['src/**/*.ts', 'test/**/*.{ts,mjs}', 'examples/**/*.ts', 'scripts/*.mjs'],
  ignoreExportsUsedInFile: true,
  // Commands that scripts/ run by name.
  ignoreDependencies: ['@arethetypeswrong/cli', 'dependency-cruiser', 'publint', 'tsx'],
  // They are checked by a compiler of their own, against the build.
  ignore: ['test/types-emitted/**'],
};
