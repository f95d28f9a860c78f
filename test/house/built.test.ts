import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entries } from '../../scripts/entries.mjs';
import { root } from '../../scripts/project.mjs';
import { buildCli, buildSdk, run } from './built.js';

// What is published, built for this test alone, and run by a plain Node: no test runner, no source.
let dist: string;

beforeAll(async () => {
  mkdirSync(join(root, 'temp'), { recursive: true });
  dist = mkdtempSync(join(root, 'temp/built-'));
  await buildSdk(dist);
  await buildCli(join(dist, 'cli'));
}, 120_000);

afterAll(() => rmSync(dist, { recursive: true, force: true }));

test('package.json exports what tsconfig.json names, as ESM and as CommonJS', () => {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { './package.json': _, ...published } = exports;
  expect(published).toEqual(
    Object.fromEntries(
      entries.map((entry) => [
        entry.specifier.replace(name, '.'),
        { import: `./dist/${entry.name}.js`, require: `./dist/${entry.name}.cjs` },
      ]),
    ),
  );
});

test.each(['js', 'cjs'])(
  'with code generation forbidden, the .%s build passes every vector and a typed round trip',
  { timeout: 120_000 },
  async (extension) => {
    const runner = join(root, 'test/house/without-code-generation.mjs');
    const { stdout } = await run(process.execPath, [
      '--disallow-code-generation-from-strings',
      runner,
      dist,
      extension,
    ]);
    expect(JSON.parse(stdout)).toEqual({ failed: [], hessian: 562, bolt: 196 });
  },
);
