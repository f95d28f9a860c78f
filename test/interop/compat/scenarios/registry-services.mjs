import { openRegistry, published } from '../world/registries.mjs';
import { ECHO, echo } from '../world/services.mjs';

/** A server that is published. @param {import('../world/world.mjs').World} w @param {any} options @param {any} [services] */
async function publish(w, options, services = { [ECHO]: echo }) {
  const server = await w.server(options, services);
  await server.publish();
  return server;
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'registry/published-urls',
    title:
      'what a server publishes: the whole url of each service, with appName, version, group and customMeta',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      await publish(w, { registry, appName: 'the-app', responseTimeout: 1234, group: 'G', version: '2.0' }, [
        ['com.test.Plain', echo],
        [{ interfaceName: 'com.test.Versioned', version: '9.0', group: 'OTHER' }, echo],
        [
          {
            interfaceName: 'com.test.Custom',
            customMeta: {
              zone: 'a',
              number: 7,
              flag: true,
              nothing: undefined,
              version: 'not this',
              empty: '',
            },
          },
          echo,
        ],
      ]);
      const tree = await w.zkTree(address);
      return Object.entries(tree)
        .filter(([name]) => name.endsWith('/providers'))
        .sort();
    },
  },
  {
    id: 'registry/published-codec',
    title: 'the codecType and publishAddress of a server in what it publishes',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      await publish(w, { registry, codecType: 'protobuf', publishAddress: 'my.host.example' });
      return (await w.zkTree(address))[`${ECHO}/providers`];
    },
  },
  {
    id: 'registry/publish-and-withdraw',
    title: 'publish() resolves when the service is listed, unPublish() when it is not, and so close()',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const server = await w.server({ registry }, { [ECHO]: echo, 'com.test.Other': echo });
      const counts = [];
      const count = async () =>
        Object.entries(await w.zkTree(address))
          .filter(([name]) => name.endsWith('/providers'))
          .map(([name, list]) => [name, list.length]);
      counts.push(await count());
      await server.publish();
      counts.push(await count());
      await server.unPublish();
      counts.push(await count());
      await server.publish();
      counts.push(await count());
      await server.close();
      counts.push(await count());
      return counts;
    },
  },
  {
    id: 'registry/call',
    title: 'a consumer finds a server by the registry',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      await publish(w, { registry });
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      await consumer.ready();
      return {
        answer: await consumer.invoke('echo', ['found']),
        failure: await w.caught(consumer.invoke('fail', ['no'])),
      };
    },
  },
  {
    id: 'registry/server-comes-later',
    title: 'a consumer that was there before the server',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      await consumer.ready();
      const before = await w.caught(consumer.invoke('echo', ['x']));
      await publish(w, { registry });
      const answer = await w.until(() => consumer.invoke('echo', ['x']).catch(() => undefined));
      return { before, answer };
    },
  },
  {
    id: 'registry/server-leaves',
    title: 'a server that is closed gets no more calls, and fails none; without any there is no provider',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const named = (/** @type {string} */ name) => ({
        [ECHO]: {
          async echo() {
            return name;
          },
        },
      });
      const servers = [
        await publish(w, { registry }, named('one')),
        await publish(w, { registry }, named('two')),
      ];
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      await consumer.ready();
      /** @param {number} times */
      const callees = async (times) => {
        const names = new Set();
        for (let i = 0; i < times; i++) names.add(await consumer.invoke('echo', []));
        return [...names].sort();
      };
      const both = await w.until(async () => {
        const names = await callees(4);
        return names.length === 2 && names;
      });
      await servers[0].close();
      await w.sleep(100);
      const one = await callees(4);
      await servers[1].close();
      await w.sleep(100);
      return { both, one, none: await w.caught(consumer.invoke('echo', [])) };
    },
  },
  {
    id: 'registry/version-and-group',
    title: 'a consumer of another version or group finds no provider',
    needs: 'zookeeper',
    async run(w) {
      const peer = await w.peer(w.echo);
      const rows = [];
      for (const options of [
        {},
        { version: '2.0' },
        { group: 'OTHER' },
        { version: '2.0', group: 'OTHER' },
      ]) {
        // The old registry of a process looked at the first subscription of an interface alone.
        const address = await w.zk();
        const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address });
        await registry.ready();
        const admin = await w.zkAdmin(address);
        await admin.publish(ECHO, `bolt://${peer.host}?version=1.0&group=SOFA&interface=${ECHO}`);
        const client = w.client({ registry });
        const consumer = client.createConsumer({ interfaceName: ECHO, ...options });
        await consumer.ready();
        rows.push([options, await w.caught(consumer.invoke('echo', ['x']))]);
        await client.close();
        await registry.close();
      }
      return rows;
    },
  },
  {
    id: 'registry/two-consumers',
    title: 'two consumers of one interface in different clients, by one registry',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      await publish(w, { registry });
      const consumers = [w.client({ registry }), w.client({ registry })].map((client) =>
        client.createConsumer({ interfaceName: ECHO }),
      );
      const answers = [];
      for (const consumer of consumers) answers.push(await consumer.invoke('echo', ['x']));
      consumers[0].close();
      answers.push(await consumers[1].invoke('echo', ['y']));
      return answers;
    },
  },
  {
    id: 'registry/survives-a-cut',
    title: 'calls go on while the way to the registry is cut, and new servers are found after',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      registry.on('error', () => {});
      await publish(w, { registry });
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      const answers = [await consumer.invoke('echo', ['before'])];
      const connected = w.events(registry, ['connected']);
      w.zkLink(address).isRefusing = true;
      w.zkLink(address).cut();
      await w.sleep(100);
      answers.push(await consumer.invoke('echo', ['during']));
      w.zkLink(address).isRefusing = false;
      await w.until(() => connected.length > 0);
      // The old one registers everything anew then, and takes it away for a moment.
      await w.sleep(200);
      await published(w, address, 1);
      answers.push(await w.until(() => consumer.invoke('echo', ['after']).catch(() => undefined)));
      const peer = await w.peer(w.echo);
      const admin = await w.zkAdmin(address);
      await admin.publish(ECHO, `bolt://${peer.host}?version=1.0&group=SOFA`);
      await w.until(async () => {
        await consumer.invoke('echo', ['new']);
        return peer.requests.length > 0;
      });
      return answers;
    },
  },
  {
    id: 'registry/strangers-urls',
    title: 'providers that others published, as Java does: a scheme, many parameters, weight',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const peer = await w.peer(w.echo);
      const admin = await w.zkAdmin(address);
      await admin.publish(
        ECHO,
        `bolt://${peer.host}?accepts=100000&appName=java-app&weight=100&language=java&pid=1&interface=${ECHO}&timeout=0` +
          '&serialization=hessian2&protocol=bolt&delay=-1&dynamic=true&startTime=1&id=null&uniqueId=&rpcVer=50501',
      );
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      /** @type {any[]} */
      const hosts = [];
      consumer.on('response', (/** @type {any} */ { req }) => hosts.push(req.meta.address.query.appName));
      return {
        answer: await consumer.invoke('echo', ['x']),
        hosts,
        codec: peer.requests[0].options.codecType,
      };
    },
  },
];
