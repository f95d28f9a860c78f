import { describe, expect, test } from 'vitest';
import { LoadBalancer } from '../../src/compat/client/load-balancer/load-balancer.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { NotFound, People, people } from '../support/people.js';
import { type Asked, clientWorld, echo, MemoryRegistry, rejected } from './client/client-world.js';
import { oldMeshWorld } from './mesh-world.js';

/** A client of the old interface and providers that serve a contract, by their addresses. */
function contractWorld(addresses = ['a:1'], options: Parameters<typeof clientWorld>[0] = {}) {
  const world = clientWorld(options);
  const { clock, network } = world;
  const served = addresses.map((address) => {
    const calls: string[] = [];
    const server = new MeshServer({ app: 'people', mode: 'direct', clock, logger: world.log });
    server.add(
      People,
      people({
        echo: (text) => {
          calls.push(text ?? '');
          return text;
        },
      }),
    );
    network.serve(address, server);
    return calls;
  });
  return { ...world, served, serverHost: addresses.join() };
}

describe('typed', () => {
  test('calls take and give the values of the contract, the errors too', async () => {
    const { client, serverHost, passing } = contractWorld();
    const { typed } = client.createConsumer({ contract: People, serverHost });
    expect(await passing(typed.find(42n))).toMatchObject({ id: 42n, name: 'person 42', manager: { id: 1n } });
    expect(await passing(typed.add(1, 2))).toBe(3);
    const error = await rejected(passing(typed.find(404n)));
    expect(NotFound.is(error)).toBe(true);
    expect(error).toMatchObject({ id: 404n, message: 'no such person' });
    const { reply } = await passing(typed.echo.withReply('x', { timeoutMs: 500 }));
    expect(reply).toMatchObject({ value: 'x', path: 'direct' });
  });

  test('and invoke() beside them keeps the old ones, on one connection', async () => {
    const { client, serverHost, network, passing } = contractWorld();
    const consumer = client.createConsumer({ contract: People, serverHost });
    const id = { $class: 'long', $: 42 };
    expect(await passing(consumer.invoke('find', [id]))).toEqual({
      id: 42,
      name: 'person 42',
      manager: { id: 1, name: 'boss', manager: null },
    });
    expect(await rejected(passing(consumer.invoke('find', [{ ...id, $: 404 }])))).toMatchObject({
      message: expect.stringMatching(/no such person/),
      resultCode: '01',
    });
    expect(await passing(consumer.typed.find(42))).toMatchObject({ id: 42n });
    expect(network.attempts).toEqual(['a:1']);
  });

  test('calls go past middlewares and events', async () => {
    const { client, serverHost, passing } = contractWorld();
    const consumer = client.createConsumer({ contract: People, serverHost });
    const seen: string[] = [];
    consumer.use(async (_context, next) => {
      seen.push('middleware');
      await next();
    });
    consumer.on('request', () => seen.push('request'));
    await passing(consumer.typed.ping());
    expect(seen).toEqual([]);
    await passing(consumer.invoke('ping', []));
    expect(seen).toEqual(['request', 'middleware']);
  });

  test('calls fail with the errors of the core', async () => {
    const { client, passing } = contractWorld();
    const { typed } = client.createConsumer({ contract: People, serverHost: 'nobody:1' });
    expect(await rejected(passing(typed.echo('x')))).toMatchObject({
      name: 'MeshError',
      code: 'CONNECT_FAILED',
      service: People.id,
    });
    expect(await rejected(passing(typed.add('1' as never, 2)))).toMatchObject({ name: 'MeshError' });
  });

  test('calls follow the list of the registry', async () => {
    const registry = new MemoryRegistry(['bolt://a:1']);
    const { client, passing, clock, served } = contractWorld(['a:1', 'b:1'], { registry });
    const { typed } = client.createConsumer({ contract: People });
    expect(await passing(typed.echo('1'))).toBe('1');
    registry.push(['bolt://b:1']);
    await clock.advance(10);
    expect(await passing(typed.echo('2'))).toBe('2');
    expect(served).toEqual([['1'], ['2']]);
  });

  test.each([
    ['roundRobin', 2],
    ['random', 2],
    ['consistentHash', 1],
  ] as const)('calls are balanced as the others: %s', async (loadbalancerClass, used) => {
    const { client, serverHost, passing, served } = contractWorld(['a:1', 'b:1']);
    const consumer = client.createConsumer({ contract: People, serverHost, loadbalancerClass });
    await passing(consumer.ready());
    for (let i = 0; i < 12; i++) expect(await passing(consumer.typed.echo('same'))).toBe('same');
    // A method without arguments, too.
    await passing(consumer.typed.ping());
    expect(served.filter((calls) => calls.length > 0).length).toBe(used);
  });

  test("consistentHash sends a typed call where it sends the same untyped one; a class of the user's sees its arguments", async () => {
    const { client, serverHost, passing, served } = contractWorld(['a:1', 'b:1', 'c:1']);
    const consumer = client.createConsumer({
      contract: People,
      serverHost,
      loadbalancerClass: 'consistentHash',
    });
    await passing(consumer.ready());
    for (const key of ['k1', 'k2', 'k3', 'k4', 'k5']) {
      await passing(consumer.invoke('echo', [key]));
      await passing(consumer.typed.echo(key));
      const [[both]] = served.filter((calls) => calls.length > 0);
      expect(served.flat()).toEqual([both, both]);
      for (const calls of served) calls.length = 0;
    }
    const seen: unknown[] = [];
    class Watching extends LoadBalancer {
      protected override _doSelect(request: { args: readonly unknown[] }) {
        seen.push(request);
        return this.addressList[0];
      }
    }
    const watched = client.createConsumer({
      contract: People,
      serverHost,
      loadbalancerClass: Watching,
      cache: false,
    });
    await passing(watched.ready());
    await passing(watched.typed.add(1, 2));
    expect(seen).toEqual([{ args: [1, 2], serverSignature: People.id, methodName: 'add' }]);
  });
});

describe('the contract', () => {
  const Blue = defineService(
    'com.acme.Colors',
    { color: { args: [], returns: t.String } },
    { version: '2.0', uniqueId: 'blue', group: 'G' },
  );

  test('says what the consumer is', () => {
    const { client } = clientWorld({ allowMock: true, group: 'OTHER', version: '9.9' });
    const { id, group, uniqueId, interfaceName, version } = client.createConsumer({ contract: Blue });
    expect({ id, group, uniqueId, interfaceName, version }).toEqual({
      id: 'com.acme.Colors:2.0:blue',
      group: 'G',
      uniqueId: 'blue',
      interfaceName: 'com.acme.Colors',
      version: '2.0',
    });
    // It names no group: the client's stays.
    expect(client.createConsumer({ contract: People })).toMatchObject({ group: 'OTHER', version: '1.0' });
    expect(client.createConsumer({ contract: People, group: 'MINE' }).group).toBe('MINE');
  });

  test('that is missing, or of another service, is told of when typed is used', () => {
    const { client } = clientWorld({ allowMock: true });
    const plain = client.createConsumer({ interfaceName: People.interfaceName });
    expect(() => plain.typed).toThrow(
      'com.acme.PersonService:1.0: typed calls need the option contract, and none was given: createConsumer({ contract, .. })',
    );
    const other = client.createConsumer({ interfaceName: 'com.acme.Other', contract: Blue });
    expect(() => other.typed).toThrow(/the given one is of com\.acme\.Colors:2\.0:blue/);
    expect(() => other.typed).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  test('is of the consumer that it was given to: who asks for the service without gets another one', () => {
    const { client } = clientWorld({ allowMock: true });
    const plain = client.createConsumer({ interfaceName: People.interfaceName });
    const typed = client.createConsumer({ contract: People });
    expect(typed).not.toBe(plain);
    expect(client.createConsumer({ contract: People })).toBe(typed);
    expect(client.createConsumer({ interfaceName: People.interfaceName })).toBe(plain);
    expect(typed.typed).toHaveProperty('find');
  });
});

describe('methods that are marked idempotent', () => {
  /** Answers nothing before it is told to. */
  async function held(options: { contract?: typeof People } = {}) {
    const waiting: Asked[] = [];
    let isHeld = false;
    const world = await oldMeshWorld({ script: (asked) => (isHeld ? waiting.push(asked) : echo(asked)) });
    const consumer = world.client.createConsumer({
      interfaceName: People.interfaceName,
      ...options,
      cache: false,
    });
    await world.passing(consumer.invoke('echo', ['x']));
    isHeld = true;
    return {
      ...world,
      consumer,
      /** Lets the sidecar die when so many calls are with the provider. */
      async dieWith(count: number): Promise<void> {
        while (waiting.length < count) await world.clock.advance(1);
        isHeld = false;
        await world.dev.kill();
        await world.pass(1);
      },
    };
  }

  test('go directly where the sidecar died on them; others fail, and are not executed twice', async () => {
    const { consumer, dieWith, passing, asked, counts } = await held({ contract: People });
    const read = consumer.invoke('echo', ['read']);
    const write = rejected(consumer.invoke('slow', ['write']));
    await dieWith(2);
    expect(await passing(read)).toBe('read');
    expect(await passing(write)).toMatchObject({ name: 'RpcSocketCloseError', resultCode: '02' });
    expect(asked.filter(({ args }) => args[0] === 'read').length).toBe(2);
    expect(asked.filter(({ args }) => args[0] === 'write').length).toBe(1);
    expect(counts()).toMatchObject({ fallback: 1 });
  });

  test('typed calls do, too', async () => {
    const { client, passing, asked, dieWith } = await held({ contract: People });
    const consumer = client.createConsumer({ contract: People });
    const read = consumer.typed.echo.withReply('read');
    const write = rejected(consumer.typed.slow('write', { timeoutMs: 3_000 }));
    await dieWith(2);
    expect((await passing(read)).reply).toMatchObject({ value: 'read', path: 'fallback' });
    expect(await passing(write)).toMatchObject({ code: 'CONNECTION_LOST', sent: true });
    expect(asked.length).toBe(4);
  });

  test('without a contract, none is', async () => {
    const { consumer, dieWith, passing, asked } = await held();
    const read = rejected(consumer.invoke('echo', ['read']));
    await dieWith(1);
    expect((await passing(read)).name).toBe('RpcSocketCloseError');
    expect(asked.filter(({ args }) => args[0] === 'read').length).toBe(1);
  });

  test('of overloads, all have to be', async () => {
    const overloaded = defineService(People.interfaceName, {
      byId: { name: 'echo', args: [t.long], returns: t.String, idempotent: true },
      byName: { name: 'echo', args: [t.String], returns: t.String },
    });
    const { consumer, dieWith, passing } = await held({ contract: overloaded as never });
    const read = rejected(consumer.invoke('echo', ['read']));
    await dieWith(1);
    expect((await passing(read)).name).toBe('RpcSocketCloseError');
  });
});
