import { expect, test } from 'vitest';
import { TestApp } from './app.js';

const head = "const { client, server } = require('sofa-rpc-node');\n";

async function servicesOf(files: Record<string, string>, ...args: string[]) {
  return (await new TestApp({ 'package.json': '{}', ...files }).json(...args)).services;
}

test.each([
  ["c.createConsumer({ interfaceName: 'a.B' })", 'a.B:1.0'],
  ["c.createConsumer<Foo<Bar>>({ interfaceName: 'a.B', version: '2.0' })", 'a.B:2.0'],
  ['c.createConsumer({ ...common, interfaceName: `a.B`, uniqueId: "u" }, Class)', 'a.B:1.0:u'],
  ["const name = 'a.B'; c.createConsumer({ interfaceName: name })", 'a.B:1.0'],
  ["const options = { interfaceName: 'a.B' }; c.createConsumer(options)", 'a.B:1.0'],
  [
    "class A { static NAME = 'a.B'; }\nconst NAME: string = 'a.C'; c?.createConsumer({ interfaceName: NAME })",
    'a.C:1.0',
  ],
  ["new client.RpcConsumer({ interfaceName: 'a.B', version: '2.0' })", 'a.B:2.0'],
  ["c.invoke({ interfaceName: 'a.B', methodName: 'x', args: [] })", 'a.B:1.0'],
  ["s.addService('a.B', impl)", 'a.B:1.0'],
  ["s.addService({ interfaceName: 'a.B', version: '3.0', uniqueId: 'u' }, {})", 'a.B:3.0:u'],
  ['c.createConsumer({ interfaceName: config.name })', undefined],
  ['c.createConsumer(options)', undefined],
  ['s.addService(name, {})', undefined],
])('the service of %s', async (code, service) => {
  expect((await servicesOf({ 'a.ts': head + code })).map((found) => found.service)).toEqual([service]);
});

test.each([
  [
    'class C extends client.RpcClient { createConsumer(options, type) { return super.createConsumer(options, type); } }',
  ],
  ['bus.invoke(event); consumer.invoke("find", [1])'],
])('no service is seen in %s', async (code) => {
  expect(await servicesOf({ 'a.js': head + code })).toEqual([]);
});

test('a type assertion of TypeScript is no element that swallows the code behind it', async () => {
  const code = `${head}const c = <any>rpc; c.createConsumer({ interfaceName: 'a.B' });`;
  expect((await servicesOf({ 'a.ts': code })).map(({ service }) => service)).toEqual(['a.B:1.0']);
});

test('grpc-js is left alone in a file without the old package, and clients that are handed around are seen', async () => {
  const services = await servicesOf({
    'a.js': head,
    'b.js': "grpc.addService(proto.Greeter.service, {}); app.rpc.createConsumer({ interfaceName: 'a.B' });",
  });
  expect(services.map(({ service }) => service)).toEqual(['a.B:1.0']);
});

test('a name that another file exports is followed', async () => {
  const services = await servicesOf({
    'names.ts': "export const B = 'a.B';\nexport default { C: 'a.C' };\n",
    'index.js': "module.exports = { names: { D: 'a.D' } };\nexports.E = 'a.E';\n",
    'a.ts': `${head}import rest, { B as b } from './names.js';\nc.createConsumer({ interfaceName: b });`,
    'b.js': `${head}const { E } = require('.');\nc.createConsumer({ interfaceName: E });`,
  });
  expect(services.map(({ service }) => service)).toEqual(['a.B:1.0', 'a.E:1.0']);
});

const consumer = `${head}c.createConsumer({ interfaceName: 'a.B', version: '2.0' });\n`;
const contract = (methods: string, options = "{ version: '2.0' }") =>
  `import { defineService, t } from 'sofa-mesh-sdk';\nexport const B = defineService('a.B', ${methods}, ${options});\n`;

test.each([
  [
    'marked',
    contract(
      '{ get: { args: [], returns: t.int, idempotent: true }, put: { args: [], returns: t.void, idempotent: false } }',
    ),
    { isMet: true, text: 'defineService in contract.ts:2' },
    { isMet: true, text: 'may be retried: get' },
  ],
  [
    'marked in part',
    contract('{ get: { idempotent: true, args: [] }, put: { args: [] } }'),
    { isMet: true },
    { isMet: true, text: 'may be retried: get; does not say: put' },
  ],
  [
    'not marked',
    contract('{ get: { args: [] }, put: { args: [] } }'),
    { isMet: true },
    { isMet: false, text: 'no method says idempotent, true or false: get, put are not retried' },
  ],
  ['with methods elsewhere', contract('methods'), { isMet: true }, {}],
  [
    'of another version',
    contract('{ get: { idempotent: true } }', '{}'),
    { isMet: false, text: "the app's contract is for a.B:1.0" },
    { isMet: false },
  ],
  ['missing', '', { isMet: false, text: "no defineService('a.B', ..) in the app" }, { isMet: false }],
])('a contract that is %s', async (_, code, expected, idempotent) => {
  const [service] = await servicesOf({ 'a.js': consumer, 'contract.ts': code });
  expect(service).toMatchObject({ contract: expected, idempotent });
});

const ready = { 'a.js': consumer, 'contract.ts': contract('{ get: { args: [], idempotent: true } }') };

test('a service is ready with a contract, marked methods, and a registry that lists it', async () => {
  const [service] = await servicesOf(ready, '--registry', 'bolt://10.0.0.1:1,10.0.0.2:1');
  expect(service).toMatchObject({
    registry: { isMet: true, text: 'bolt://10.0.0.1:1,10.0.0.2:1: reachable, lists 2 of its providers' },
    isReady: true,
  });
});

test('a registry that does not answer is told with the reason, without the password', {
  timeout: 20_000,
}, async () => {
  const url = 'zookeeper://127.0.0.1:1/root?connectTimeoutMs=200&auth=digest:me:secret';
  const [service] = await servicesOf(ready, '--registry', url);
  expect(service?.registry).toEqual({
    isMet: false,
    text: expect.stringMatching(/^zookeeper:\/\/127\.0\.0\.1:1\/root: registry .* does not answer/),
  });
  expect(JSON.stringify(service)).not.toContain('secret');
  expect(service?.isReady).toBe(false);
});

test.each([
  ["new ZookeeperRegistry({ address: '10.0.0.1:2181' })", /^not looked at/, undefined],
  ["new ZookeeperRegistry({ address: process.env.ZK || '10.0.0.1:2181' })", /^not looked at/, undefined],
  [
    'new ZookeeperRegistry({ address: process.env.ZK })',
    /^the address of the registry in r\.js is not in the code/,
    false,
  ],
  ['', /^no registry in the code/, false],
])('the registry of the code: %s', async (code, text, isMet) => {
  const [service] = await servicesOf({
    ...ready,
    'r.js': `const { ZookeeperRegistry } = require('sofa-rpc-node').registry;\n${code}`,
  });
  expect(service?.registry).toEqual({
    ...(isMet === undefined ? {} : { isMet }),
    text: expect.stringMatching(text),
  });
  expect(service?.isReady).toBe(isMet === undefined);
});

test('a service whose addresses are in the code is told to need a registry', async () => {
  const code = `${head}c.createConsumer({ interfaceName: 'a.B', serverHost: 'h:1' });`;
  const [service] = await servicesOf({ 'a.js': code }, '--offline');
  expect(service?.registry).toMatchObject({ isMet: false, text: expect.stringContaining('serverHost') });
});
