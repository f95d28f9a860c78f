import { entries } from './scripts/entries.mjs';

/** @type {import('knip').KnipConfig} */
export default {
  workspaces: {
    '.': {
      entry: [
        ...entries.map(({ source }) => source),
        'examples/**/*.{ts,mjs}',
        'scripts/*.mjs',
        'test/house/*.mjs',
        // Loaded by name, in a process of their own.
        'test/interop/compat/run.mjs',
        'test/interop/compat/scenarios/*.mjs',
      ],
      project: [
        'src/**/*.ts',
        'test/**/*.{ts,mjs}',
        '!test/fixtures/**',
        'examples/**/*.{ts,mjs}',
        'scripts/*.mjs',
      ],
      vitest: { config: ['vitest.config.ts', 'vitest.interop.config.ts'] },
    },
    'packages/cli': {
      entry: ['test/**/*.test.ts'],
      project: ['{src,test}/**/*.ts'],
      // What asks ZooKeeper is bundled from ../../src.
      ignoreDependencies: ['node-zookeeper-client'],
    },
  },
  ignoreExportsUsedInFile: true,
  // Commands that scripts/ run by name; hessian.js has no types, so its test requires it; sofa-rpc-node is what an example leaves.
  ignoreDependencies: [
    '@arethetypeswrong/cli',
    'dependency-cruiser',
    'hessian.js',
    'publint',
    'sofa-rpc-node',
    'tsx',
  ],
};
