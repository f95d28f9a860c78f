import { expect, test } from 'vitest';
import { TestApp, toldOf } from './app.js';

// Each file loads the old package in its first line, where it may: what is told is on the lines below.
const rpc = "const { client, server, registry } = require('sofa-rpc-node');\n";
const migrated = "const { client, server, registry } = require('sofa-mesh-sdk/compat');\n";

test.each([
  ['new client.GRpcClient({});', ['2:12 grpc']],
  ["process.on('uncaughtException', (error) => log(error));", ['2:12 uncaught']],
  ["process.once('uncaughtException', log); other.on('uncaughtException', log);", ['2:14 uncaught']],
  ["const graceful = require('graceful');", ['2:26 uncaught']],
  ['class S extends server.RpcServer { _handleUncaughtError() {} }', ['2:36 uncaught']],
  ['new server.RpcServer({ serverGracefulIgnoreCode: [1] });', ['2:24 uncaught']],
  ["if (error.name === 'RpcCircuitBreakerError') retry();", ['2:20 scheduler']],
  ['client.DynamicConfig.instance.circuitBreaker.x = 1;', ['2:31 scheduler']],
  ['new client.RpcClient({ faultTolerance: { enable: true } });', ['2:24 scheduler']],
  ["new client.RpcClient({ protocol: require('dubbo-remoting') });", ['2:24 protocol']],
  [
    "const protocol = require('dubbo-remoting');\nnew client.RpcClient({ logger, protocol });",
    ['3:32 protocol'],
  ],
  ["const bolt = require('sofa-bolt-node');\nnew client.RpcClient({ protocol: bolt });", []],
  ["const protocol = require('sofa-mesh-sdk/compat/bolt');\nnew client.RpcClient({ protocol });", []],
  [
    "const { protocol } = options;\nconst url = { protocol: 'http:' };\nnew client.RpcClient({ protocol });",
    [],
  ],
  ['config.rpc.client.protocol = require("dubbo-remoting");', ['2:19 protocol']],
  ["new registry.ZookeeperRegistry({ address: 'h:1', zookeeper: lib });", ['2:50 zookeeper']],
  ['const { ZookeeperRegistry: Zk } = registry;\nnew Zk({ logger, zookeeper });', ['3:18 zookeeper']],
  ['start({ zookeeper: true });', []],
  ["s.addService('a.B', { * find() {}, async get() {} });", ['2:25 generator']],
  [
    "const impl = { find: function* () {} };\ns.addService({ interfaceName: 'a.B' }, impl);",
    ['2:16 generator'],
  ],
  ["c.on('error', function* (error) {});", ['2:23 generator']],
  ["c.createConsumer({ interfaceName: 'a.B', uniqueId: 'x' });", ['2:42 unique-id']],
  [
    "c.createConsumer({ interfaceName: 'a.B', uniqueId: '' }); s.addService({ interfaceName: 'a.B', uniqueId: 'x' }, {});",
    [],
  ],
  ['class C extends client.RpcConsumer { async _invoke(ctx) {} }', ['2:44 internals']],
  [
    'const { RpcConnection: Base } = client;\nclass C extends Base { _handleClose() {} _connect() {} heartbeat() {} }',
    ['3:24 internals'],
  ],
  [
    'class S extends server.RpcServer { createContext() {} get listenPorts() { return [1]; } _handleOwn() {} }',
    [],
  ],
  ['class S extends Other { _invoke() {} }', []],
  [
    "const { client: { RpcConsumer: Base, RpcClient } } = require('sofa-rpc-node');\nclass C extends Base { _invoke() {} }",
    ['3:24 internals'],
  ],
  ['consumer._addressGroup.addressList = []; this._services = 1;', ['2:10 internals']],
  ['client._consumerCache.get(1); conn._connect();', []],
])('%s', async (code, told) => {
  const before = await toldOf('a.js', rpc + code);
  expect(before).toEqual(told);
  // A second run, when the file has been rewritten, tells the same.
  expect(await toldOf('a.js', migrated + code)).toEqual(told);
});

test('a protocol is followed through the files that pass it on', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": {} }',
    'lib/bolt.js': "const protocol = require('sofa-bolt-node');\nmodule.exports = protocol;\n",
    'lib/dubbo.js': "module.exports = require('dubbo-remoting');\n",
    'lib/own.ts': 'export const own = { name: "own", encoder() {}, decoder() {} };\n',
    'lib/all.ts':
      "import { own } from './own.js';\nimport bolt = require('./bolt');\nexport { bolt as wire, own as mine };\n",
    'a.js': `${rpc}new client.RpcClient({ protocol: require('./lib/bolt') });\n`,
    'b.js': `${rpc}new client.RpcClient({ protocol: require('./lib/dubbo') });\n`,
    'c.ts': `${rpc}import { wire, mine } from './lib/all';\na({ protocol: wire });\na({ protocol: mine });\n`,
  });
  const { needsPerson } = await app.json();
  expect(needsPerson.map(({ file, line, message }) => [file, line, message.slice(0, 32)])).toEqual([
    ['b.js', 2, "a protocol from 'dubbo-remoting'"],
    ['c.ts', 4, "a protocol from './lib/all': com"],
  ]);
});

test('a file that takes the old things from another file of the app is looked at, too', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": {} }',
    'rpc.js': "module.exports = require('sofa-rpc-node');\n",
    'a.js': "const { client } = require('./rpc');\nclient.DynamicConfig.instance.circuitBreaker.x = 1;\n",
    'b.js': 'client.DynamicConfig.instance.circuitBreaker.x = 1;\n',
  });
  const { needsPerson } = await app.json();
  expect(needsPerson.map(({ file, line, topic }) => [file, line, topic])).toEqual([['a.js', 2, 'scheduler']]);
});

test('methods of the services in app/rpc that are generators', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": { "sofa-rpc-node": "2.10.0" } }',
    'app/rpc/Greeting.js':
      'exports.a = function* () {};\nexports.b = async () => 2 * 3;\nclass A { * c() {} async d() {} }\n',
  });
  const { needsPerson } = await app.json();
  expect(needsPerson.map(({ line, column, topic }) => [line, column, topic])).toEqual([
    [1, 21, 'generator'],
    [3, 11, 'generator'],
  ]);
});

test('a folder that has nothing of the old packages is told nothing', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": { "@grpc/grpc-js": "1" } }',
    'a.js': "process.on('uncaughtException', f); server.addService(x, {}); invoke({ interfaceName: 'a' });",
  });
  const { out, exitCode } = await app.run();
  expect(out).toBe(`${app.root}: nothing there uses sofa-rpc-node or sofa-bolt-node`);
  expect(exitCode).toBe(0);
});
