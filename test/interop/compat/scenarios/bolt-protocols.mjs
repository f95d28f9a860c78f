// @ts-nocheck The libraries that are compared have no types.
// Protocols that are handed in: the real sofa-bolt-node, and class maps of applications.
import { bundledWithOld } from '../world/libraries.mjs';
import { partsOf, rawProvider } from './wire.mjs';

/** Not at import: the list of the scenarios is made without the predecessor. */
const realBolt = () => bundledWithOld('sofa-bolt-node');
const INTERFACE = 'com.test.Protocol';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'bolt/real-bolt-as-protocol',
    title: 'the real sofa-bolt-node handed in as the protocol of client and server',
    async run(w) {
      const server = await w.server(
        { protocol: realBolt() },
        { [INTERFACE]: { echo: async (value) => value } },
      );
      const consumer = w
        .client({ protocol: realBolt(), connectionOpts: {} })
        .createConsumer({ interfaceName: INTERFACE, serverHost: w.hostOf(server) });
      return [
        await consumer.invoke('echo', ['x']),
        await consumer.invoke('echo', [{ a: [1, null] }]),
        await w.caught(consumer.invoke('gone', [])),
        server.url.slice(0, 7),
        server.protocol === realBolt(),
      ];
    },
  },
  {
    id: 'bolt/real-bolt-options',
    title: 'options that the real sofa-bolt-node was given count',
    async run(w) {
      const type = 'com.test.protocol.Item';
      const classMap = { [type]: { id: { type: 'long' }, name: { type: 'java.lang.String' } } };
      w.after(() => realBolt().setOptions({ classMap: undefined, hessianVersion: '3.0' }));
      const provider = await rawProvider(w);
      const item = { $class: type, $: { name: 'n', id: 5, extra: 1 } };
      realBolt().setOptions({ classMap });
      const consumer = w
        .client({ protocol: realBolt(), connectionOpts: {} })
        .createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
      await consumer.invoke('m', [item]);
      return provider.frames.map((frame) => partsOf(frame).content.slice(-80));
    },
  },
  {
    id: 'bolt/real-bolt-of-a-connection',
    title: 'the real sofa-bolt-node in connectionOpts.protocol',
    async run(w) {
      const server = await w.server({}, { [INTERFACE]: { echo: async (value) => value } });
      const consumer = w
        .client({ connectionOpts: { protocol: realBolt() } })
        .createConsumer({ interfaceName: INTERFACE, serverHost: w.hostOf(server) });
      return consumer.invoke('echo', [[1, 'two']]);
    },
  },
  {
    id: 'bolt/own-protocol',
    title: 'the protocol object of the library itself, handed in, is the default one',
    async run(w) {
      const server = await w.server({ protocol: w.bolt }, { [INTERFACE]: { echo: async (value) => value } });
      const consumer = w
        .client({ protocol: w.bolt, connectionOpts: {} })
        .createConsumer({ interfaceName: INTERFACE, serverHost: w.hostOf(server) });
      return [await consumer.invoke('echo', ['x']), server.protocol === w.bolt];
    },
  },
  {
    id: 'bolt/unknown-protocol',
    title: 'a protocol that is none: no call comes back with a value',
    async run(w) {
      const provider = await rawProvider(w);
      const outcome = await w.caught(async () => {
        const client = w.client({ protocol: {}, connectionOpts: {} });
        client.on('error', () => {});
        const consumer = client.createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
        return consumer.invoke('m', [], { responseTimeout: 200 });
      });
      // The predecessor has connected all the same.
      await w.sleep(20);
      return { isError: outcome.$ === 'Error', frames: provider.frames.length };
    },
  },
];
