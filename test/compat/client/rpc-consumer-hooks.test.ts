import { PassThrough, pipeline } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { bolt } from '../../../src/compat/bolt/protocol.js';
import type { Address } from '../../../src/compat/client/address.js';
import { AddressGroup } from '../../../src/compat/client/address-group.js';
import { LoadBalancer } from '../../../src/compat/client/load-balancer/load-balancer.js';
import type { RpcContext } from '../../../src/compat/client/middleware.js';
import { RpcConnection } from '../../../src/compat/client/rpc-connection.js';
import { RpcConnectionMgr } from '../../../src/compat/client/rpc-connection-mgr.js';
import { RpcConsumer } from '../../../src/compat/client/rpc-consumer.js';
import type { RpcInvokeOptions } from '../../../src/compat/client/rpc-consumer-options.js';
import { RpcRequest } from '../../../src/compat/client/rpc-request.js';
import { clientWorld, ECHO, echo, MemoryRegistry, provider, rejected } from './client-world.js';

describe('getConnection', () => {
  test('mocked on an instance: the call goes by what it returns', async () => {
    const { client, network, passing } = clientWorld({ allowMock: true });
    const classMap = { 'a.B': {} };
    const consumer = client.createConsumer({ interfaceName: ECHO, classMap, proto: 'proto' });
    const seen: unknown[] = [];
    consumer.getConnection = async (req) =>
      ({
        async invoke(request: RpcRequest, settings: object) {
          seen.push(request === req, request instanceof RpcRequest, settings);
          return { error: null, appResponse: `mocked ${request.methodName} ${request.args}` };
        },
      }) as never;
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('mocked echo x');
    expect(seen).toEqual([true, true, { proto: 'proto', classMap }]);
    expect(network.attempts).toEqual([]);
  });

  test('also after calls have gone the ordinary way, and back', async () => {
    const { client, network, passing } = clientWorld();
    const { asked } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    const { getConnection } = consumer;
    consumer.getConnection = async () =>
      ({ invoke: async () => ({ error: null, appResponse: 'y' }) }) as never;
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('y');
    consumer.getConnection = getConnection;
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(asked.length).toBe(2);
  });

  const coded = Object.assign(new Error('coded'), { resultCode: '07' });
  test.each<[string, () => Promise<unknown>, object]>([
    [
      'an error that it returns',
      async () => ({ invoke: async () => ({ error: new Error('returned'), appResponse: null }) }),
      { message: 'returned', resultCode: '01' },
    ],
    [
      'an error that its call throws',
      async () => ({
        invoke: async () => {
          throw new Error('thrown');
        },
      }),
      { message: 'thrown', resultCode: '01' },
    ],
    [
      'an error with a code of its own',
      async () => ({ invoke: async () => ({ error: coded, appResponse: null }) }),
      { message: 'coded', resultCode: '07' },
    ],
    [
      'an error that getConnection throws',
      async () => {
        throw new Error('no connection');
      },
      { message: 'no connection', resultCode: '01' },
    ],
    ['null', async () => null, { name: 'RpcNoProviderError', resultCode: '04' }],
    ['undefined', async () => undefined, { name: 'RpcNoProviderError', resultCode: '04' }],
  ])('mocked: %s', async (_case, getConnection, expected) => {
    const { client, passing } = clientWorld({ allowMock: true });
    const consumer = client.createConsumer({ interfaceName: ECHO });
    consumer.getConnection = getConnection as never;
    const contexts: RpcContext[] = [];
    consumer.on('response', (context) => contexts.push(context));
    const error = await rejected(passing(consumer.invoke('echo', [])));
    expect(error).toMatchObject(expected);
    expect(contexts[0].req.meta).toMatchObject({ error, resultCode: error.resultCode });
  });

  test('overridden in a subclass that calls super: calls go by the connection', async () => {
    const seen: unknown[] = [];
    class Mine extends RpcConsumer {
      override async getConnection(req: RpcRequest): Promise<RpcConnection | null> {
        const connection = await super.getConnection(req);
        seen.push(connection instanceof RpcConnection, connection?.url, req.meta.connectionGroup);
        return connection;
      }
    }
    const { client, network, passing } = clientWorld({ consumerClass: Mine });
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(seen).toEqual([true, 'bolt://a:1', 'com.acme.Echo:1.0@SOFA']);
    expect((await rejected(passing(consumer.invoke('echo', [1n])))).name).toBe('RpcRequestEncodeError');
  });

  test.each<[string, object, string, (...given: never[]) => Promise<unknown>]>([
    [
      'getConnection of RpcConsumer',
      RpcConsumer.prototype,
      'getConnection',
      async () => ({ invoke: async () => ({ error: null, appResponse: 'mocked' }) }),
    ],
    [
      'getConnection of AddressGroup',
      AddressGroup.prototype,
      'getConnection',
      async () => ({ invoke: async () => ({ error: null, appResponse: 'mocked' }) }),
    ],
    [
      'createAndGet of RpcConnectionMgr',
      RpcConnectionMgr.prototype,
      'createAndGet',
      async () => ({ invoke: async () => ({ error: null, appResponse: 'mocked' }) }),
    ],
    [
      'invoke of RpcConnection',
      RpcConnection.prototype,
      'invoke',
      async () => ({ error: null, appResponse: 'mocked' }),
    ],
  ])('%s, mocked on the prototype, takes the calls of all; restored, it does not', async (...row) => {
    const [, prototype, name, mock] = row;
    const { client, network, passing } = clientWorld();
    const { asked } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    const spy = vi.spyOn(prototype as Record<string, typeof mock>, name).mockImplementation(mock);
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('mocked');
    spy.mockRestore();
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(asked.length).toBe(2);
  });

  test('is what an application gets a connection by', async () => {
    const { client, network, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.ready());
    const req = consumer.createRequest('echo', ['by hand'], {});
    const connection = await passing(consumer.getConnection(req));
    expect(connection).toBe(client.connectionManager.get(consumer.parseUrl('a:1')));
    expect(await passing(connection!.invoke(req))).toEqual({
      error: null,
      appResponse: 'by hand',
      responseProps: null,
    });
  });
});

/** As egg-rpc-base 1.3 mocks: the encoder's output is read by the decoder, and a handler answers. */
class LoopedConnection extends RpcConnection {
  protected override _connect(): void {
    this._socket = new PassThrough();
    const options = { sentReqs: this._sentReqs, classCache: new Map(), address: this.address };
    const protocol = this.protocol as typeof bolt;
    this._encoder = protocol.encoder(options as object);
    this._decoder = protocol.decoder(options as object);
    this._decoder.on('request', async ({ packetId, data }: { packetId: number; data: RpcRequest }) => {
      const answer = { error: null, appResponse: null } as { error: Error | null; appResponse: unknown };
      try {
        answer.appResponse = await this.options.handler(...data.args);
      } catch (error) {
        answer.error = error as Error;
      }
      this._handleResponse({
        packetId,
        packetType: 'response',
        data: answer,
        meta: { size: 0, start: 0, rt: 0 },
      });
    });
    pipeline(this._encoder, this._socket, this._decoder, () => undefined);
    this.ready(true);
  }

  override heartbeat(): void {}
}

describe('connectionClass', () => {
  test('one that connects in its own way, by a mocked getConnection', async () => {
    const { client, log, passing } = clientWorld({ allowMock: true });
    const consumer = client.createConsumer({ interfaceName: ECHO });
    consumer.getConnection = async () =>
      new LoopedConnection({
        logger: log,
        protocol: bolt,
        address: consumer.parseUrl('mock:12200'),
        handler: async (text: string) => {
          if (text === 'bad') throw Object.assign(new Error('mocked'), { name: 'MockError' });
          return { text };
        },
      });
    const metas: RpcContext['req']['meta'][] = [];
    consumer.on('response', ({ req }) => metas.push(req.meta));
    expect(await passing(consumer.invoke('echo', ['x']))).toEqual({ text: 'x' });
    expect(await rejected(passing(consumer.invoke('echo', ['bad'])))).toMatchObject({
      name: 'MockError',
      resultCode: '01',
    });
    expect(metas[0]).toMatchObject({ id: 1, resultCode: '00', address: { host: 'mock:12200' } });
  });

  test.each(['client', 'consumer'])('of the %s: its instances make the calls', async (whose) => {
    const made: string[] = [];
    class Counting extends LoopedConnection {
      protected override _connect(): void {
        made.push(this.key);
        super._connect();
        this._connected = true;
      }
    }
    const connectionOpts = { handler: async (text: string) => `looped ${text}` };
    const { client, network, passing } = clientWorld({
      connectionOpts,
      ...(whose === 'client' ? { connectionClass: Counting } : undefined),
    });
    const consumer = client.createConsumer({
      interfaceName: ECHO,
      serverHost: 'a:1',
      ...(whose === 'consumer' ? { connectionClass: Counting } : undefined),
    });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('looped x');
    expect(made).toEqual(['RpcConnection@a:1']);
    expect(network.attempts).toEqual([]);
  });

  test('one that only has methods of its own uses the connection of the core', async () => {
    class Noting extends RpcConnection {
      override async invoke(req: RpcRequest): ReturnType<RpcConnection['invoke']> {
        req.args.push('noted');
        return super.invoke(req);
      }
    }
    const { client, network, passing } = clientWorld({ connectionClass: Noting });
    const { asked } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(asked[0].args).toEqual(['x', 'noted']);
  });
});

describe('connectionManagerClass', () => {
  test('one that gives connections of its own: calls go by them', async () => {
    class Mine extends RpcConnectionMgr {
      override async createAndGet(address: Address): Promise<RpcConnection | null> {
        return { invoke: async () => ({ error: null, appResponse: address.host }) } as never;
      }
    }
    const { client, network, passing } = clientWorld({ connectionManagerClass: Mine });
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    expect(await passing(consumer.invoke('echo', []))).toBe('a:1');
    expect(network.attempts).toEqual([]);
  });

  test('one that is no RpcConnectionMgr at all', async () => {
    const manager = {
      get: () => ({}),
      doGetConn: () => ({}),
      createAndGet: async () => ({ invoke: async () => ({ error: null, appResponse: 'own' }) }),
    };
    const { client, passing } = clientWorld();
    const consumer = new RpcConsumer({
      interfaceName: ECHO,
      logger: client.options.logger,
      serverHost: 'a:1',
      connectionManager: manager as never,
    });
    expect(await passing(consumer.invoke('echo', []))).toBe('own');
    expect(() => consumer.typed).toThrow(/typed calls need a connection manager/);
    await consumer.close();
  });
});

describe('createRequest', () => {
  test('is given the call as it was made, and what it returns is sent', async () => {
    class Mine extends RpcConsumer {
      override createRequest(method: string, args: unknown[], options: RpcInvokeOptions): RpcRequest {
        const req = super.createRequest(`${method}2`, [...args, options.extra], options);
        req.requestProps.trace = 't';
        return req;
      }
    }
    const { client, network, passing } = clientWorld();
    const { asked } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' }, Mine);
    await passing(consumer.invoke('echo', ['x'], { extra: 'e' }));
    expect(asked.map(({ method, args }) => [method, args])).toEqual([['echo2', ['x', 'e']]]);
  });

  test('may name another service', async () => {
    class Mine extends RpcConsumer {
      override createRequest(method: string, args: unknown[], options: RpcInvokeOptions): RpcRequest {
        const req = super.createRequest(method, args, options);
        req.serverSignature = 'com.acme.Other:1.0';
        return req;
      }
    }
    const { client, network, passing } = clientWorld();
    const { asked } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' }, Mine);
    await passing(consumer.invoke('echo', ['x']));
    expect([asked[0].service, asked[0].seen.header]).toEqual([
      'com.acme.Other:1.0',
      [['service', 'com.acme.Other:1.0']],
    ]);
  });
});

describe('createContext', () => {
  test('is what middlewares and events see; path and body can be others', async () => {
    class Mine extends RpcConsumer {
      override createContext(req: RpcRequest): RpcContext {
        return Object.assign(super.createContext(req), { mine: req.methodName });
      }
    }
    const { client, network, passing } = clientWorld();
    provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' }, Mine);
    const seen: unknown[] = [];
    consumer.use(async (context, next) => {
      await next();
      seen.push(context.mine);
    });
    consumer.on('response', (context) => seen.push(context.mine));
    await passing(consumer.invoke('echo', ['x']));
    expect(seen).toEqual(['echo', 'echo']);
  });
});

describe('parseUrl', () => {
  test('overridden: reads addresses of a form of its own, which need not have a query', async () => {
    class Mine extends RpcConsumer {
      override parseUrl(text: string): Address {
        const [hostname, port] = text.split('#');
        return { protocol: 'bolt:', hostname, port, host: `${hostname}:${port}`, href: text } as Address;
      }
    }
    const registry = new MemoryRegistry(['a#1']);
    const { client, network, passing } = clientWorld({ registry });
    provider(network, 'a:1', () => undefined);
    const consumer = client.createConsumer({ interfaceName: ECHO }, Mine);
    const error = await rejected(passing(consumer.invoke('echo', ['x'], { responseTimeout: 30 })));
    expect(error.message).toMatch(/address:a#1$/);
  });
});

describe('createAddressGroup', () => {
  test('is given the key, and may add options', async () => {
    const keys: string[] = [];
    class Mine extends RpcConsumer {
      override createAddressGroup(key: string): AddressGroup {
        keys.push(key);
        return super.createAddressGroup(key, { loadbalancerClass: 'random', waitConnect: false });
      }
    }
    const { client, passing } = clientWorld();
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', group: 'G' }, Mine);
    await passing(consumer.ready());
    expect(keys).toEqual(['com.acme.Echo:1.0@G']);
  });

  test('may make a group of its own, whose choice is followed', async () => {
    class Last extends AddressGroup {
      override select(): Address | null {
        return this.addressList?.find(({ host }) => host === 'b:1') ?? null;
      }
    }
    class Mine extends RpcConsumer {
      override createAddressGroup(key: string): AddressGroup {
        const { logger, connectionManager } = this.options;
        return new Last({ key, logger, connectionManager });
      }
    }
    const { client, network, passing } = clientWorld();
    const a = provider(network, 'a:1', echo);
    const b = provider(network, 'b:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1,b:1' }, Mine);
    for (let i = 0; i < 4; i++) await passing(consumer.invoke('echo', ['x']));
    expect([a.asked.length, b.asked.length]).toEqual([0, 4]);
  });

  test('whose group gives connections of its own: calls go by them', async () => {
    class Mine extends RpcConsumer {
      override createAddressGroup(key: string): AddressGroup {
        const group = super.createAddressGroup(key);
        group.getConnection = async (req) => ({
          invoke: async () => ({ error: null, appResponse: `by ${req.args[0]}` }),
        });
        return group;
      }
    }
    const { client, passing } = clientWorld({ allowMock: true });
    const consumer = client.createConsumer({ interfaceName: ECHO }, Mine);
    expect(await passing(consumer.invoke('echo', ['hand']))).toBe('by hand');
  });
});

describe('loadbalancerClass', () => {
  test('a class chooses the address of each call, by the request', async () => {
    class ByFirst extends LoadBalancer {
      protected override _doSelect(request: RpcRequest, addressList: readonly Address[]): Address | null {
        return addressList.find(({ host }) => host === request.args[0]) ?? null;
      }
    }
    const { client, network, passing } = clientWorld({ loadbalancerClass: ByFirst });
    const hosts = ['a:1', 'b:1', 'c:1'];
    for (const host of hosts) provider(network, host, ({ answer }) => answer({ appResponse: host }));
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: hosts.join() });
    await passing(consumer.ready());
    for (const host of ['c:1', 'a:1', 'a:1', 'b:1'])
      expect(await passing(consumer.invoke('where', [host]))).toBe(host);
    // It chooses nobody.
    expect((await rejected(passing(consumer.invoke('where', ['d:1'])))).name).toBe('RpcNoProviderError');
  });

  test.each([
    ['roundRobin', [3, 3, 3]],
    ['consistentHash', [0, 0, 9]],
  ])('%s spreads nine equal calls over three providers', async (loadbalancerClass, counts) => {
    const { client, network, passing } = clientWorld();
    const hosts = ['a:1', 'b:1', 'c:1'];
    const served = hosts.map((host) => provider(network, host, echo));
    const options = {
      interfaceName: ECHO,
      serverHost: hosts.join(),
      loadbalancerClass: loadbalancerClass as never,
    };
    const consumer = client.createConsumer(options);
    await passing(consumer.ready());
    for (let i = 0; i < 9; i++) await passing(consumer.invoke('echo', ['x']));
    expect(served.map(({ asked }) => asked.length).sort()).toEqual(counts);
  });

  test('an address that is down is passed over, and used again when it is back', async () => {
    const { client, network, clock, passing } = clientWorld();
    const a = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1,b:1' });
    await passing(consumer.ready());
    for (let i = 0; i < 6; i++) await passing(consumer.invoke('echo', ['x']));
    expect(a.asked.length).toBe(6);
    const b = provider(network, 'b:1', echo);
    await clock.advance(5_000);
    for (let i = 0; i < 6; i++) await passing(consumer.invoke('echo', ['x']));
    expect(b.asked.length).toBe(3);
  });

  test('a name that is none makes the consumer fail to be ready', async () => {
    const { client, passing } = clientWorld();
    const consumer = client.createConsumer({
      interfaceName: ECHO,
      serverHost: 'a:1',
      loadbalancerClass: 'none' as never,
    });
    expect((await rejected(passing(consumer.ready()))).message).toBe('loadbalancerClass:none invalid');
  });
});
