// The old interface, as a user's TypeScript sees it. The compiler is the judge; at run time nothing is asked.
import { client, registry, server, test as testOf } from 'sofa-mesh-sdk/compat';
import bolt, * as named from 'sofa-mesh-sdk/compat/bolt';
import { describe, expectTypeOf, test } from 'vitest';
import type { RpcContext } from '../../src/compat/client/middleware.js';
import type { RpcConnection } from '../../src/compat/client/rpc-connection.js';
import type { RpcConsumer } from '../../src/compat/client/rpc-consumer.js';
import type { RpcRequest } from '../../src/compat/client/rpc-request.js';
import type { Client, TypeOf } from '../../src/contract/types.js';
import { People, type Person } from '../support/people.js';

const { RpcClient } = client;
const logger = console;
/** Checked, and never run. */
const onlyTypes = (_use: () => unknown) => undefined;

describe('a client', () => {
  test('needs a logger, takes its options by their types, and options of subclasses', () => {
    onlyTypes(() => {
      new RpcClient({ logger });
      new RpcClient({ logger, mode: 'auto', policy: { services: { '*': { mesh: 10 } } }, own: 1 });
      new RpcClient({ logger, protocol: bolt, connectionOpts: { connectTimeout: 1, handler: () => 1 } });
      // @ts-expect-error a logger has levels
      new RpcClient({ logger: {} });
      // @ts-expect-error there is no such mode
      new RpcClient({ logger, mode: 'proxy' });
      // @ts-expect-error milliseconds
      new RpcClient({ logger, responseTimeout: '3s' });
    });
  });

  test('makes consumers whose invoke() gives anything', () => {
    onlyTypes(async () => {
      const consumer = new RpcClient({ logger }).createConsumer({ interfaceName: 'a.A' });
      expectTypeOf(consumer).toEqualTypeOf<RpcConsumer>();
      expectTypeOf(await consumer.invoke('m', [1, 'x'], { responseTimeout: 1 })).toBeAny();
      // @ts-expect-error arguments are an array
      await consumer.invoke('m', 1);
      // @ts-expect-error milliseconds
      await consumer.invoke('m', [], { responseTimeout: '1' });
      consumer.use(async (context, next) => {
        expectTypeOf(context).toEqualTypeOf<RpcContext>();
        await next();
      });
    });
  });
});

describe('a consumer with a contract', () => {
  test('has its methods, typed', () => {
    onlyTypes(async () => {
      const consumer = new RpcClient({ logger }).createConsumer({ contract: People, serverHost: 'a:1' });
      expectTypeOf(consumer).toExtend<RpcConsumer>();
      const { typed } = consumer;
      expectTypeOf(typed.find).toEqualTypeOf<Client<typeof People>['find']>();
      expectTypeOf(await typed.find(42n)).toEqualTypeOf<TypeOf<typeof Person> | null>();
      expectTypeOf(await typed.add(1, 2)).toEqualTypeOf<number>();
      expectTypeOf(await consumer.invoke('find', [42])).toBeAny();
      // @ts-expect-error an id is no text
      await typed.find('42');
      // @ts-expect-error there is no such method
      await typed.remove(42n);
    });
  });

  test('takes contracts alone for one', () => {
    onlyTypes(() => {
      // @ts-expect-error that is no contract
      new RpcClient({ logger }).createConsumer({ contract: { id: 'a.A:1.0' } });
    });
  });
});

describe('subclasses', () => {
  test('override what is theirs to override', () => {
    class MyConnection extends client.RpcConnection {
      protected override _connect(): void {
        this._encoder = bolt.encoder({});
        this._decoder = named.decoder({});
        this.ready(true);
      }
    }
    class MyConsumer extends client.RpcConsumer {
      override async getConnection(req: RpcRequest): Promise<RpcConnection | null> {
        expectTypeOf(req.meta.resultCode).toExtend<string>();
        return super.getConnection(req);
      }
      override createRequest(...given: Parameters<RpcConsumer['createRequest']>): RpcRequest {
        return super.createRequest(...given);
      }
      override createContext(req: RpcRequest) {
        return { ...super.createContext(req), mine: 1 };
      }
    }
    class MyServer extends server.RpcServer {
      override get listenPorts(): number[] {
        return [1, 2];
      }
    }
    onlyTypes(() => {
      new RpcClient({ logger, consumerClass: MyConsumer, connectionClass: MyConnection });
      new MyServer({ logger }).addService('a.A', { m: async () => 1 });
    });
  });
});

describe('the rest', () => {
  test('server, registry and test helper fit together', () => {
    onlyTypes(async () => {
      const zookeeper = new registry.ZookeeperRegistry({ logger, address: '127.0.0.1:2181' });
      const rpc = new server.RpcServer({ logger, registry: zookeeper, port: 0, host: '127.0.0.1' });
      new RpcClient({ logger, registry: zookeeper });
      expectTypeOf(rpc.start()).resolves.toBeVoid();
      await testOf(rpc).service('a.A').invoke('m').send([1]).expect(2);
      // @ts-expect-error an address is needed
      new registry.ZookeeperRegistry({ logger });
    });
  });

  test('bolt is there by default and by names', () => {
    expectTypeOf(bolt.setOptions).toEqualTypeOf<typeof named.setOptions>();
    onlyTypes(() => {
      named.setOptions({ hessianVersion: '4.0' });
      named.setHessianVersion('3.0');
    });
  });
});
