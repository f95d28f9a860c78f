import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { bolt } from '../../../src/compat/bolt/protocol.js';
import { client as exported } from '../../../src/compat/client/index.js';
import { RpcClient } from '../../../src/compat/client/rpc-client.js';
import { RpcConnection } from '../../../src/compat/client/rpc-connection.js';
import { RpcConnectionMgr } from '../../../src/compat/client/rpc-connection-mgr.js';
import { RpcConsumer } from '../../../src/compat/client/rpc-consumer.js';
import { clientWorld, ECHO, echo, Log, provider, rejected } from './client-world.js';

const logger = new Log();

describe('a client', () => {
  test('needs a logger', () => {
    expect(() => new RpcClient({} as never)).toThrow('[RpcClient] options.logger is required');
    expect(() => new (RpcClient as never as new () => RpcClient)()).toThrow('options.logger');
  });

  test('is an emitter that is ready at once', async () => {
    const { client } = clientWorld();
    expect(client).toBeInstanceOf(EventEmitter);
    expect(client.isReady).toBe(true);
    await client.ready();
    await new Promise<void>((resolve) => client.ready(() => resolve()));
  });

  test('has defaults for all but the logger', () => {
    const { options, consumerClass, connectionManager, consumerMap } = new RpcClient({ logger });
    expect(options).toMatchObject({
      group: 'SOFA',
      version: '1.0',
      responseTimeout: 3_000,
      consumerClass: RpcConsumer,
      connectionClass: RpcConnection,
      connectionManagerClass: RpcConnectionMgr,
      connectionOpts: { protocol: bolt, noDelay: true, connectTimeout: 3_000 },
    });
    expect(consumerClass).toBe(RpcConsumer);
    expect(connectionManager).toBeInstanceOf(RpcConnectionMgr);
    expect([...consumerMap]).toEqual([]);
  });

  test('the protocol, the connection options and those of two clients are kept apart', () => {
    const protocol = { ...bolt };
    const first = new RpcClient({ logger, protocol, connectionOpts: { connectTimeout: 5 } });
    const second = new RpcClient({ logger });
    expect(first.options.connectionOpts).toEqual({ protocol, noDelay: true, connectTimeout: 5 });
    expect(second.options.connectionOpts.protocol).toBe(bolt);
  });

  test.each([
    ['an object of another kind', { protocol: { name: 'dubbo' } }],
    ['text', { protocol: 'bolt' }],
    ['another one among the connection options', { connectionOpts: { protocol: {} } }],
  ])('a protocol that is not Bolt is refused: %s', (_case, options) => {
    expect(() => new RpcClient({ logger, ...options })).toThrow(
      /protocol must be the one of sofa-mesh-sdk\/compat\/bolt, or sofa-bolt-node/,
    );
  });

  test('a mode that is none is refused', () => {
    expect(() => new RpcClient({ logger, mode: 'proxy' as never })).toThrow(/mode is proxy/);
  });

  test('the gRPC names say what to use, and are no surprise for who lists the exports', () => {
    expect(() => exported.GRpcClient).toThrow(/client\.GRpcClient is not carried over.*@grpc\/grpc-js/);
    expect(() => exported.GRpcConnection).toThrow(/client\.GRpcConnection/);
    expect(Object.keys(exported).sort()).toEqual([
      'DynamicConfig',
      'RpcClient',
      'RpcConnection',
      'RpcConnectionMgr',
      'RpcConsumer',
      'RpcRequest',
    ]);
  });
});

describe('createConsumer', () => {
  test.each([undefined, 7])('needs an interface: %s', (interfaceName) => {
    const { client } = clientWorld();
    expect(() => client.createConsumer({ interfaceName, serverHost: 'a:1' } as never)).toThrow(
      '[RpcClient] createConsumer(options) options.interfaceName is required and should be a string.',
    );
  });

  test('passes the options of the client on, and what is said there goes before them', () => {
    const { client } = clientWorld({ group: 'G', responseTimeout: 7, errorAsNull: true, own: 'x' });
    const { options } = client.createConsumer({
      interfaceName: ECHO,
      serverHost: 'a:1',
      responseTimeout: 8,
      proxyName: 'Proxy',
    });
    expect(options).toMatchObject({
      interfaceName: ECHO,
      group: 'G',
      version: '1.0',
      responseTimeout: 8,
      errorAsNull: true,
      own: 'x',
      proxyName: 'Proxy',
      connectionManager: client.connectionManager,
    });
  });

  test('gives the same consumer for the same service, group, address and application, and another one else', () => {
    const { client } = clientWorld();
    const base = { interfaceName: ECHO, serverHost: 'a:1' };
    const first = client.createConsumer(base);
    expect(client.createConsumer({ ...base, responseTimeout: 1 })).toBe(first);
    const others = [
      { version: '2.0' },
      { group: 'G' },
      { uniqueId: 'blue' },
      { serverHost: 'b:1' },
      { targetAppName: 'app' },
    ].map((own) => client.createConsumer({ ...base, ...own }));
    expect(new Set([first, ...others]).size).toBe(6);
    expect([...client.consumerMap.keys()]).toEqual([
      'com.acme.Echo:1.0@SOFA@a:1',
      'com.acme.Echo:2.0@SOFA@a:1',
      'com.acme.Echo:1.0@G@a:1',
      'com.acme.Echo:1.0:blue@SOFA@a:1',
      'com.acme.Echo:1.0@SOFA@b:1',
      'com.acme.Echo:1.0@SOFA@a:1@app',
    ]);
    expect(client._consumerCache).toBe(client.consumerMap);
  });

  test('asks an overridden formatKey', () => {
    class OneForAll extends RpcClient {
      override formatKey(): string {
        return 'one';
      }
    }
    const client = new OneForAll({ logger, allowMock: true });
    const first = client.createConsumer({ interfaceName: 'a.A' });
    expect(client.createConsumer({ interfaceName: 'a.B' })).toBe(first);
    expect(client.consumerMap.get('one')).toBe(first);
  });

  test('cache: false is a consumer of its own each time', () => {
    const { client } = clientWorld();
    const base = { interfaceName: ECHO, serverHost: 'a:1', cache: false };
    expect(client.createConsumer(base)).not.toBe(client.createConsumer(base));
    expect(client.consumerMap.size).toBe(0);
  });

  test('a consumer that was closed is made anew', async () => {
    const { client } = clientWorld();
    const base = { interfaceName: ECHO, serverHost: 'a:1' };
    const first = client.createConsumer(base);
    await first.close();
    expect(client.consumerMap.size).toBe(0);
    expect(client.createConsumer(base)).not.toBe(first);
  });

  test('takes a class: of the call, of the client, also a later one', () => {
    class Mine extends RpcConsumer {}
    class Late extends RpcConsumer {}
    class Once extends RpcConsumer {}
    const { client } = clientWorld({ consumerClass: Mine, allowMock: true });
    expect(client.createConsumer({ interfaceName: 'a.A' })).toBeInstanceOf(Mine);
    client.consumerClass = Late;
    expect(client.consumerClass).toBe(Late);
    expect(client.createConsumer({ interfaceName: 'a.B' })).toBeInstanceOf(Late);
    expect(client.createConsumer({ interfaceName: 'a.C' }, Once)).toBeInstanceOf(Once);
  });

  test('the errors, requests and responses of its consumers are told by the client', async () => {
    const { client, network, errors, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    const told: unknown[] = [];
    client.on('request', (req) => told.push(['request', req.methodName, req.meta.id]));
    client.on('response', ({ req, res }) => told.push(['response', req.methodName, res.appResponse]));
    await passing(consumer.invoke('echo', ['x']));
    expect(told).toEqual([
      ['request', 'echo', null],
      ['response', 'echo', 'x'],
    ]);
    const failure = new Error('of a consumer');
    consumer.emit('error', failure);
    expect(errors).toEqual([failure]);
  });
});

describe('use', () => {
  test('adds to consumers that are there and to later ones, one or several, in order', async () => {
    const { client, network, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const seen: string[] = [];
    const named = (name: string) => async (_context: unknown, next: () => Promise<void>) => {
      seen.push(name);
      await next();
    };
    client.use(named('a'));
    const early = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    client.use([named('b'), named('c')]);
    const late = client.createConsumer({ interfaceName: `${ECHO}2`, serverHost: 'a:1' });
    late.use(named('own'));
    await passing(early.invoke('echo', ['x']));
    expect(seen.splice(0)).toEqual(['a', 'b', 'c']);
    await passing(late.invoke('echo', ['x']));
    expect(seen.splice(0)).toEqual(['a', 'b', 'c', 'own']);
    await passing(early.invoke('echo', ['x']));
    expect(seen).toEqual(['a', 'b', 'c']);
  });
});

describe('invoke', () => {
  test('makes the consumer, waits until it is ready, and calls', async () => {
    const { client, network, passing } = clientWorld();
    const { asked } = provider(network, 'a:1', echo);
    const call = { interfaceName: ECHO, serverHost: 'a:1', methodName: 'echo', args: ['x'] };
    expect(await passing(client.invoke(call))).toBe('x');
    await passing(client.invoke({ ...call, options: { responseTimeout: 77 } }));
    expect(client.consumerMap.size).toBe(1);
    expect(asked.map(({ method, service, seen }) => [method, service, seen.timeout])).toEqual([
      ['echo', 'com.acme.Echo:1.0', 3_000],
      ['echo', 'com.acme.Echo:1.0', 77],
    ]);
  });

  test('fails as the call does', async () => {
    const { client, passing } = clientWorld();
    const call = { interfaceName: ECHO, serverHost: 'a:1', methodName: 'echo', args: [] };
    expect(await rejected(passing(client.invoke(call)))).toMatchObject({
      name: 'RpcNoProviderError',
      resultCode: '04',
    });
  });
});

describe('close', () => {
  test('closes consumers, lets running calls end, then closes the connections', async () => {
    const { client, network, clock, passing } = clientWorld();
    const { asked, peers } = provider(network, 'a:1', () => undefined);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.ready());
    const call = consumer.invoke('echo', ['x']);
    await clock.advance(1);
    const order: string[] = [];
    consumer.on('close', () => order.push('consumer'));
    void call.then(() => order.push('call'));
    const closed = client.close().then(() => order.push('client'));
    await clock.advance(100);
    expect(order).toEqual(['consumer']);
    expect(peers[0].ended).toBe(false);
    asked[0].answer({ appResponse: 'late' });
    expect(await passing(call)).toBe('late');
    await passing(closed);
    expect(order).toEqual(['consumer', 'call', 'client']);
    expect(peers[0].ended).toBe(true);
    expect([client.consumerMap.size, client.connectionManager.connections.size]).toEqual([0, 0]);
  });

  test('a call that is never answered holds it up for as long as it may take', async () => {
    const { client, network, clock, passing } = clientWorld();
    provider(network, 'a:1', () => undefined);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.ready());
    const call = rejected(consumer.invoke('echo', ['x'], { responseTimeout: 2_000 }));
    await clock.advance(1);
    const start = clock.now();
    await passing(client.close());
    expect(clock.now() - start).toBeGreaterThanOrEqual(1_990);
    expect((await call).name).toBe('RpcResponseTimeoutError');
  });

  test('afterwards calls find no provider, and nothing is connected to', async () => {
    const { client, network, clock, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.invoke('echo', ['x']));
    await passing(client.close());
    const attempts = network.attempts.length;
    expect((await rejected(passing(consumer.invoke('echo', ['x'])))).name).toBe('RpcNoProviderError');
    await clock.advance(60_000);
    expect(network.attempts.length).toBe(attempts);
    expect(clock.pendingTimers).toBe(0);
  });

  test('twice, and of a client that never called', async () => {
    const { client, passing } = clientWorld();
    await passing(Promise.all([client.close(), client.close()]));
    await passing(client.close());
  });
});
