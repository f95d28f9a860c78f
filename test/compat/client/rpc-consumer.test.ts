import { describe, expect, test } from 'vitest';
import { bolt } from '../../../src/compat/bolt/protocol.js';
import { coreOf } from '../../../src/compat/client/core-of.js';
import { RpcConsumer } from '../../../src/compat/client/rpc-consumer.js';
import { watched } from '../../support/network.js';
import { clientWorld, ECHO, echo, Log, MemoryRegistry, provider, rejected } from './client-world.js';

const logger = new Log();

describe('a consumer', () => {
  test.each([
    [{ logger, connectionManager: {} }, '[RpcConsumer] options.interfaceName is required'],
    [{ interfaceName: ECHO, connectionManager: {} }, '[RpcConsumer] options.logger is required'],
    [
      { interfaceName: ECHO, logger, connectionManager: {} },
      '[RpcConsumer] options.registry or options.serverHost at least set one',
    ],
    [
      { interfaceName: ECHO, logger, serverHost: 'a:1' },
      '[RpcConsumer] options.connectionManager is required',
    ],
  ])('needs its options: %#', (options, message) => {
    expect(() => new RpcConsumer(options as never)).toThrow(message);
  });

  test('has defaults', () => {
    const { client } = clientWorld();
    const { connectionManager } = client;
    const consumer = new RpcConsumer({ interfaceName: ECHO, logger, connectionManager, allowMock: true });
    expect(consumer.options).toMatchObject({
      group: 'SOFA',
      version: '1.0',
      responseTimeout: 3_000,
      loadbalancerClass: 'roundRobin',
    });
    expect(consumer).toMatchObject({
      interfaceName: ECHO,
      version: '1.0',
      group: 'SOFA',
      logger,
      registry: undefined,
      targetAppName: undefined,
      uniqueId: undefined,
    });
  });

  test.each([
    [{}, undefined],
    [{ connectTimeout: 1_000 }, undefined],
    [{ protocol: undefined }, undefined],
    [null, undefined],
    [{ connectTimeout: 1_000 }, { protocol: bolt, noDelay: true }],
  ])('calls with connection options %j that name no protocol (the client: %j)', async (own, clients) => {
    const { client, network, passing } = clientWorld({ connectionOpts: clients });
    provider(network, 'a:1', echo);
    const connectionOpts = own as Record<string, unknown>;
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', connectionOpts });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
  });

  test('made without a client calls in the frames of Bolt', async () => {
    const { client, network, passing } = clientWorld();
    const { connectionManager } = client;
    provider(network, 'a:1', echo);
    const consumer = new RpcConsumer({ interfaceName: ECHO, logger, connectionManager, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
  });

  test.each([
    [{}, 'com.acme.Echo:1.0'],
    [{ version: '2.0' }, 'com.acme.Echo:2.0'],
    [{ version: null }, 'com.acme.Echo'],
    [{ version: '' }, 'com.acme.Echo'],
    [{ uniqueId: 'blue' }, 'com.acme.Echo:1.0:blue'],
    [{ version: null, uniqueId: 'blue' }, 'com.acme.Echo:blue'],
  ])('%j is the service %s, on the wire too', async (own, id) => {
    const { client, network, passing } = clientWorld();
    const { asked } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', ...own });
    expect(consumer.id).toBe(id);
    await passing(consumer.invoke('echo', ['x']));
    const [{ service, seen }] = asked;
    expect([service, seen.header]).toEqual([id, [['service', id]]]);
  });

  test('asks the registry for what it is', async () => {
    const registry = new MemoryRegistry([]);
    const { client, passing } = clientWorld({ registry, responseTimeout: 7 });
    await passing(client.createConsumer({ interfaceName: ECHO, targetAppName: 'app' }).ready());
    await passing(client.createConsumer({ interfaceName: ECHO, uniqueId: 'blue', group: 'G' }).ready());
    const common = { protocol: 'bolt', interfaceName: ECHO, version: '1.0', timeout: 7 };
    expect(registry.subscribed).toEqual([
      { ...common, group: 'SOFA', appName: 'app' },
      { ...common, group: 'G', appName: undefined, uniqueId: 'blue' },
    ]);
    expect(Object.keys(registry.subscribed[0])).not.toContain('uniqueId');
  });
});

describe('addresses', () => {
  test('of serverHost: several, with scheme, port and query where they are given', async () => {
    const { client, network, passing } = clientWorld();
    const used = new Set<string>();
    for (const host of ['a:1', 'b:12200', 'c:3'])
      provider(network, host, (asked) => {
        used.add(host);
        echo(asked);
      });
    const serverHost = 'a:1,b,bolt://c:3?weight=1';
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost });
    await passing(consumer.ready());
    await passing(Promise.all([1, 2, 3].map((x) => consumer.invoke('echo', [x]))));
    expect([...used].sort()).toEqual(['a:1', 'b:12200', 'c:3']);
    // They are connected to before the consumer is ready.
    expect([...client.connectionManager.connections.keys()].sort()).toEqual(['a:1', 'b:12200', 'c:3']);
  });

  test('serverHost goes before the registry', async () => {
    const registry = new MemoryRegistry(['bolt://b:1']);
    const { client, network, passing } = clientWorld({ registry });
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', [1]))).toBe(1);
    expect(registry.subscribed).toEqual([]);
  });

  test('of a registry: calls wait for the first list, and go where the last one says', async () => {
    const registry = new MemoryRegistry();
    const { client, network, clock, passing } = clientWorld({ registry });
    const a = provider(network, 'a:1', echo);
    const b = provider(network, 'b:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO });
    const call = watched(consumer.invoke('echo', ['early']));
    await clock.advance(100);
    expect([call.state, consumer.isReady]).toEqual(['pending', false]);
    registry.push(['bolt://a:1?weight=100']);
    await clock.advance(10);
    expect(call).toMatchObject({ state: 'resolved', value: 'early' });
    registry.push(['bolt://b:1']);
    await clock.advance(10);
    expect(await passing(consumer.invoke('echo', ['late']))).toBe('late');
    expect([a.asked.length, b.asked.length]).toEqual([1, 1]);
    registry.push([]);
    await clock.advance(10);
    expect((await rejected(passing(consumer.invoke('echo', ['nobody'])))).name).toBe('RpcNoProviderError');
  });

  test('what is no text in a list is left out, and said', async () => {
    const registry = new MemoryRegistry([null, 7, 'bolt://a:1']);
    const { client, network, log, passing } = clientWorld({ registry });
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO });
    expect(await passing(consumer.invoke('echo', [1]))).toBe(1);
    expect(log.lines.filter(([level]) => level === 'warn').map(([, text]) => text)).toEqual([
      '[RpcConsumer] subscribe address format invalid: null',
      '[RpcConsumer] subscribe address format invalid: 7',
    ]);
  });

  test('parseUrl gives what url.parse does, with the default scheme and port', () => {
    const { client } = clientWorld();
    const consumer = client.createConsumer({ interfaceName: ECHO, allowMock: true });
    expect(consumer.parseUrl('h')).toMatchObject({ protocol: 'bolt:', host: 'h:12200', port: 12200 });
    expect(consumer.parseUrl('x://h:1?a=b')).toMatchObject({
      protocol: 'x:',
      host: 'h:1',
      hostname: 'h',
      port: '1',
      query: { a: 'b' },
      href: 'x://h:1?a=b',
    });
    expect(() => consumer.parseUrl(undefined as never)).toThrow('parseUrl(url) url should be string');
  });

  test('allowMock needs none: the consumer is ready and finds nobody', async () => {
    const { client, passing } = clientWorld({ allowMock: true });
    const consumer = client.createConsumer({ interfaceName: ECHO });
    await passing(consumer.ready());
    expect((await rejected(passing(consumer.invoke('echo', [])))).name).toBe('RpcNoProviderError');
  });

  test('one that refuses does not keep the consumer from being ready', async () => {
    const { client, network, log, errors, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1,b:1' });
    await passing(consumer.ready());
    expect(log.lines).toContainEqual([
      'info',
      '[ConnectionManager] create connection: bolt://b:1 failed, caused by connect ECONNREFUSED b:1',
    ]);
    expect(await passing(Promise.all([1, 2, 3].map((x) => consumer.invoke('echo', [x]))))).toEqual([1, 2, 3]);
    expect(errors).toEqual([]);
  });

  test('waitConnect: false is ready before anything is connected', async () => {
    const { client, network, passing, clock } = clientWorld();
    network.swallow('a:1');
    const slow = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    const quick = client.createConsumer({ interfaceName: `${ECHO}2`, serverHost: 'a:1', waitConnect: false });
    await passing(quick.ready());
    expect(clock.now()).toBeLessThan(100);
    expect(slow.isReady).toBe(false);
  });

  test('nobody is connected to again and again after the consumer was closed', async () => {
    const { client, network, clock, passing } = clientWorld();
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.ready());
    await rejected(passing(consumer.invoke('echo', [])));
    await consumer.close();
    await clock.advance(1_000);
    const attempts = network.attempts.length;
    await clock.advance(120_000);
    expect(network.attempts.length).toBe(attempts);
  });
});

describe('a registry that is down', () => {
  const down = () => {
    const registry = new MemoryRegistry();
    registry.becomesReady = Promise.reject(new Error('no registry'));
    registry.becomesReady.catch(() => undefined);
    return registry;
  };

  test('the consumer is not ready, says why, and its calls do', async () => {
    const { client, passing } = clientWorld({ registry: down() });
    const consumer = client.createConsumer({ interfaceName: ECHO });
    expect((await rejected(passing(consumer.ready()))).message).toBe('no registry');
    const failure = await rejected(passing(consumer.invoke('echo', [])));
    expect(failure.message).toBe('[RpcConsumer] Consumer ready error: no registry');
    expect(failure.cause).toMatchObject({ message: 'no registry' });
    expect(consumer.isReady).toBe(false);
  });

  test('it is told of first, even where it tells addresses all the same', async () => {
    const registry = new MemoryRegistry(['bolt://a:1']);
    registry.becomesReady = Promise.reject(new Error('no registry'));
    registry.becomesReady.catch(() => undefined);
    for (const mode of ['auto', 'direct'] as const) {
      const { client, network, passing, clock, errors } = clientWorld({ registry, mode });
      provider(network, 'a:1', echo);
      const consumer = client.createConsumer({ interfaceName: ECHO });
      expect((await rejected(passing(consumer.ready()))).message).toBe('no registry');
      await clock.advance(10);
      expect([consumer.isReady, errors]).toEqual([true, []]);
      expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    }
  });

  test('when it comes back, so does the consumer', async () => {
    const registry = down();
    const { client, network, clock, passing } = clientWorld({ registry });
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO });
    await rejected(passing(consumer.ready()));
    registry.push(['bolt://a:1']);
    await clock.advance(10);
    expect(consumer.isReady).toBe(true);
    expect(await passing(consumer.invoke('echo', [1]))).toBe(1);
  });

  test('calls wait for one that takes its time, for as long as they may take', async () => {
    const registry = new MemoryRegistry();
    registry.becomesReady = new Promise(() => undefined);
    const { client, clock, passing } = clientWorld({ registry });
    const consumer = client.createConsumer({ interfaceName: ECHO, responseTimeout: 500 });
    const calls = [
      rejected(consumer.invoke('echo', [])),
      rejected(consumer.invoke('echo', [], { responseTimeout: 200 })),
    ];
    expect((await passing(calls[1])).message).toBe(
      '[RpcConsumer] Consumer ready error: Promise timed out after 200 milliseconds',
    );
    expect(clock.now()).toBeLessThan(300);
    expect((await passing(calls[0])).message).toBe(
      '[RpcConsumer] Consumer ready error: Promise timed out after 500 milliseconds',
    );
  });
});

describe('close', () => {
  test('leaves the registry, tells it once, and ends the events of calls', async () => {
    const registry = new MemoryRegistry(['bolt://a:1']);
    const { client, network, passing } = clientWorld({ registry });
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO });
    await passing(consumer.ready());
    const told: string[] = [];
    consumer.on('close', () => told.push('close'));
    consumer.on('request', () => told.push('request'));
    await consumer.close();
    await consumer.close();
    expect(told).toEqual(['close']);
    expect(registry.unsubscribed).toEqual([consumer.registryConfig]);
    expect(registry.listeners).toEqual([]);
    expect(consumer.listenerCount('request') + consumer.listenerCount('response')).toBe(0);
  });

  test('calls on their way end as they would, later ones find nobody, other consumers of the address go on', async () => {
    const { client, network, clock, passing } = clientWorld();
    const { asked, peers } = provider(network, 'a:1', (request) => {
      if (request.method === 'echo') echo(request);
    });
    const [one, other] = [ECHO, `${ECHO}2`].map((interfaceName) =>
      client.createConsumer({ interfaceName, serverHost: 'a:1' }),
    );
    await passing(Promise.all([one.ready(), other.ready()]));
    const running = one.invoke('slow', ['x']);
    await clock.advance(1);
    await one.close();
    await clock.advance(50);
    asked[0].answer({ appResponse: 'late' });
    expect(await passing(running)).toBe('late');
    expect((await rejected(passing(one.invoke('echo', ['x'])))).name).toBe('RpcNoProviderError');
    expect(await passing(other.invoke('echo', ['x']))).toBe('x');
    expect(peers.length).toBe(1);
  });

  test('nothing is left of it in the client', async () => {
    const { client, network, clock, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const options = { interfaceName: ECHO, serverHost: 'a:1', cache: false };
    for (let i = 0; i < 3; i++) {
      const consumer = client.createConsumer(options);
      await passing(consumer.invoke('echo', ['x']));
      await consumer.close();
    }
    await clock.advance(1);
    const { services } = coreOf(client.connectionManager)!.client as unknown as {
      services: Map<string, unknown>;
    };
    expect(services.size).toBe(0);
  });

  test('before the first list has come', async () => {
    const registry = new MemoryRegistry();
    const { client, network, clock, passing } = clientWorld({ registry });
    const consumer = client.createConsumer({ interfaceName: ECHO });
    await clock.advance(1);
    const [listener] = registry.listeners;
    await consumer.close();
    expect(registry.unsubscribed.length).toBe(1);
    // A registry that still tells: nobody is connected to any more.
    listener(['bolt://a:1']);
    await clock.advance(10);
    expect(network.attempts).toEqual([]);
    await passing(client.close());
  });
});
