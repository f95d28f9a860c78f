import { managerWithoutNetwork } from '../world/fakes.mjs';
import { ECHO } from '../world/services.mjs';

/** A consumer of these addresses, without a network. @param {import('../world/world.mjs').World} w @param {number} count
 * @param {any} [options] */
async function setUp(w, count, options) {
  const Manager = managerWithoutNetwork(w);
  const hosts = Array.from({ length: count }, (_, index) => `10.0.0.${index + 1}:12200`);
  const registry = w.registry(hosts.map((host) => `bolt://${host}`));
  const client = w.client({ registry, connectionManagerClass: Manager });
  const consumer = client.createConsumer({ interfaceName: ECHO, ...options });
  await consumer.ready();
  return { Manager, hosts, registry, consumer };
}

/** Whom these many calls went to. @param {any} consumer @param {number} times @param {any[]} [args] */
async function hostsOf(consumer, times, args = []) {
  /** @type {string[]} */
  const hosts = [];
  for (let i = 0; i < times; i++) hosts.push(await consumer.invoke('echo', args));
  return hosts;
}

/** @param {string[]} hosts */
const countsOf = (hosts) => {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const host of hosts) counts[host] = (counts[host] ?? 0) + 1;
  return counts;
};

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'balancing/round-robin',
    title: 'round robin, the default: each address once in every turn, in the same order',
    async run(w) {
      const { consumer } = await setUp(w, 5);
      const hosts = await hostsOf(consumer, 15);
      const turns = [hosts.slice(0, 5), hosts.slice(5, 10), hosts.slice(10)];
      return {
        counts: countsOf(hosts),
        sameOrder: turns.every((turn) => String(turn) === String(turns[0])),
      };
    },
  },
  {
    id: 'balancing/round-robin-one-down',
    title: 'round robin passes over an address without a connection',
    async run(w) {
      const { consumer, Manager, hosts } = await setUp(w, 4);
      await hostsOf(consumer, 4);
      Manager.down.add(hosts[2]);
      const counts = countsOf(await hostsOf(consumer, 24));
      Manager.down.clear();
      return { used: Object.keys(counts).sort(), total: Object.values(counts).reduce((a, b) => a + b) };
    },
  },
  {
    id: 'balancing/random',
    title: 'random: every address gets some of many calls',
    async run(w) {
      const { consumer } = await setUp(w, 3, { loadbalancerClass: 'random' });
      return Object.keys(countsOf(await hostsOf(consumer, 120))).sort();
    },
  },
  {
    id: 'balancing/random-one-down',
    title: 'random leaves out an address without a connection',
    async run(w) {
      const { consumer, Manager, hosts } = await setUp(w, 3, { loadbalancerClass: 'random' });
      Manager.down.add(hosts[0]);
      return Object.keys(countsOf(await hostsOf(consumer, 100))).sort();
    },
  },
  {
    id: 'balancing/consistent-hash',
    title: 'consistentHash: the first argument decides, and on the same ring as before',
    async run(w) {
      const { consumer } = await setUp(w, 7, { loadbalancerClass: 'consistentHash' });
      const keys = [
        ...Array.from({ length: 40 }, (_, index) => `key ${index}`),
        ...Array.from({ length: 10 }, (_, index) => index * 7),
        { id: 1 },
        [1, 2],
        null,
        true,
        '',
      ];
      const chosen = [];
      for (const key of keys) chosen.push([key, ...(await hostsOf(consumer, 2, [key, 'second argument']))]);
      return { chosen, withoutArguments: await hostsOf(consumer, 2, []) };
    },
  },
  {
    id: 'balancing/consistent-hash-fewer',
    title: 'consistentHash: when an address goes, the others keep most of their keys, as before',
    async run(w) {
      const { consumer, registry, hosts } = await setUp(w, 5, { loadbalancerClass: 'consistentHash' });
      const keys = Array.from({ length: 60 }, (_, index) => index);
      const before = [];
      for (const key of keys) before.push(await consumer.invoke('echo', [key]));
      registry.push(hosts.slice(0, 4).map((host) => `bolt://${host}`));
      await w.sleep(5);
      const after = [];
      for (const key of keys) after.push(await consumer.invoke('echo', [key]));
      return { before, after };
    },
  },
  {
    id: 'balancing/one-address',
    title: 'with one address every balancer chooses it',
    async run(w) {
      const rows = [];
      for (const loadbalancerClass of ['roundRobin', 'random', 'consistentHash']) {
        const { consumer } = await setUp(w, 1, { loadbalancerClass });
        rows.push([loadbalancerClass, await hostsOf(consumer, 2, ['x'])]);
      }
      return rows;
    },
  },
  {
    id: 'balancing/no-address',
    title: 'without an address no balancer chooses',
    async run(w) {
      const rows = [];
      for (const loadbalancerClass of ['roundRobin', 'random', 'consistentHash']) {
        const { consumer } = await setUp(w, 0, { loadbalancerClass });
        rows.push([loadbalancerClass, await w.caught(consumer.invoke('echo', ['x']))]);
      }
      return rows;
    },
  },
  {
    id: 'balancing/unknown-name',
    title: 'a balancer of an unknown name: the consumer is not ready, and says so',
    async run(w) {
      const registry = w.registry([]);
      const consumer = w
        .client({ registry })
        .createConsumer({ interfaceName: ECHO, loadbalancerClass: 'nosuch', responseTimeout: 200 });
      return [await w.caught(consumer.ready()), await w.caught(consumer.invoke('echo', []))];
    },
  },
  {
    id: 'balancing/own-class',
    title: 'a class of the user: made with the address group, told each list, asked for each call',
    async run(w) {
      /** @type {unknown[]} */
      const made = [];
      /** @type {unknown[]} */
      const seen = [];
      class Last {
        /** @param {any} group */
        constructor(group) {
          this.group = group;
          made.push([group.key, group.addressList]);
        }

        /** @param {any[]} list */
        reset(list) {
          seen.push(['reset', list.map(({ host }) => host)]);
          return list;
        }

        /** @param {any} request */
        select(request) {
          seen.push(['select', request.methodName, request.args]);
          return this.group.addressList.at(-1);
        }

        adjustConnectionPoolSize() {}

        close() {
          seen.push(['close']);
        }
      }
      const { consumer, registry } = await setUp(w, 3, { loadbalancerClass: Last });
      const hosts = await hostsOf(consumer, 2, ['x']);
      registry.push(['bolt://10.0.0.9:12200']);
      await w.sleep(5);
      hosts.push(...(await hostsOf(consumer, 1)));
      consumer.close();
      return { hosts, seen, made: made[0] };
    },
  },
  {
    id: 'balancing/own-class-chooses-nobody',
    title: 'a class of the user that returns null: no provider',
    async run(w) {
      class Nobody {
        /** @param {any[]} list */
        reset(list) {
          return list;
        }

        select() {
          return null;
        }

        adjustConnectionPoolSize() {}
      }
      const { consumer } = await setUp(w, 3, { loadbalancerClass: Nobody });
      return w.caught(consumer.invoke('echo', []));
    },
  },
  {
    id: 'balancing/of-the-client',
    title: 'loadbalancerClass of a client is that of its consumers',
    async run(w) {
      const peers = [await w.peer(w.echo), await w.peer(w.echo)];
      const client = w.client({ loadbalancerClass: 'consistentHash' });
      const consumer = client.createConsumer({
        interfaceName: ECHO,
        serverHost: peers.map(({ host }) => host).join(','),
      });
      for (let i = 0; i < 6; i++) await consumer.invoke('echo', ['same']);
      return peers.map(({ requests }) => requests.length).sort();
    },
  },
  {
    id: 'balancing/up-to-fifty',
    title: 'up to 50 addresses: all are connected and used',
    async run(w) {
      const { consumer, Manager } = await setUp(w, 50);
      const connected = new Set(Manager.asked).size;
      return { connected, used: Object.keys(countsOf(await hostsOf(consumer, 100))).length };
    },
  },
  {
    id: 'balancing/more-than-fifty',
    title: 'more than 50 addresses: 6 are chosen, connected and used',
    async run(w) {
      const { consumer, Manager } = await setUp(w, 60);
      const connected = new Set(Manager.asked).size;
      return { connected, used: Object.keys(countsOf(await hostsOf(consumer, 60))).length };
    },
  },
  {
    id: 'balancing/pool-config',
    title: 'connectionPoolConfig: from when on, and how many are chosen',
    async run(w) {
      const rows = [];
      for (const [count, connectionPoolConfig] of /** @type {[number, any][]} */ ([
        [
          5,
          {
            enableThreshold: 3,
            minAddressCount: 1,
            maxAddressCount: 4,
            initConnectionSize: 2,
            elasticControl: true,
          },
        ],
        [
          3,
          {
            enableThreshold: 3,
            minAddressCount: 1,
            maxAddressCount: 4,
            initConnectionSize: 2,
            elasticControl: true,
          },
        ],
        [
          8,
          {
            enableThreshold: 3,
            minAddressCount: 1,
            maxAddressCount: 4,
            initConnectionSize: 7,
            elasticControl: true,
          },
        ],
        [
          60,
          {
            enableThreshold: 3,
            minAddressCount: 1,
            maxAddressCount: 4,
            initConnectionSize: 2,
            elasticControl: false,
          },
        ],
        [
          5,
          {
            enableThreshold: 3,
            minAddressCount: 6,
            maxAddressCount: 9,
            initConnectionSize: 2,
            elasticControl: true,
          },
        ],
      ])) {
        const { consumer, Manager } = await setUp(w, count, { connectionPoolConfig });
        const connected = new Set(Manager.asked).size;
        rows.push([count, connected, Object.keys(countsOf(await hostsOf(consumer, 2 * count))).length]);
      }
      return rows;
    },
  },
  {
    id: 'balancing/pool-config-of-all',
    title: 'DynamicConfig.instance.connectionPoolConfig is that of consumers without one of their own',
    async run(w) {
      const { DynamicConfig } = w.lib.client;
      const before = DynamicConfig.instance;
      w.after(() => {
        DynamicConfig.instance = before;
      });
      const connectionPoolConfig = {
        ...before.connectionPoolConfig,
        enableThreshold: 4,
        initConnectionSize: 5,
      };
      DynamicConfig.instance = { ...before, connectionPoolConfig };
      const { consumer, Manager } = await setUp(w, 9);
      const connected = new Set(Manager.asked).size;
      return { connected, used: Object.keys(countsOf(await hostsOf(consumer, 18))).length };
    },
  },
  {
    id: 'balancing/list-grows',
    title: 'a list that grows: the new addresses are connected and get calls',
    async run(w) {
      const { consumer, registry, hosts, Manager } = await setUp(w, 2);
      await hostsOf(consumer, 4);
      Manager.asked.length = 0;
      registry.push([...hosts, '10.0.0.8:12200', '10.0.0.9:12200'].map((host) => `bolt://${host}`));
      await w.sleep(5);
      return { asked: [...new Set(Manager.asked)].sort(), counts: countsOf(await hostsOf(consumer, 8)) };
    },
  },
  {
    id: 'balancing/spread-at-once',
    title: 'calls at once are spread as well',
    async run(w) {
      const { consumer } = await setUp(w, 4);
      return countsOf(await Promise.all(Array.from({ length: 20 }, () => consumer.invoke('echo', []))));
    },
  },
];
