import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';

let copy: string;

beforeEach(() => {
  mkdirSync(join(root, 'temp'), { recursive: true });
  copy = mkdtempSync(join(root, 'temp/ladder-'));
  for (const path of ['src', 'packages', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

function plant(path: string, code: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), code);
}

/** What dependency-cruiser says of the copy: `rule: from -> to` for each violation in a planted file. */
function violations(): string[] {
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout } = spawnSync(process.execPath, [depcruise, '--output-type=json', 'src', 'packages/*/src'], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] };
  };
  return summary.violations
    .filter(({ from }) => from.includes('planted'))
    .map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)
    .sort();
}

test('an import up the ladder fails the check, and so does one of a type alone', { timeout: 60_000 }, () => {
  plant('src/client/planted.ts', 'export const value = 1;\nexport type Shape = { value: number };\n');
  plant(
    'src/core/planted-value.ts',
    "import { value } from '../client/planted.js';\nexport const twice = value * 2;\n",
  );
  plant(
    'src/core/planted-type.ts',
    "import type { Shape } from '../client/planted.js';\nexport type Twice = Shape[];\n",
  );
  plant(
    'src/server/planted-type.ts',
    "import type { Shape } from '../client/planted.js';\nexport type Twice = Shape[];\n",
  );
  plant(
    'src/testing/planted-allowed.ts',
    "import { value } from '../client/planted.js';\nexport const same = value;\n",
  );

  expect(violations()).toEqual([
    'ladder-core: src/core/planted-type.ts -> src/client/planted.ts',
    'ladder-core: src/core/planted-value.ts -> src/client/planted.ts',
    'ladder-server: src/server/planted-type.ts -> src/client/planted.ts',
  ]);
});

test('a cycle of types, a stray import of protobufjs and a folder without a rung fail it too', {
  timeout: 60_000,
}, () => {
  plant('src/core/planted-a.ts', "import type { B } from './planted-b.js';\nexport type A = { b?: B };\n");
  plant('src/core/planted-b.ts', "import type { A } from './planted-a.js';\nexport type B = { a?: A };\n");
  plant('src/client/planted-c.ts', "import type { Root } from 'protobufjs';\nexport type C = Root;\n");
  plant('src/planted/d.ts', "import type { A } from '../core/planted-a.js';\nexport type D = A;\n");
  plant('src/bolt/planted-e.ts', "import type { Socket } from 'node:net';\nexport type E = Socket;\n");

  expect(violations().map((violation) => violation.split(' -> ')[0])).toEqual([
    'bytes-without-sockets: src/bolt/planted-e.ts',
    'ladder-known-folders: src/planted/d.ts',
    'no-cycle: src/core/planted-a.ts',
    'protobufjs-in-serialization-only: src/client/planted-c.ts',
  ]);
});

test('what makes, serves and carries calls names no wire protocol, not even its types', {
  timeout: 60_000,
}, () => {
  plant('src/bolt/planted-own.ts', 'export type Frame = { kind: string };\n');
  const folders = ['client', 'server', 'transport', 'testing', 'mesh', 'balancing', 'framing'];
  for (const folder of [...folders, 'protocol', 'compat'])
    plant(`src/${folder}/planted.ts`, "export type { Frame } from '../bolt/planted-own.js';\n");

  expect(violations()).toEqual(
    folders.map((folder) => `ladder-${folder}: src/${folder}/planted.ts -> src/bolt/planted-own.ts`).sort(),
  );
});

test('the SDK imports no package that is built on it, and such a package only what it was given', {
  timeout: 60_000,
}, () => {
  plant('src/client/planted.ts', 'export const value = 1;\n');
  plant('src/core/planted.ts', 'export const value = 1;\n');
  plant('packages/cli/src/planted-own.ts', 'export const value = 1;\n');
  plant('src/mesh/planted-up.ts', "export { value } from '../../packages/cli/src/planted-own.js';\n");
  plant('packages/cli/src/planted-client.ts', "export { value } from '../../../src/client/planted.js';\n");
  plant('packages/cli/src/planted-allowed.ts', "export { value } from '../../../src/core/planted.js';\n");
  plant('packages/cli/src/planted-package.ts', "export { test } from 'vitest';\n");
  plant('packages/planted/src/new.ts', "export { value } from '../../../src/core/planted.js';\n");

  expect(violations().map((violation) => violation.replace(/\S*node_modules.*/, 'node_modules'))).toEqual([
    'ladder-known-packages: packages/planted/src/new.ts -> src/core/planted.ts',
    'ladder-packages-cli: packages/cli/src/planted-client.ts -> src/client/planted.ts',
    'no-development-dependency: packages/cli/src/planted-package.ts -> node_modules',
    'sdk-without-packages: src/mesh/planted-up.ts -> packages/cli/src/planted-own.ts',
  ]);
});
