import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rewritten, TestApp, toldOf } from './app.js';

/** A file, and the file that it becomes: what stands between «» is replaced, and nothing else. */
async function expectRewritten(path: string, marked: string): Promise<void> {
  const before = marked.replace(/[«»]/g, '');
  const after = marked
    .replace(/«(?:sofa-rpc-node|rpc)»/g, 'sofa-mesh-sdk/compat')
    .replace(/«sofa-bolt-node»/g, 'sofa-mesh-sdk/compat/bolt');
  expect(await rewritten(path, before)).toBe(after);
}

test.each([
  ["const a = require('«sofa-rpc-node»');"],
  ['const a = require("«sofa-bolt-node»");'],
  ['const a = require(`«sofa-rpc-node»`);'],
  ["const { client: { RpcClient }, server } = require( '«sofa-rpc-node»' ).x"],
  ["module.require('«sofa-rpc-node»')"],
  ["require.resolve('«sofa-bolt-node»')"],
  ["import '«sofa-rpc-node»'"],
  ["import rpc from '«sofa-rpc-node»';"],
  ["import * as rpc from '«sofa-rpc-node»'"],
  ["import rpc, { client as c } from '«sofa-rpc-node»'"],
  ["import{client}from'«sofa-rpc-node»'"],
  ["import {\n  client, // the one\n  server,\n} from\n  '«sofa-rpc-node»';"],
  ["import a from '«sofa-rpc-node»' with { type: 'x' }"],
  ["export { client } from '«sofa-rpc-node»'"],
  ["export * from '«sofa-rpc-node»'"],
  ["export * as rpc from '«sofa-rpc-node»'"],
  ["const a = await import('«sofa-rpc-node»')"],
  ["const a = await import(/* webpackChunkName: 'sofa-rpc-node' */ '«sofa-rpc-node»')"],
  ["jest.mock('«sofa-rpc-node»', () => ({ client: {} }))"],
  ["vi.mock('«sofa-bolt-node»')"],
  ["jest.requireActual('«sofa-rpc-node»')"],
  ["await vi.importActual('«sofa-rpc-node»')"],
  ["/** @type {import('«sofa-rpc-node»').client.RpcClient} */\nlet a;"],
  ["if (a) /'/.test(b); const x = 1 / 2; require('«sofa-rpc-node»') / 3"],
  [`const t = \`\${require('«sofa-rpc-node»')} 'sofa-rpc-node \${\`\${1}\`}\``],
  ["// require('sofa-rpc-node')\n/* import 'sofa-rpc-node' */\nrequire('«sofa-rpc-node»')"],
  ["console.log('sofa-rpc-node is down'); require('«sofa-rpc-node»')"],
  ['#!/usr/bin/env node\nrequire("«sofa-rpc-node»")'],
  ["require('sofa-rpc-node-extra'); require('@me/sofa-rpc-node'); require('./sofa-rpc-node')"],
  ["module.exports = { external: ['«sofa-rpc-node»', 'b'], plugins: [] }"],
  ["module.exports = { resolve: { alias: { rpc: '«sofa-rpc-node»' } } }"],
  ["alias({ alias: [{ find: 'rpc', replacement: '«sofa-bolt-node»' }] }); require('«sofa-rpc-node»')"],
])('a JavaScript file: %s', async (marked) => {
  await expectRewritten('a.js', marked);
  await expectRewritten('a.cjs', marked);
});

test.each([
  ['a.ts', "import rpc = require('«sofa-rpc-node»');"],
  ['a.ts', "import type { client } from '«sofa-rpc-node»';"],
  ['a.ts', "import { type client, server as s } from '«sofa-rpc-node»';"],
  ['a.ts', "type A = import('«sofa-rpc-node»').client;\nlet b: typeof import('«sofa-bolt-node»');"],
  ['a.ts', "jest.requireActual<typeof import('«sofa-rpc-node»')>('«sofa-rpc-node»')"],
  ['a.ts', "const f = <T>(x: T) => x; const y = <any>x; f(require('«sofa-rpc-node»'))"],
  ['a.mts', "export type { client } from '«sofa-rpc-node»';"],
  ['a.cts', "let a: Array<Map<string, number>>= []; require('«sofa-rpc-node»')"],
  ['a.tsx', "const f = <T,>(x: T) => require('«sofa-rpc-node»');"],
  ['a.tsx', "import r from '«sofa-rpc-node»'; const a = <p title=\"it's\">don't {r('x')} sofa-rpc-node</p>;"],
  ['a.jsx', "const a = <p>it's</p>; const b = require('«sofa-rpc-node»');"],
])('%s: %s', async (path, marked) => expectRewritten(path, marked));

test('line ends, the byte order mark, tabs and the missing last line end stay as they are', async () => {
  await expectRewritten(
    'a.js',
    "\ufeffconst a = require('«sofa-rpc-node»');\r\n\tb\r\n\r\nimport('«sofa-bolt-node»') ",
  );
});

test('a place counts characters as an editor does: from 1, without the mark, past \\r\\n', async () => {
  const app = new TestApp({
    'src/a.js': "\ufeffrequire('sofa-rpc-node');\r\n  '日本', require('sofa-bolt-node');\r\n",
  });
  const { changes } = await app.json();
  expect(changes).toEqual([
    { file: 'src/a.js', line: 1, column: 10, from: "'sofa-rpc-node'", to: "'sofa-mesh-sdk/compat'" },
    { file: 'src/a.js', line: 2, column: 18, from: "'sofa-bolt-node'", to: "'sofa-mesh-sdk/compat/bolt'" },
  ]);
});

test('a name of the app for the old package, an alias of npm, is replaced where it loads it', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": { "rpc": "npm:sofa-rpc-node@^2.0.0" } }',
    'a.js': "require('rpc'); log('rpc'); require('rpc-other');",
    'sub/b.js': "import x from 'rpc'; require('rpc/lib/client');",
  });
  await app.run('--write', '--offline');
  expect(app.read('a.js')).toBe("require('sofa-mesh-sdk/compat'); log('rpc'); require('rpc-other');");
  expect(app.read('sub/b.js')).toBe("import x from 'sofa-mesh-sdk/compat'; require('rpc/lib/client');");
});

test('whatever stands around it, nothing but the specifier changes, and a second run finds nothing', async () => {
  const parts = fc.constantFrom(
    ...[
      'const a = 1 / 2;',
      'x = /[\'"`]/g;',
      `\`a \${b} '\`;`,
      "'it\\'s';",
      "// it's",
      "/* ' */",
      'if (a) { b }',
    ],
    ...[
      'y = a++ / 2;',
      '"\\"";',
      'label: for (;;) {}',
      "z = { 'a': [1, 2] };",
      'async () => {};',
      '\r\n',
      '\t',
    ],
  );
  const uses = fc.constantFrom(
    "require('sofa-rpc-node');",
    'import "sofa-bolt-node";',
    "export * from 'sofa-rpc-node';",
    "import('sofa-bolt-node');",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(parts, uses), { maxLength: 12 }), async (lines) => {
      const before = lines.join('\n');
      const after = before
        .replaceAll('sofa-rpc-node', 'sofa-mesh-sdk/compat')
        .replaceAll('sofa-bolt-node', 'sofa-mesh-sdk/compat/bolt');
      expect(await rewritten('a.ts', before)).toBe(after);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["require('sofa-rpc-node/lib/client/request')", ['1:10 deep-import']],
  ["import c from 'sofa-rpc-node/lib/client';", ['1:16 deep-import']],
  ["jest.mock('sofa-bolt-node/lib/decoder')", ['1:12 deep-import']],
  ["const name = 'sofa-rpc-node';\nrequire(name);", ['1:15 name', '2:1 computed-import']],
  ["require('sofa-' + kind + '-node')", ['1:1 computed-import']],
  [`import(\`sofa-\${kind}-node\`)`, ['1:1 computed-import']],
  ['require(path.join(a, b)); require(name)', []],
  ["proxyquire('./a', { 'sofa-rpc-node': {} })", ['1:22 name']],
  ["td.replace('sofa-rpc-node')", ['1:13 name']],
  ["module.exports = { resolve: { alias: { 'sofa-rpc-node': './mine' } } }", ['1:41 alias']],
  ["module.exports = { resolve: { alias: { 'sofa-rpc-node': 'sofa-mesh-sdk/compat' } } }", []],
  ["alias({ alias: [{ find: 'sofa-rpc-node', replacement: './mine' }] })", ['1:26 alias']],
  ["module.exports = { moduleNameMapper: { 'sofa-rpc-node': '<rootDir>/x' } }", ['1:41 alias']],
  ["module.exports = { externals: { 'sofa-rpc-node': 'commonjs sofa-rpc-node' } }", ['1:34 alias']],
])('what is left for a person of %s', async (code, told) => {
  expect(await toldOf('a.js', code)).toEqual(told);
});

test('a deep import is told its public place where it has one', async () => {
  const app = new TestApp({
    'a.js': "require('sofa-rpc-node/lib/client/request'); require('sofa-rpc-node/lib/client/metric')",
  });
  const [request, metric] = (await app.json()).needsPerson;
  expect(request?.message).toContain("require('sofa-mesh-sdk/compat').client.RpcRequest");
  expect(metric?.message).toContain('docs/compat.md');
});

test('types that the app declared for the old package are told, and stay', async () => {
  const code =
    'declare module \'sofa-rpc-node\' {\n  export const client: unknown;\n}\n/// <reference types="sofa-rpc-node" />\n';
  expect(await toldOf('types.d.ts', code)).toEqual(['1:17 types', '4:23 types']);
  expect(await rewritten('types.d.ts', code)).toBe(code);
});
