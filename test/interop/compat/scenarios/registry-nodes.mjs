import { config, heard, openRegistry, provider, published, untilSize } from '../world/registries.mjs';
import { ECHO } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'registry/required-options',
    title: 'a registry needs a logger and an address',
    async run(w) {
      // Told by the client that does the work, which users make themselves too (egg-rpc-base).
      const { DataClient } = w.lib.registry.ZookeeperRegistry.prototype;
      return [
        await w.caught(() => new DataClient()),
        await w.caught(() => new DataClient({ logger: w.logger })),
        await w.caught(() => new DataClient({ address: '127.0.0.1:1' })),
      ];
    },
  },
  {
    id: 'registry/ready',
    title: 'a registry is ready when it is connected; its options are readable',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address, own: 1 });
      w.after(() => registry.close());
      const before = registry.isReady;
      const ready = await registry.ready();
      return {
        before,
        ready,
        after: registry.isReady,
        options: [registry.options.address, registry.options.own, registry.options.logger === w.logger],
        dataClient: typeof registry.DataClient,
      };
    },
  },
  {
    id: 'registry/arguments',
    title: 'register, unRegister, subscribe and unSubscribe ask for what they need',
    needs: 'zookeeper',
    async run(w) {
      const { DataClient } = w.lib.registry.ZookeeperRegistry.prototype;
      const registry = new DataClient({ logger: w.logger, address: await w.zk() });
      w.after(() => registry.close());
      await registry.ready();
      const rows = [];
      for (const method of ['register', 'unRegister', 'subscribe', 'unSubscribe'])
        for (const argument of [undefined, {}, { interfaceName: ECHO }])
          if (argument?.interfaceName === undefined || /register/i.test(method))
            rows.push([method, await w.caught(() => registry[method](argument, () => {}))]);
      return rows;
    },
  },
  {
    id: 'registry/register',
    title: 'register makes /<root>/<interface>/providers/<url>, unRegister removes it; both again',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const one = { ...config, url: provider(1) };
      const two = { ...config, url: provider(2, '&weight=50&a=b%20c') };
      const trees = [await registry.register(one)];
      await published(w, address, 1);
      trees.push(await w.zkTree(address));
      await registry.register(two);
      await published(w, address, 2);
      await registry.register(two);
      await w.sleep(100);
      trees.push(await w.zkTree(address));
      await registry.unRegister(one);
      await registry.unRegister(one);
      trees.push(await w.zkTree(address));
      await registry.register(one);
      await published(w, address, 2);
      trees.push(await w.zkTree(address));
      return trees;
    },
  },
  {
    id: 'registry/raw-names',
    title: 'the names of provider nodes, as they are written',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const urls = [
        provider(1),
        'bolt://10.0.0.1:12200?a=1 2&b=(x)&c=é',
        "bolt://10.0.0.1:12200?q='quoted'!*~",
        'rest://10.0.0.1:80/path/more',
      ];
      for (const url of urls) await registry.register({ ...config, url });
      await published(w, address, urls.length);
      const admin = await w.zkAdmin(address);
      return (await admin.children(`/${ECHO}/providers`)).sort();
    },
  },
  {
    id: 'registry/provider-data',
    title: 'provider nodes hold no data and end with the registry; with ephemeralNode: false they stay',
    needs: 'zookeeper',
    async run(w) {
      const rows = [];
      for (const ephemeralNode of [true, false]) {
        const address = await w.zk();
        const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address, ephemeralNode });
        await registry.ready();
        await registry.register({ ...config, url: provider(1) });
        await published(w, address, 1);
        const [before, data] = [
          await w.zkTree(address),
          await (await w.zkAdmin(address)).dataOf(`/${ECHO}/providers`),
        ];
        await registry.close();
        if (ephemeralNode) await published(w, address, 0);
        else await w.sleep(100);
        rows.push([ephemeralNode, before, data, await w.zkTree(address)]);
      }
      return rows;
    },
  },
  {
    id: 'registry/roots',
    title: 'the root is what follows the host: /a, /a/, /a/b, and /sofa-rpc without any',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const [host] = address.split('/');
      const { root } = w.zkLink(address);
      const name = `com.test.Root${root.replaceAll(/\W/g, '')}`;
      const rows = [];
      for (const [given, base] of [
        [address, ''],
        [`${address}/`, ''],
        [`${address}/deeper/down`, '/deeper/down'],
        [host, '../sofa-rpc'],
      ]) {
        const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address: given });
        await registry.ready();
        const url = provider(1).replace(ECHO, name);
        await registry.register({ ...config, interfaceName: name, url });
        const admin = await w.zkAdmin(address);
        const path =
          base === '../sofa-rpc' ? `/sofa-rpc/${name}/providers` : `${root}${base}/${name}/providers`;
        await w.until(async () => (await admin.childrenOf(path)).length === 1, path);
        rows.push(given);
        await registry.unRegister({ ...config, interfaceName: name, url });
        await registry.close();
      }
      return rows.length;
    },
  },
  {
    id: 'registry/auth-info',
    title: 'authInfo {scheme, auth} is said to the server; everything works as without',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address, {
        authInfo: { scheme: 'digest', auth: 'user:password' },
      });
      await registry.register({ ...config, url: provider(1) });
      const lists = heard(registry, config);
      await untilSize(w, lists, 1);
      return w.zkTree(address).then((tree) => tree[`${ECHO}/providers`]);
    },
  },
  {
    id: 'registry/close',
    title: 'close() resolves, and the nodes of the registry are gone',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address });
      await registry.ready();
      await registry.register({ ...config, url: provider(1) });
      await published(w, address, 1);
      heard(registry, config);
      await w.until(async () => (await w.zkTree(address))[`${ECHO}/consumers`]?.length > 0);
      const closing = registry.close();
      const isPromise = closing instanceof Promise;
      await closing;
      await w.until(async () => Object.values(await w.zkTree(address)).flat().length === 0);
      return { isPromise, tree: await w.zkTree(address) };
    },
  },
  {
    id: 'registry/data-client',
    title: 'registry.DataClient with registry.options is a registry of its own, as egg-rpc-base makes one',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const own = new registry.DataClient(registry.options);
      await own.ready();
      // The old one and the registry are closed as one.
      w.after(() => own.close());
      await own.register({ ...config, url: provider(1) });
      await registry.register({ ...config, url: provider(2) });
      await published(w, address, 2);
      const lists = heard(own, config);
      await untilSize(w, lists, 2);
      return { list: lists.at(-1), tree: (await w.zkTree(address))[`${ECHO}/providers`] };
    },
  },
  {
    id: 'registry/silent-ready',
    title: 'a registry that cannot be reached says so: ready() rejects',
    // Also the old registry of every later scenario would wait for it.
    spoils: true,
    differs: 'silent-ready',
    why: 'the old ready() was silent for as long as the registry was down, and so was everything that waited for it',
    expectNew(now, before) {
      if (before.ready !== 'still waiting') throw new Error(`old: ${JSON.stringify(before)}`);
      if (now.ready?.$ !== 'Error' || !now.ready.message.includes('127.0.0.1'))
        throw new Error(`new: ${JSON.stringify(now)}`);
    },
    async run(w) {
      const port = await w.deadPort();
      const registry = new w.lib.registry.ZookeeperRegistry({
        logger: w.logger,
        address: `127.0.0.1:${port}`,
      });
      registry.on('error', () => {});
      const waiting = w.sleep(11_000).then(() => 'still waiting');
      const ready = await Promise.race([w.caught(registry.ready()), waiting]);
      registry.close();
      return { ready };
    },
  },
];
