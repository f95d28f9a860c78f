import { expect, test } from 'vitest';
import manifest from '../../../../package.json' with { type: 'json' };
import { TestApp } from './app.js';

const range = `^${manifest.version}`;
const user = "require('sofa-rpc-node');\n";

async function after(packageJson: string, code = user): Promise<string> {
  const app = new TestApp({ 'package.json': packageJson, 'a.js': code });
  await app.run('--write', '--offline');
  const first = app.read('package.json');
  await app.run('--write', '--offline');
  expect(app.read('package.json')).toBe(first);
  return first;
}

test.each([
  [
    'the new package takes the place of the old one',
    '{\n  "name": "a",\n  "dependencies": {\n    "koa": "^2",\n    "sofa-rpc-node": "^2.10.0"\n  }\n}\n',
    `{\n  "name": "a",\n  "dependencies": {\n    "koa": "^2",\n    "sofa-mesh-sdk": "${range}"\n  }\n}\n`,
  ],
  [
    'both old ones go, line by line',
    '{\r\n\t"dependencies": {\r\n\t\t"a": "1",\r\n\t\t"sofa-bolt-node": "2",\r\n\t\t"sofa-rpc-node": "2",\r\n\t\t"z": "1"\r\n\t}\r\n}',
    `{\r\n\t"dependencies": {\r\n\t\t"a": "1",\r\n\t\t"sofa-mesh-sdk": "${range}",\r\n\t\t"z": "1"\r\n\t}\r\n}`,
  ],
  [
    'the last one leaves no comma',
    '{\n  "dependencies": {\n    "sofa-mesh-sdk": "^1.0.0",\n    "sofa-rpc-node": "2"\n  },\n  "x": 1\n}\n',
    '{\n  "dependencies": {\n    "sofa-mesh-sdk": "^1.0.0"\n  },\n  "x": 1\n}\n',
  ],
  [
    'both at the end go together',
    '{\n  "dependencies": {\n    "sofa-mesh-sdk": "^1.0.0",\n    "sofa-bolt-node": "2",\n    "sofa-rpc-node": "2"\n  }\n}\n',
    '{\n  "dependencies": {\n    "sofa-mesh-sdk": "^1.0.0"\n  }\n}\n',
  ],
  [
    'on one line, in more than one section',
    '{ "dependencies": { "sofa-rpc-node": "2" }, "devDependencies": { "sofa-bolt-node": "2", "x": "1" } }',
    `{ "dependencies": { "sofa-mesh-sdk": "${range}" }, "devDependencies": { "x": "1" } }`,
  ],
  [
    'the only one of a section leaves it empty',
    '{ "dependencies": { "sofa-rpc-node": "2" }, "devDependencies": {\n    "sofa-bolt-node": "2"\n  } }',
    `{ "dependencies": { "sofa-mesh-sdk": "${range}" }, "devDependencies": {} }`,
  ],
  [
    'where there is only a section for development, that one',
    '{ "devDependencies": { "sofa-rpc-node": "2" } }',
    `{ "devDependencies": { "sofa-mesh-sdk": "${range}" } }`,
  ],
  [
    'an alias of npm goes too',
    '{ "dependencies": { "rpc": "npm:sofa-rpc-node@2", "z": "1" } }',
    `{ "dependencies": { "sofa-mesh-sdk": "${range}", "z": "1" } }`,
  ],
  [
    'names of its own for imports lead to the new entries',
    '{ "imports": { "#rpc": { "node": "sofa-rpc-node", "default": "./x.js" } }, "dependencies": { "sofa-rpc-node": "2" } }',
    `{ "imports": { "#rpc": { "node": "sofa-mesh-sdk/compat", "default": "./x.js" } }, "dependencies": { "sofa-mesh-sdk": "${range}" } }`,
  ],
  [
    'a package that the code loads and nobody names is added by the alphabet',
    '{\n  "dependencies": {\n    "koa": "1",\n    "zod": "1"\n  }\n}',
    `{\n  "dependencies": {\n    "koa": "1",\n    "sofa-mesh-sdk": "${range}",\n    "zod": "1"\n  }\n}`,
  ],
  [
    '.. at the end',
    '{ "dependencies": {"a": "1"} }',
    `{ "dependencies": {"a": "1","sofa-mesh-sdk": "${range}"} }`,
  ],
  ['.. into nothing', '{ "dependencies": {} }', `{ "dependencies": { "sofa-mesh-sdk": "${range}" } }`],
])('package.json: %s', async (_, before, expected) => {
  expect(await after(before)).toBe(expected);
});

const zookeeper = `"node-zookeeper-client": "${manifest.peerDependencies['node-zookeeper-client']}"`;
const registry =
  "new (require('sofa-rpc-node').registry.ZookeeperRegistry)({});\nnew ZookeeperRegistry({ address });\n";

test.each([
  [
    '{ "dependencies": { "koa": "2", "sofa-bolt-node": "2", "sofa-rpc-node": "2" } }',
    `{ "dependencies": { "koa": "2", ${zookeeper}, "sofa-mesh-sdk": "${range}" } }`,
  ],
  [
    '{ "dependencies": { "a": "2" } }',
    `{ "dependencies": { "a": "2", ${zookeeper}, "sofa-mesh-sdk": "${range}" } }`,
  ],
  [
    '{ "dependencies": { "z": "2" } }',
    `{ "dependencies": { ${zookeeper}, "sofa-mesh-sdk": "${range}", "z": "2" } }`,
  ],
  ['{ "dependencies": {} }', `{ "dependencies": { ${zookeeper}, "sofa-mesh-sdk": "${range}" } }`],
  [
    '{ "dependencies": { "node-zookeeper-client": "1", "sofa-rpc-node": "2" } }',
    `{ "dependencies": { "node-zookeeper-client": "1", "sofa-mesh-sdk": "${range}" } }`,
  ],
])('a registry in ZooKeeper needs its package besides: %s', async (before, expected) => {
  expect(await after(before, registry)).toBe(expected);
});

test('a package.json without dependencies is told what to add', async () => {
  const { needsPerson } = await new TestApp({ 'package.json': '{ "name": "a" }', 'a.js': registry }).json();
  expect(needsPerson.map(({ file, message }) => [file, message])).toEqual([
    ['package.json', `it has no "dependencies": add ${zookeeper}`],
    ['package.json', `it has no "dependencies": add "sofa-mesh-sdk": "${range}"`],
  ]);
});

test('the old package stays while something in the code still loads it', async () => {
  const before = '{ "dependencies": { "sofa-rpc-node": "2", "z": "1" } }';
  const code = `${user}require('sofa-rpc-node/lib/client');\n`;
  expect(await after(before, code)).toBe(
    `{ "dependencies": { "sofa-mesh-sdk": "${range}", "sofa-rpc-node": "2", "z": "1" } }`,
  );
});

test('in a monorepo each package.json is changed for the code below it', async () => {
  const app = new TestApp({
    'package.json': '{ "workspaces": ["packages/*"], "devDependencies": { "sofa-rpc-node": "2" } }',
    'packages/a/package.json': '{ "dependencies": { "sofa-rpc-node": "2" } }',
    'packages/a/index.js': user,
    'packages/b/package.json': '{ "dependencies": { "x": "2" } }',
    'packages/b/index.js': user,
  });
  await app.run('--write', '--offline');
  expect(app.read('package.json')).toContain(`"devDependencies": { "sofa-mesh-sdk": "${range}" }`);
  expect(app.read('packages/a/package.json')).toBe(`{ "dependencies": { "sofa-mesh-sdk": "${range}" } }`);
  expect(app.read('packages/b/package.json')).toBe('{ "dependencies": { "x": "2" } }');
});

test('what only a person can decide is told by its place', async () => {
  const app = new TestApp({
    'package.json':
      '{\n  "jest": { "moduleNameMapper": { "^sofa-rpc-node$": "x" } },\n  "overrides": { "sofa-bolt-node": "2.0.1" },\n  "keywords": ["sofa-rpc-node"],\n  "dependencies": { "sofa-rpc-node": "npm:sofa-mesh-sdk@1" }\n}\n',
    'tsconfig.json':
      '{\n  // for types\n  "compilerOptions": { "paths": { "sofa-rpc-node": ["./types/sofa-rpc-node"] } }\n}\n',
    'other/package.json': '{ "dependencies": { ',
    'a.js': user,
  });
  const { needsPerson } = await app.json();
  expect(needsPerson.map(({ file, line, topic }) => `${file}:${line} ${topic}`)).toEqual([
    'other/package.json:1 file',
    'package.json:2 dependency',
    'package.json:3 dependency',
    'package.json:5 dependency',
    'tsconfig.json:3 alias',
    'tsconfig.json:3 alias',
  ]);
  expect(needsPerson[3]?.lines?.join('\n')).toContain("module.exports = require('sofa-mesh-sdk/compat');");
});

test('without any package.json, it is told who has to bring the new package in', async () => {
  const { needsPerson } = await new TestApp({ 'a.js': user }).json();
  expect(needsPerson).toMatchObject([{ file: 'a.js', topic: 'dependency' }]);
});
