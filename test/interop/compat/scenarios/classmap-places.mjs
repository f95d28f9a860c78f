// @ts-nocheck The libraries that are compared have no types.
// Where class maps come from: the connection, the server, the service, the protocol; and which one counts.
import { answered, INTERFACE, SERVICE, sent } from './sending.mjs';
import { call, partsOf, rawCaller, rawProvider } from './wire.mjs';

const string = { type: 'java.lang.String' };

/** A map of one class `Item` of a package of its own, and an item that has more than the map. */
function itemOf(name, fields = { id: { type: 'long' }, name: string }) {
  const type = `com.test.places.${name}.Item`;
  return { type, classMap: { [type]: fields }, item: { $class: type, $: { extra: 1, name: 'n', id: 5 } } };
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  ...['3.0', '4.0'].map((hessianVersion) => ({
    id: hessianVersion === '3.0' ? 'classmap/server' : 'classmap/server-v4',
    title: `answers of a server with a class map, by the return types of the methods (hessian ${hessianVersion})`,
    run(w) {
      const p = (name) => `com.test.places.server.${name}`;
      const classMap = {
        [p('Order')]: {
          id: { type: 'long' },
          lines: { type: 'java.util.List', generic: [{ type: p('Line') }] },
          state: { type: p('State'), isEnum: true },
          note: string,
        },
        [p('Line')]: { sku: string, count: { type: 'int' } },
      };
      const order = { note: 'x', extra: 1, lines: [{ count: 2, sku: 's' }, null], id: 1, state: 'OPEN' };
      return answered(
        w,
        [
          ['object', order, p('Order')],
          ['empty object', {}, p('Order')],
          ['null', null, p('Order')],
          ['list', [order], { returnType: 'java.util.List', generic: [{ type: p('Order') }] }],
          ['set', () => new Set(['a']), { returnType: 'java.util.Set', generic: [string] }],
          ['wrapped by the method', { $class: p('Line'), $: { sku: 's' } }, p('Order')],
          ['wrapped, no type', { $class: p('Line'), $: { sku: 't', count: 1 } }],
          ['plain, no type', { sku: 'u', count: 1 }],
          ['unknown type', { b: 1, a: 2 }, p('Unknown')],
          ['scalar', 5, 'java.lang.Long'],
        ],
        { hessianVersion, options: { classMap } },
      );
    },
  })),
  {
    id: 'classmap/service',
    title: 'a service with class maps in its apiMeta uses those, not the map of the server',
    async run(w) {
      const { type, classMap, item } = itemOf('service');
      const other = itemOf('service.other', { name: string });
      const rows = [
        ['typed', item.$, type],
        ['wrapped', item],
        ['in the map of the server alone', other.item],
      ];
      return answered(w, rows, { options: { classMap: other.classMap }, classMaps: classMap });
    },
  },
  {
    id: 'classmap/services-of-one-server',
    title: 'services of one server have class maps of their own, and one without has that of the server',
    async run(w) {
      const one = itemOf('several.one');
      const two = itemOf('several.two', { name: string });
      const three = itemOf('several.three', { extra: { type: 'int' } });
      const service = ({ type, item }) => ({
        info: { methods: [{ name: 'get', returnType: type }] },
        delegate: { get: async () => item.$ },
      });
      const server = await w.server({ classMap: three.classMap }, [
        [
          { interfaceName: 'com.test.One', apiMeta: { ...service(one).info, classMaps: one.classMap } },
          service(one).delegate,
        ],
        [
          { interfaceName: 'com.test.Two', apiMeta: { ...service(two).info, classMaps: two.classMap } },
          service(two).delegate,
        ],
        [{ interfaceName: 'com.test.Three', apiMeta: service(three).info }, service(three).delegate],
      ]);
      const caller = await rawCaller(w, server);
      const contents = [];
      for (const name of ['One', 'Two', 'Three']) {
        const { content } = await caller.ask({
          content: call({ service: `com.test.${name}:1.0`, method: 'get' }),
        });
        contents.push(content.slice(content.indexOf('464e')));
      }
      return contents;
    },
  },
  {
    id: 'classmap/protocol-options',
    title: 'setOptions({ classMap }) of the protocol is for all clients and servers that say nothing else',
    async run(w) {
      const { type, classMap, item } = itemOf('global');
      w.bolt.setOptions({ classMap });
      w.after(() => w.bolt.setOptions({ classMap: undefined }));
      return {
        request: await sent(w, [['item', item]], { connectionOpts: {} }),
        response: await answered(w, [['item', item.$, type]]),
      };
    },
  },
  {
    id: 'classmap/own-before-protocol',
    title: 'the map of a connection counts, not that of the protocol',
    async run(w) {
      const global = itemOf('own.global');
      const own = itemOf('own.mine');
      w.bolt.setOptions({ classMap: global.classMap });
      w.after(() => w.bolt.setOptions({ classMap: undefined }));
      return sent(
        w,
        [
          ['own', own.item],
          ['of the protocol', global.item],
        ],
        { connectionOpts: { classMap: own.classMap } },
      );
    },
  },
  {
    id: 'classmap/two-clients',
    title: 'two clients have class maps of their own',
    async run(w) {
      const one = itemOf('clients.one');
      const two = itemOf('clients.two', { name: string });
      return {
        one: await sent(w, [['one', one.item]], { connectionOpts: { classMap: one.classMap } }),
        two: await sent(w, [['two', two.item]], { connectionOpts: { classMap: two.classMap } }),
        none: await sent(w, [['plain', itemOf('clients.none').item]], { connectionOpts: {} }),
      };
    },
  },
  {
    id: 'classmap/of-a-consumer',
    title: 'the class map of a consumer goes to the connection with each call, which writes by its own',
    async run(w) {
      const { classMap, item } = itemOf('consumer');
      const seen = [];
      class Connection extends w.lib.client.RpcConnection {
        invoke(req, options) {
          seen.push([options && Object.keys(options), options?.classMap === classMap]);
          return super.invoke(req, options);
        }
      }
      const frames = [];
      for (const connectionClass of [undefined, Connection]) {
        const provider = await rawProvider(w);
        const client = w.client({ connectionOpts: {}, ...(connectionClass && { connectionClass }) });
        const consumer = client.createConsumer({
          interfaceName: INTERFACE,
          serverHost: provider.host,
          classMap,
        });
        await consumer.invoke('m', [item]);
        frames.push(partsOf(provider.frames[0]).content.slice(-120));
      }
      return { seen, frames };
    },
  },
  {
    id: 'classmap/test-client',
    title: 'the test client of a server has its class map',
    async run(w) {
      const { type, classMap, item } = itemOf('testclient');
      const got = [];
      const server = await w.server(
        { classMap, publishAddress: '127.0.0.1' },
        { [INTERFACE]: { m: async (value) => void got.push(w.plain(value)) } },
      );
      const { data } = await w.lib.test(server).service(INTERFACE).invoke('m').send([item]);
      return { data, got, type };
    },
  },
  {
    id: 'classmap/not-for-reading',
    title: 'class maps do not change what is read: all fields are there, by any name',
    async run(w) {
      const { classMap, item } = itemOf('reading');
      const got = [];
      const server = await w.server(
        { classMap },
        { [INTERFACE]: { m: async (value) => void got.push(w.plain(value)) } },
      );
      const consumer = w
        .client({ connectionOpts: {} })
        .createConsumer({ interfaceName: INTERFACE, serverHost: w.hostOf(server) });
      await consumer.invoke('m', [item]);
      await consumer.invoke('m', [{ $class: 'com.test.places.reading.Other', $: { z: 1 } }]);
      return got;
    },
  },
  {
    id: 'classmap/round-trip',
    title: 'client and server with class maps: what is sent and answered comes back whole',
    async run(w) {
      const p = (name) => `com.test.places.round.${name}`;
      const classMap = {
        [p('Tree')]: {
          name: string,
          size: { type: 'java.lang.Long' },
          kids: { type: 'java.util.List', generic: [{ type: p('Tree') }] },
          tags: { type: 'java.util.Map', generic: [string, string] },
          kind: { type: p('Kind'), isEnum: true },
          raw: { type: 'byte', isArray: true },
          when: { type: 'java.util.Date' },
          price: { type: 'java.math.BigDecimal' },
        },
      };
      const apiMeta = { methods: [{ name: 'echo', returnType: p('Tree') }], classMaps: classMap };
      const server = await w.server({}, [
        [{ interfaceName: INTERFACE, apiMeta }, { echo: async (tree) => tree }],
      ]);
      const consumer = w
        .client({ connectionOpts: { classMap } })
        .createConsumer({ interfaceName: INTERFACE, serverHost: w.hostOf(server) });
      const tree = (name, kids = []) => ({
        name,
        size: '9007199254740993',
        kids,
        tags: { b: 'x', a: 'y' },
        kind: { name: 'OAK' },
        raw: Buffer.of(1, 2),
        when: new Date(0),
        price: { value: '1.50' },
      });
      return consumer.invoke('echo', [{ $class: p('Tree'), $: tree('root', [tree('leaf'), null]) }]);
    },
  },
  {
    id: 'classmap/same-class-often',
    title: 'a hundred requests of one class are the same bytes but for what differs',
    async run(w) {
      const { classMap, item } = itemOf('often');
      const provider = await rawProvider(w);
      const consumer = w
        .client({ connectionOpts: { classMap } })
        .createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
      for (let i = 0; i < 100; i++) await consumer.invoke('m', [{ ...item, $: { id: i % 2, name: 'n' } }]);
      const contents = provider.frames.map((frame) => partsOf(frame).content);
      return { count: contents.length, kinds: [...new Set(contents)].map((content) => content.slice(-60)) };
    },
  },
  {
    id: 'classmap/extended-later',
    title: 'a class that is added to a map later is known from then on',
    async run(w) {
      const { type, classMap, item } = itemOf('later');
      const growing = {};
      const server = await w.server({}, { [INTERFACE]: { m: async () => item } });
      server.services.get(SERVICE).classMaps = growing;
      Object.assign(growing, classMap);
      const caller = await rawCaller(w, server);
      const { content } = await caller.ask({ content: call({ service: SERVICE, method: 'm' }) });
      return { content: content.slice(-120), type };
    },
  },
];
