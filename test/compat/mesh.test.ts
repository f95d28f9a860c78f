import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { RpcClient } from '../../src/compat/client/rpc-client.js';
import { RpcConnection } from '../../src/compat/client/rpc-connection.js';
import { MODE_VARIABLE } from '../../src/mesh/mode.js';
import type { Asked } from './client/client-world.js';
import { echo, Log, MemoryRegistry, provider, rejected } from './client/client-world.js';
import { oldMeshWorld, PEOPLE, PEOPLE_ID, PROVIDER } from './mesh-world.js';

const EGRESS = 'sidecar:12220';

/** For the rest of the test. */
function environment(value: string | undefined): void {
  vi.stubEnv(MODE_VARIABLE, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('with a sidecar', () => {
  test('calls go through it, and no provider is connected to', async () => {
    const { consumer, passing, ways, reached, dev, asked } = await oldMeshWorld();
    await passing(consumer.ready());
    expect(await ways(5)).toEqual({ mesh: 5, direct: 0, fallback: 0 });
    expect([dev.calls, asked.length, reached]).toEqual([5, 5, []]);
    expect(dev.requests.map(({ path }) => path)).toEqual(['/configs/application', '/services/subscribe']);
  });

  test('calls look as ever to their caller: value, events, meta; the address is where they were sent', async () => {
    const { consumer, passing } = await oldMeshWorld();
    const told: unknown[] = [];
    consumer.on('request', ({ methodName }) => told.push(methodName));
    consumer.on('response', ({ req, res }) => told.push([req.meta.resultCode, req.meta.address?.host, res]));
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(told).toEqual(['echo', ['00', EGRESS, { error: null, appResponse: 'x', responseProps: null }]]);
  });

  test('failures do, too', async () => {
    const { consumer, passing } = await oldMeshWorld({
      script: (asked) => asked.method === 'fails' && asked.answer({ isError: true, errorMsg: 'no' }),
    });
    expect(await rejected(passing(consumer.invoke('fails', [])))).toMatchObject({
      name: 'Error',
      message: 'com.alipay.remoting.rpc.exception.RpcServerException: Error: no',
      resultCode: '01',
    });
    expect(await rejected(passing(consumer.invoke('silent', [], { responseTimeout: 50 })))).toMatchObject({
      name: 'RpcResponseTimeoutError',
      message: expect.stringMatching(/^no response in \d+ms, address:bolt:\/\/sidecar:12220$/),
      resultCode: '03',
    });
    expect(await rejected(passing(consumer.invoke('encode', [1n])))).toMatchObject({
      name: 'RpcRequestEncodeError',
      resultCode: '02',
    });
  });

  test.each([
    [3, 'RpcSocketCloseError', '02'],
    [7, 'RpcResponseTimeoutError', '03'],
  ])('what it says itself by status %s is %s', async (status, name, resultCode) => {
    const { consumer, passing, dev, asked } = await oldMeshWorld();
    await passing(consumer.ready());
    dev.failing(1, status);
    const error = await rejected(passing(consumer.invoke('echo', ['x'])));
    expect(error).toMatchObject({ name, resultCode });
    expect(asked).toEqual([]);
  });

  test.each([4, 6])('what it did not pass on (status %s) goes directly', async (status) => {
    const { consumer, passing, dev, counts, asked } = await oldMeshWorld();
    await passing(consumer.ready());
    dev.failing(1, status);
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(counts()).toEqual({ mesh: 0, direct: 0, fallback: 1 });
    expect(asked.length).toBe(1);
  });

  test('what no provider anywhere is there for is RpcNoProviderError', async () => {
    const { consumer, passing, dev, registry, pass } = await oldMeshWorld();
    await passing(consumer.ready());
    registry.push([]);
    await pass(10);
    dev.failing(1);
    expect(await rejected(passing(consumer.invoke('echo', ['x'])))).toMatchObject({
      name: 'RpcNoProviderError',
      resultCode: '04',
    });
  });

  test('the service is the one with the uniqueId', async () => {
    const { client, dev, passing, counts } = await oldMeshWorld();
    dev.provide(`${PEOPLE_ID}:blue`, [PROVIDER]);
    const blue = client.createConsumer({ interfaceName: PEOPLE, uniqueId: 'blue' });
    expect(await passing(blue.invoke('echo', ['x']))).toBe('x');
    expect(counts(`${PEOPLE_ID}:blue`)).toEqual({ mesh: 1, direct: 0, fallback: 0 });
    expect(dev.subscribed).toContain(`${PEOPLE_ID}:blue`);
  });

  test('the codec that the addresses name is used there as well', async () => {
    const { consumer, registry, passing, pass } = await oldMeshWorld();
    registry.push([`bolt://${PROVIDER}?serialization=protobuf`]);
    await passing(consumer.ready());
    await pass(1);
    const codecs: unknown[] = [];
    consumer.on('response', ({ req }) => codecs.push(req.meta.codecType));
    // It has no proto: what matters is which codec complains.
    expect((await rejected(passing(consumer.invoke('echo', ['x'])))).name).toBe('RpcRequestEncodeError');
    expect(codecs).toEqual(['protobuf']);
  });

  test('a consumer whose connections are its own is left alone', async () => {
    class Own extends RpcConnection {
      override async invoke(): ReturnType<RpcConnection['invoke']> {
        return { error: null, appResponse: this.address.host };
      }
    }
    const { client, dev, passing } = await oldMeshWorld();
    const consumer = client.createConsumer({ interfaceName: `${PEOPLE}2`, connectionClass: Own });
    expect(await passing(consumer.invoke('echo', []))).toBe(PROVIDER);
    expect([dev.calls, dev.subscribed]).toEqual([0, []]);
  });
});

describe('without a sidecar', () => {
  test('calls go directly, and the first one hardly waits', async () => {
    const { consumer, passing, ways, reached, clock } = await oldMeshWorld({ hasSidecar: false });
    await passing(consumer.ready());
    expect(clock.now()).toBeLessThan(100);
    expect(await ways(5)).toEqual({ mesh: 0, direct: 5, fallback: 0 });
    expect(reached).toEqual([PROVIDER]);
  });

  test('one that comes up later gets the calls', async () => {
    const { dev, ways, pass } = await oldMeshWorld({ hasSidecar: false });
    expect(await ways(1)).toEqual({ mesh: 0, direct: 1, fallback: 0 });
    await dev.start();
    await pass(20_000);
    expect(await ways(10)).toEqual({ mesh: 10, direct: 0, fallback: 0 });
  });
});

describe('opting out and in', () => {
  test('by the option of the client: no sidecar is looked for', async () => {
    const { consumer, passing, dev, reached } = await oldMeshWorld({ client: { mode: 'direct' } });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect([dev.requests, reached]).toEqual([[], [PROVIDER]]);
  });

  test('by the option of one consumer, while others use it', async () => {
    const world = await oldMeshWorld();
    const { client, passing, dev, reached } = world;
    const alone = client.createConsumer({ interfaceName: PEOPLE, mode: 'direct', cache: false });
    expect(await passing(alone.invoke('echo', ['x']))).toBe('x');
    expect([dev.requests, reached]).toEqual([[], [PROVIDER]]);
    expect(await passing(world.consumer.invoke('echo', ['x']))).toBe('x');
    expect(await passing(alone.invoke('echo', ['x']))).toBe('x');
    expect(dev.calls).toBe(1);
  });

  test(`by ${MODE_VARIABLE}`, async () => {
    environment('direct');
    const { consumer, passing, dev, reached } = await oldMeshWorld();
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect([dev.requests, reached]).toEqual([[], [PROVIDER]]);
  });

  test(`the option goes before ${MODE_VARIABLE}`, async () => {
    environment('direct');
    const { ways } = await oldMeshWorld({ client: { mode: 'auto' } });
    expect(await ways(2)).toEqual({ mesh: 2, direct: 0, fallback: 0 });
  });

  test(`${MODE_VARIABLE} that is no mode is refused with its name`, () => {
    environment('proxy');
    expect(() => new RpcClient({ logger: new Log() })).toThrow(
      /SOFA_MESH_MODE is proxy, it must be auto, mesh, direct/,
    );
  });

  test('mode mesh never goes directly', async () => {
    const { consumer, passing, dev, reached, pass } = await oldMeshWorld({ client: { mode: 'mesh' } });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    await dev.kill();
    await pass(1);
    const error = await rejected(passing(consumer.invoke('echo', ['x'], { responseTimeout: 500 })));
    expect(error.name).toMatch(/^RpcResponseTimeoutError|RpcNoProviderError$/);
    expect(reached).not.toContain(PROVIDER);
  });
});

describe('serverHost', () => {
  test('goes past the sidecar', async () => {
    const { client, passing, dev, reached } = await oldMeshWorld();
    const consumer = client.createConsumer({ interfaceName: PEOPLE, serverHost: PROVIDER });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect([dev.requests, reached]).toEqual([[], [PROVIDER]]);
  });

  test('unless the consumer says another mode', async () => {
    const { client, passing, dev, reached, pass } = await oldMeshWorld();
    const consumer = client.createConsumer({ interfaceName: PEOPLE, serverHost: PROVIDER, mode: 'auto' });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect([dev.calls, reached]).toEqual([1, []]);
    await dev.kill();
    await pass(1);
    expect(await passing(consumer.invoke('echo', ['y']))).toBe('y');
    expect(reached.at(-1)).toBe(PROVIDER);
  });
});

describe('the policy', () => {
  const policy = (mesh: number) => ({ services: { [PEOPLE_ID]: { mesh } } });

  test.each([
    [0, { mesh: 0, direct: 100, fallback: 0 }],
    [100, { mesh: 100, direct: 0, fallback: 0 }],
  ])('a share of %s percent', async (share, expected) => {
    const { ways } = await oldMeshWorld({ client: { policy: policy(share) } });
    expect(await ways(100)).toEqual(expected);
  });

  test('a share of 50 percent, within four points of 2,000 calls', async () => {
    const { ways } = await oldMeshWorld({ client: { policy: policy(50) } });
    const { mesh, direct, fallback } = await ways(2_000);
    expect([mesh + direct, fallback]).toEqual([2_000, 0]);
    expect(Math.abs(mesh / 20 - 50)).toBeLessThan(4);
  });

  test('is by service: the id with version and uniqueId, and * for the rest', async () => {
    const services = { [PEOPLE_ID]: { mesh: 0 }, [`${PEOPLE_ID}:blue`]: { mesh: 100 }, '*': { mesh: 0 } };
    const { client, dev, passing, counts, consumer } = await oldMeshWorld({
      client: { policy: { services } },
    });
    dev.provide(`${PEOPLE_ID}:blue`, [PROVIDER]);
    const blue = client.createConsumer({ interfaceName: PEOPLE, uniqueId: 'blue' });
    const other = client.createConsumer({ interfaceName: PEOPLE, version: '2.0' });
    for (const one of [consumer, blue, other]) expect(await passing(one.invoke('echo', ['x']))).toBe('x');
    expect([counts(), counts(`${PEOPLE_ID}:blue`), counts(`${PEOPLE}:2.0`)]).toMatchObject([
      { mesh: 0, direct: 1 },
      { mesh: 1, direct: 0 },
      { mesh: 0, direct: 1 },
    ]);
  });

  test('changes by code while calls are made, and is told', async () => {
    const { client, ways } = await oldMeshWorld();
    const told: unknown[] = [];
    client.mesh.on('switch', (event) => told.push(event));
    expect((await ways(3)).mesh).toBe(3);
    client.mesh.policy.setService(PEOPLE_ID, { mesh: 0 });
    expect((await ways(3)).direct).toBe(3);
    client.mesh.policy.setService(PEOPLE_ID, { mesh: 100 });
    expect((await ways(3)).mesh).toBe(3);
    expect(told).toMatchObject([
      { service: PEOPLE_ID, from: 100, to: 0 },
      { service: PEOPLE_ID, from: 0, to: 100 },
    ]);
  });

  test('is read from a file, and again when that changes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sofa-mesh-old-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'policy.json');
    await writeFile(file, JSON.stringify(policy(0)));
    const { client, ways, clock } = await oldMeshWorld({ client: { policy: file } });
    expect((await ways(5)).direct).toBe(5);
    expect(client.mesh.policy.source).toBe(`the file ${file}`);
    await writeFile(file, JSON.stringify(policy(100)));
    await vi.waitFor(
      async () => {
        await clock.advance(250);
        expect(client.mesh.policy.ruleOf(PEOPLE_ID).mesh).toBe(100);
      },
      { timeout: 10_000, interval: 5 },
    );
    expect((await ways(5)).mesh).toBe(5);
  });

  test('that is broken is refused when the client is made', () => {
    const broken = { services: { [PEOPLE_ID]: { mesh: 101 } } };
    expect(() => new RpcClient({ logger: new Log(), policy: broken })).toThrow(/101/);
  });
});

describe('when the sidecar dies', () => {
  test('calls go directly at once, and through it again when it is back', async () => {
    const { dev, ways, pass, client } = await oldMeshWorld();
    const told: string[] = [];
    for (const name of ['degraded', 'recovered'] as const) client.mesh.on(name, () => told.push(name));
    expect((await ways(5)).mesh).toBe(5);
    await dev.kill();
    await pass(1);
    const after = await ways(20);
    expect(after.mesh).toBe(0);
    await dev.start();
    await pass(20_000);
    expect((await ways(5)).mesh).toBe(5);
    expect(told).toEqual(['degraded', 'recovered']);
  });

  test('what was sent and not answered fails as a lost connection does, once', async () => {
    const held: Asked[] = [];
    const { consumer, dev, passing, asked, clock } = await oldMeshWorld({
      script: (one) => (one.method === 'slow' ? held.push(one) : echo(one)),
    });
    await passing(consumer.invoke('echo', ['x']));
    const call = rejected(consumer.invoke('slow', ['x']));
    while (held.length === 0) await clock.advance(1);
    await dev.kill();
    expect(await passing(call)).toMatchObject({
      name: 'RpcSocketCloseError',
      message: 'The socket was closed. (address: address => bolt://sidecar:12220)',
      resultCode: '02',
    });
    await clock.advance(5_000);
    expect(asked.filter(({ method }) => method === 'slow').length).toBe(1);
  });

  test('ten times under load: no call is executed twice, and only what was sent to it and not answered fails', async () => {
    const executed = new Map<unknown, number>();
    let schedule = (_run: () => void, _ms: number) => {};
    const { consumer, dev, passing, clock } = await oldMeshWorld({
      script(asked) {
        executed.set(asked.args[0], (executed.get(asked.args[0]) ?? 0) + 1);
        schedule(() => echo(asked), 5);
      },
    });
    schedule = (run, ms) => void clock.schedule(run, ms);
    await passing(consumer.ready());
    const failures: Error[] = [];
    const calls: Promise<void>[] = [];
    const load = async (ms: number) => {
      for (let tick = 0; tick < ms; tick++) {
        const id = calls.length;
        const call = consumer.invoke('write', [id], { responseTimeout: 5_000 }).then(
          (value) => expect(value).toBe(id),
          (error) => void failures.push(Object.assign(error, { id })),
        );
        calls.push(call);
        await clock.advance(1);
      }
    };
    await load(30);
    for (let death = 0; death < 10; death++) {
      await dev.kill();
      await load(20);
      await dev.start();
      await load(death === 0 ? 2_000 : 30);
    }
    await passing(Promise.all(calls));
    expect([...executed].filter(([, times]) => times > 1)).toEqual([]);
    expect(executed.size).toBeGreaterThanOrEqual(calls.length - failures.length);
    for (const error of failures)
      expect(error).toMatchObject({ name: 'RpcSocketCloseError', resultCode: '02' });
    // The first deaths met some on their way, and not many.
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.length).toBeLessThan(100);
  });
});

describe('with a registry that is down', () => {
  const down = () => {
    const registry = new MemoryRegistry();
    registry.becomesReady = Promise.reject(new Error('no registry'));
    registry.becomesReady.catch(() => undefined);
    return registry;
  };

  test('and a sidecar: the consumer is ready, and calls go through', async () => {
    for (const registry of [
      down(),
      Object.assign(new MemoryRegistry(), { becomesReady: new Promise(() => {}) }),
    ]) {
      const { consumer, passing, ways } = await oldMeshWorld({ client: { registry } });
      await passing(consumer.ready());
      expect(await ways(3)).toEqual({ mesh: 3, direct: 0, fallback: 0 });
    }
  });

  test('and no sidecar: it is not, and says why', async () => {
    const { consumer, passing } = await oldMeshWorld({ hasSidecar: false, client: { registry: down() } });
    expect((await rejected(passing(consumer.ready()))).message).toBe('no registry');
    expect((await rejected(passing(consumer.invoke('echo', [])))).message).toBe(
      '[RpcConsumer] Consumer ready error: no registry',
    );
  });

  test('and a sidecar that dies: calls find no provider, until the registry tells one', async () => {
    const registry = down();
    const { consumer, passing, dev, pass } = await oldMeshWorld({ client: { registry } });
    await passing(consumer.ready());
    await passing(consumer.invoke('echo', ['x']));
    await dev.kill();
    await pass(1);
    const error = await rejected(passing(consumer.invoke('echo', ['x'], { responseTimeout: 300 })));
    expect(['RpcNoProviderError', 'RpcResponseTimeoutError']).toContain(error.name);
    registry.push([`bolt://${PROVIDER}`]);
    await pass(10);
    expect(await passing(consumer.invoke('echo', ['y']))).toBe('y');
  });
});

test('a list that changes is followed while calls go through the sidecar, for when it dies', async () => {
  const { consumer, passing, dev, registry, network, reached, pass } = await oldMeshWorld();
  await passing(consumer.invoke('echo', ['x']));
  const { asked } = provider(network, 'other:1', echo);
  registry.push(['bolt://other:1']);
  await pass(10);
  expect(reached).toEqual([]);
  await dev.kill();
  await pass(1);
  expect(await passing(consumer.invoke('echo', ['y']))).toBe('y');
  expect([asked.length, reached.at(-1)]).toEqual([1, 'other:1']);
});
