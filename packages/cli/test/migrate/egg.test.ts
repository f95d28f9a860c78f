import { expect, test } from 'vitest';
import manifest from '../../../../package.json' with { type: 'json' };
import { TestApp } from './app.js';

const app = () =>
  new TestApp({
    'package.json': '{ "dependencies": { "egg": "2", "egg-rpc-base": "1.3.1", "egg-sofa-rpc": "3.0.0" } }\n',
    'config/plugin.js':
      "exports.rpc = {\n  enable: true,\n  package: 'egg-rpc-base',\n};\nexports.sofaRpc = { package: 'egg-sofa-rpc' };\n",
    'config/config.default.js':
      "'use strict';\nexports.rpc = {\n  registry: { address: '10.0.0.1:2181' },\n  client: { protocol: require('sofa-bolt-node') },\n  server: { protocol: require(\"sofa-bolt-node\"), namespace: 'com.example' },\n};\n",
    'config/config.prod.js':
      "module.exports = () => {\n  const config = {};\n  config.rpc = { client: { protocol: require('dubbo-remoting') }, registry: { zookeeper: x } };\n  return config;\n};\n",
    'config/proxy.js':
      "module.exports = { services: [{ appName: 'shop', version: '2.0', api: {\n  Order: 'com.shop.OrderService',\n  Stock: { interfaceName: 'com.shop.StockService', version: '3.0', uniqueId: 'u' },\n} }] };\n",
    'app/rpc/hello_service.js': 'exports.hi = async () => 1;\n',
    'app/rpc/Named.js':
      "exports.interfaceName = 'com.other.Named';\nexports.version = '4.0';\nexports.hi = async () => 1;\n",
    'app/proxy/order.js':
      "module.exports = app => { const c = app.rpcClient.createConsumer({ interfaceName: 'com.shop.OrderService', targetAppName: 'shop', version: '2.0' }); };\n",
  });

test('the protocol of the configuration is rewritten, also by a second run and with its quotes', async () => {
  const egg = app();
  await egg.run('--write', '--offline');
  const written = egg.read('config/config.default.js');
  expect(written).toContain("protocol: require('sofa-mesh-sdk/compat/bolt') }");
  expect(written).toContain('protocol: require("sofa-mesh-sdk/compat/bolt"), ');
  expect(egg.read('package.json')).toBe(
    `{ "dependencies": { "egg": "2", "egg-rpc-base": "1.3.1", "egg-sofa-rpc": "3.0.0", "node-zookeeper-client": "${manifest.peerDependencies['node-zookeeper-client']}", "sofa-mesh-sdk": "^${manifest.version}" } }\n`,
  );
  const all = egg.all();
  expect((await egg.json('--write', '--offline')).changes).toEqual([]);
  expect(egg.all()).toEqual(all);
});

test('plugins that require the old packages themselves are told once, with the lines to write', async () => {
  const { needsPerson } = await app().json();
  expect(needsPerson.map(({ file, line, topic }) => `${file}:${line} ${topic}`)).toEqual([
    'config/config.prod.js:3 protocol',
    'config/config.prod.js:3 zookeeper',
    'config/plugin.js:3 egg-plugin',
  ]);
  expect(needsPerson[2]).toMatchObject({
    message: expect.stringContaining('egg-rpc-base and egg-sofa-rpc require the old packages themselves'),
    lines: expect.arrayContaining([
      'vendor/sofa-rpc-node/package.json: { "name": "sofa-rpc-node", "version": "2.10.0", "main": "index.js" }',
      "vendor/sofa-rpc-node/index.js: module.exports = require('sofa-mesh-sdk/compat');",
      "vendor/sofa-bolt-node/index.js: module.exports = require('sofa-mesh-sdk/compat/bolt');",
      'package.json, "overrides": { "sofa-rpc-node": "$sofa-rpc-node", "sofa-bolt-node": "$sofa-bolt-node" }',
    ]),
  });
});

test('once the lines are written, nothing is told of the plugins, and they stay', async () => {
  const egg = app();
  const { needsPerson } = await egg.json('--write', '--offline');
  const lines = needsPerson.find(({ topic }) => topic === 'egg-plugin')?.lines ?? [];
  for (const line of lines) {
    const [, path, content] = /^(\S+\/\S+): (.*)$/.exec(line) ?? [];
    if (path !== undefined) egg.write(path, content as string);
  }
  const json = JSON.parse(egg.read('package.json'));
  for (const line of lines) {
    const [, key, text] = /^package\.json, "(\w+)": (.*)$/.exec(line) ?? [];
    if (key !== undefined)
      json[key] = { ...json[key], ...JSON.parse(text?.startsWith('{') ? text : `{ ${text} }`) };
  }
  egg.write('package.json', JSON.stringify(json, null, 2));
  const before = egg.all();
  const after = await egg.json('--write', '--offline');
  expect(after.changes).toEqual([]);
  expect(after.needsPerson.map(({ topic }) => topic)).toEqual(['protocol', 'zookeeper']);
  expect(egg.all()).toEqual(before);
});

test('a dependency that is installed and requires the old package is told like a plugin of egg', async () => {
  const mine = new TestApp({
    'package.json': '{\n  "dependencies": {\n    "@corp/rpc": "1",\n    "sofa-rpc-node": "2"\n  }\n}',
    'node_modules/@corp/rpc/package.json': '{ "peerDependencies": { "sofa-rpc-node": "*" } }',
    'node_modules/@corp/rpc/index.js': "require('sofa-rpc-node')",
    'a.js': "require('sofa-rpc-node'); require('@corp/rpc')",
  });
  const { needsPerson, changes } = await mine.json();
  expect(needsPerson).toMatchObject([{ file: 'package.json', line: 3, topic: 'dependency' }]);
  expect(needsPerson[0]?.message).toContain('@corp/rpc requires the old packages itself');
  // It takes the app's own copy, which has to stay until the lines are written.
  expect(changes.map(({ from }) => from)).toEqual(["'sofa-rpc-node'", '']);
});

test("the services are those of egg's folders and files", async () => {
  const { services } = await app().json();
  expect(
    services.map(({ service, consumedAt, servedAt }) => [
      service,
      ...consumedAt.map(({ file, line }) => `< ${file}:${line}`),
      ...servedAt.map(({ file, line }) => `> ${file}:${line}`),
    ]),
  ).toEqual([
    ['com.example.helloService:1.0', '> app/rpc/hello_service.js:1'],
    ['com.other.Named:4.0', '> app/rpc/Named.js:1'],
    ['com.shop.OrderService:2.0', '< app/proxy/order.js:1', '< config/proxy.js:2'],
    ['com.shop.StockService:3.0:u', '< config/proxy.js:3'],
  ]);
});
