import { config, heard, openRegistry, provider, published, untilSize } from '../world/registries.mjs';
import { ECHO } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'registry/subscribe',
    title: 'a subscription hears the list at once and each change of it',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const admin = await w.zkAdmin(address);
      const lists = heard(registry, config);
      await untilSize(w, lists, 0);
      await admin.publish(ECHO, provider(1));
      await untilSize(w, lists, 1);
      await admin.publish(ECHO, provider(2));
      await untilSize(w, lists, 2);
      await admin.unpublish(ECHO, provider(1));
      await untilSize(w, lists, 1);
      await admin.unpublish(ECHO, provider(2));
      await untilSize(w, lists, 0);
      return lists;
    },
  },
  {
    id: 'registry/own-registration',
    title: 'a subscription hears what the same registry registers',
    needs: 'zookeeper',
    async run(w) {
      const registry = await openRegistry(w, await w.zk());
      const lists = heard(registry, config);
      await untilSize(w, lists, 0);
      await registry.register({ ...config, url: provider(1) });
      await untilSize(w, lists, 1);
      await registry.unRegister({ ...config, url: provider(1) });
      await untilSize(w, lists, 0);
      return lists;
    },
  },
  {
    id: 'registry/several-listeners',
    title:
      'each listener hears each list; one that comes later hears the last one at once; unSubscribe ends one, or all',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const admin = await w.zkAdmin(address);
      await admin.publish(ECHO, provider(1));
      /** @type {Record<string, number[]>} */
      const sizes = { a: [], b: [], c: [] };
      const listener = Object.fromEntries(
        Object.keys(sizes).map((name) => [
          name,
          (/** @type {string[]} */ list) => sizes[name].push(list.length),
        ]),
      );
      registry.subscribe(config, listener.a);
      await w.until(() => sizes.a.length === 1);
      registry.subscribe(config, listener.b);
      registry.subscribe(config, listener.c);
      await w.until(() => sizes.b.length === 1 && sizes.c.length === 1);
      await admin.publish(ECHO, provider(2));
      await w.until(() => sizes.a.length === 2 && sizes.b.length === 2 && sizes.c.length === 2);
      registry.unSubscribe(config, listener.a);
      await admin.publish(ECHO, provider(3));
      await w.until(() => sizes.b.length === 3 && sizes.c.length === 3);
      registry.unSubscribe(config);
      await admin.publish(ECHO, provider(4));
      await w.sleep(100);
      return sizes;
    },
  },
  {
    id: 'registry/matching',
    title: 'which urls a consumer is given: interface, category, enabled, group and version of the url',
    needs: 'zookeeper',
    async run(w) {
      const urls = [
        'bolt://10.0.0.1:1?interface=com.test.Echo',
        'bolt://10.0.0.2:1?interface=com.test.Other',
        'bolt://10.0.0.3:1/com.test.Echo',
        'bolt://10.0.0.4:1/com.test.Other',
        'bolt://10.0.0.5:1',
        'bolt://10.0.0.6:1?category=providers',
        'bolt://10.0.0.7:1?category=consumers',
        'bolt://10.0.0.8:1?enabled=true',
        'bolt://10.0.0.9:1?enabled=false',
        'bolt://10.0.0.10:1?version=1.0&group=SOFA',
        'bolt://10.0.0.11:1?version=2.0&group=SOFA',
        'bolt://10.0.0.12:1?version=1.0&group=OTHER',
        'bolt://10.0.0.13:1?default.version=1.0&default.group=SOFA',
        'bolt://10.0.0.14:1?default.version=2.0',
        'bolt://10.0.0.15:1?default.group=OTHER',
        'bolt://10.0.0.16:1?version=1.0&default.version=2.0',
        'bolt://10.0.0.17:1?uniqueId=blue&version=1.0',
        'rest://10.0.0.18:1?version=1.0',
        'bolt://10.0.0.19:1?version=&group=',
      ];
      const configs = [
        config,
        { interfaceName: ECHO },
        { interfaceName: ECHO, version: '2.0' },
        { interfaceName: ECHO, group: 'OTHER' },
        { interfaceName: ECHO, version: '1.0', group: 'SOFA', protocol: 'rest', uniqueId: 'green' },
      ];
      const rows = [];
      for (const wanted of configs) {
        const address = await w.zk();
        const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address });
        await registry.ready();
        const admin = await w.zkAdmin(address);
        for (const url of urls) await admin.publish(ECHO, url);
        const lists = heard(registry, wanted);
        const list = await w.until(() => lists.at(-1));
        rows.push(
          list
            .map((url) => /** @type {any} */ (/10\.0\.0\.(\d+)/.exec(url))[1])
            .sort((a, b) => a - b)
            .join(' '),
        );
        await registry.close();
      }
      return rows;
    },
  },
  {
    id: 'registry/lists-as-written',
    title: 'a listener is given the decoded urls, as they were published',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const admin = await w.zkAdmin(address);
      const urls = [
        provider(1),
        provider(2, '&a=b%20c&x=%E4%BD%A0'),
        'bolt://10.0.0.3:12200?text=你好&q=a+b',
      ];
      for (const url of urls) await admin.publish(ECHO, url);
      const lists = heard(registry, config);
      await untilSize(w, lists, 3);
      return lists;
    },
  },
  {
    id: 'registry/consumer-node',
    title: 'a subscription leaves a node of the consumer',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const lists = heard(registry, { ...config, appName: 'the app', timeout: 3000, protocol: 'bolt' });
      heard(registry, { ...config, appName: 'again', timeout: 1 });
      await untilSize(w, lists, 0);
      return w.until(async () => {
        const tree = await w.zkTree(address);
        return tree[`${ECHO}/consumers`]?.length > 0 && tree;
      });
    },
  },
  {
    id: 'registry/consumer-node-defaults',
    title: 'the same of a subscription that says little',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const lists = heard(registry, { interfaceName: ECHO });
      await untilSize(w, lists, 0);
      return w.until(async () => {
        const tree = await w.zkTree(address);
        return tree[`${ECHO}/consumers`]?.length > 0 && tree;
      });
    },
  },
  {
    id: 'registry/cut',
    title:
      "a connection that is cut: 'disconnected', then 'connected'; nodes and subscriptions are there as before",
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = await openRegistry(w, address);
      const admin = await w.zkAdmin(address);
      await registry.register({ ...config, url: provider(1) });
      const lists = heard(registry, config);
      await untilSize(w, lists, 1);
      const events = w.events(registry, ['connected', 'disconnected', 'error']);
      w.zkLink(address).cut();
      await w.until(() => events.some(([name]) => name === 'connected'));
      const names = events.map(([name]) => name);
      await admin.publish(ECHO, provider(2));
      // What was registered is registered anew, which may take it away for a moment.
      await w.sleep(200);
      await published(w, address, 2);
      await untilSize(w, lists, 2);
      return { names, last: lists.at(-1), providers: (await w.zkTree(address))[`${ECHO}/providers`] };
    },
  },
];
