import { describe, expect, test } from 'vitest';
import { MeshError } from '../../src/core/errors.js';
import { heard } from '../support/events.js';
import { meshWorld } from '../support/mesh-world.js';
import { watched } from '../support/network.js';
import { later, People } from '../support/people.js';

const rejected = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: MeshError) => error,
  );

describe('which way', () => {
  test('where a sidecar is, the first call goes through it, and the reply says why', async () => {
    const { way, dev } = await meshWorld();
    expect(await way()).toEqual({ path: 'mesh', reason: 'a sidecar is there' });
    expect(dev.requests.map(({ path }) => path)).toEqual(['/configs/application', '/services/subscribe']);
    expect(dev.calls).toBe(1);
  });

  test('where none is, calls go directly, and the first one hardly waits', async () => {
    const { way, clock } = await meshWorld({ hasSidecar: false });
    expect((await way()).path).toBe('direct');
    expect(clock.now()).toBeLessThan(100);
    expect((await way()).reason).toMatch(/no sidecar/i);
  });

  test('in mode direct no sidecar is looked for', async () => {
    const { way, dev } = await meshWorld({ client: { mode: 'direct' } });
    expect(await way()).toEqual({ path: 'direct', reason: 'the mode is direct' });
    expect(dev.requests).toEqual([]);
  });

  test('a sidecar that comes up an hour later is found, and gets more and more', async () => {
    const { way, ways, dev, pass, client } = await meshWorld({ hasSidecar: false });
    const told: unknown[] = [];
    client.on('switch', (event) => told.push(event));
    // What was never there was not lost, and does not come back.
    for (const name of ['degraded', 'recovered'] as const) client.on(name, (event) => told.push(event));
    expect((await way()).path).toBe('direct');
    await pass(3_600_000);
    expect((await way()).path).toBe('direct');
    await dev.start();
    await pass(20_000);
    expect(await ways(100)).toEqual({ mesh: 100, direct: 0, fallback: 0 });
    expect(told).toMatchObject([{ service: People.id, from: 0, to: 100 }]);
  });

  test('a sidecar that hangs while it is looked for keeps the first call for less than a second', async () => {
    const { way, dev, clock } = await meshWorld();
    dev.hang();
    expect((await way()).path).toBe('direct');
    expect(clock.now()).toBeLessThan(1_000);
  });

  test('no checksum is sent towards a sidecar, which could not carry it', async () => {
    const { way, service, passing } = await meshWorld({ client: { bolt: 'v2-crc' } });
    // The dev sidecar refuses what has one.
    expect((await way()).path).toBe('mesh');
    expect(await passing(service.add(1, 2))).toBe(3);
  });
});

describe('the policy', () => {
  test.each([1, 25, 50, 99])(
    '%s percent of 10,000 calls go through the sidecar, within two points',
    async (percent) => {
      const { way, ways, client } = await meshWorld({
        client: { policy: { services: { [People.id]: { mesh: percent } } } },
      });
      await way();
      const { mesh, direct, fallback } = await ways(10_000);
      expect(Math.abs(mesh / 100 - percent)).toBeLessThan(2);
      expect(mesh + direct).toBe(10_000);
      expect(fallback).toBe(0);
      expect(client.status().services[0].share).toBe(percent);
    },
  );

  test('a change takes effect with the next call, and is told', async () => {
    const { way, client } = await meshWorld();
    const told: unknown[] = [];
    client.on('switch', (event) => told.push(event));
    await way();
    client.policy.setService(People.id, { mesh: 0 });
    expect(await way()).toEqual({ path: 'direct', reason: 'the policy sends 0 % through the sidecar' });
    client.policy.setService(People.id, { mesh: 100 });
    expect((await way()).path).toBe('mesh');
    expect(told).toMatchObject([
      { from: 100, to: 0, reason: 'the policy sends 0 % through the sidecar' },
      { from: 0, to: 100, reason: 'a sidecar is there' },
    ]);
  });

  test('calls in flight finish where they began', async () => {
    const done = later<string>();
    const { way, client, service, passing } = await meshWorld({
      implementation: { slow: () => done.promise },
    });
    await way();
    const running = service.slow.withReply('x', { timeoutMs: 5_000 });
    client.policy.set({ mode: 'direct' });
    expect((await way()).path).toBe('direct');
    done.resolve('y');
    expect((await passing(running)).reply).toMatchObject({ path: 'mesh', value: 'y' });
  });

  test('another mode takes effect live, both ways', async () => {
    const { way, client, pass } = await meshWorld({ client: { mode: 'direct' } });
    expect((await way()).path).toBe('direct');
    client.policy.set({ mode: 'auto' });
    await pass(20_000);
    expect((await way()).path).toBe('mesh');
    client.policy.set({ mode: 'direct' });
    expect(await way()).toEqual({ path: 'direct', reason: 'the mode is direct' });
  });

  test('a broken one is refused, and the old one stays', async () => {
    const { way, client } = await meshWorld();
    expect(() => client.policy.set({ services: { [People.id]: { mesh: 101 } } })).toThrow(/101/);
    expect((await way()).path).toBe('mesh');
  });
});

describe('when the sidecar dies', () => {
  test('what it was not sent, or may run again, goes directly; a write that was sent fails and says so', async () => {
    const hold = later<string>();
    let isHeld = true;
    const { way, dev, service, passing, client } = await meshWorld({
      implementation: { echo: (text) => (isHeld ? hold.promise : text), slow: () => hold.promise },
    });
    isHeld = false;
    await way();
    isHeld = true;
    const read = service.echo.withReply('read', { timeoutMs: 5_000 });
    const write = rejected(service.slow('write', { timeoutMs: 5_000 }));
    await passing(Promise.resolve());
    while (dev.calls < 3) await passing(Promise.resolve());
    const degraded: unknown[] = [];
    client.on('degraded', (event) => degraded.push(event));
    isHeld = false;
    await dev.kill();
    expect(await passing(write)).toMatchObject({
      code: 'CONNECTION_LOST',
      sent: true,
      path: 'mesh',
      reason: 'a sidecar is there',
      retry: 'if-idempotent',
    });
    expect((await passing(read)).reply).toMatchObject({ path: 'fallback', value: 'read' });
    expect((await way()).path).toBe('direct');
    expect(degraded).toMatchObject([{ service: undefined }]);
  });

  test('its death is one event, however many calls of a service were on their way', async () => {
    const hold = later<string>();
    const { way, dev, service, passing, pass, client } = await meshWorld({
      implementation: { slow: () => hold.promise },
    });
    await way();
    const told: unknown[] = [];
    client.on('degraded', (event) => told.push(event.service));
    const calls = Array.from({ length: 20 }, () => rejected(service.slow('x', { timeoutMs: 5_000 })));
    while (dev.calls < 21) await passing(Promise.resolve());
    await dev.kill();
    await passing(Promise.all(calls));
    await pass(10);
    expect(told).toEqual([undefined]);
  });

  test('back again, it is told everything, then gets more and more of the calls', async () => {
    const { way, ways, dev, pass, client, passing } = await meshWorld();
    const recovered: unknown[] = [];
    client.on('recovered', (event) => recovered.push(event));
    await way();
    await dev.kill();
    await pass(1);
    expect((await way()).path).toBe('direct');
    await dev.start();
    while (dev.requests.length < 2) await passing(Promise.resolve());
    expect(dev.requests.map(({ path }) => path)).toEqual(['/configs/application', '/services/subscribe']);
    const seen: number[] = [];
    for (let tick = 0; tick < 60; tick++) {
      seen.push((await ways(50)).mesh);
      await pass(100);
    }
    expect(seen.at(-1)).toBe(50);
    expect(seen.some((mesh) => mesh > 0 && mesh < 25)).toBe(true);
    expect(recovered).toMatchObject([{ service: undefined }]);
  });

  test('one that hangs is found out within two seconds by the calls that wait for it', async () => {
    const { way, dev, service, passing, clock } = await meshWorld();
    await way();
    dev.hang();
    const start = clock.now();
    const read = service.echo.withReply('read', { timeoutMs: 5_000 });
    const write = rejected(service.add(1, 2, { timeoutMs: 5_000 }));
    expect((await passing(read)).reply.path).toBe('fallback');
    expect(clock.now() - start).toBeLessThan(2_000);
    expect(await passing(write)).toMatchObject({ code: 'CONNECTION_LOST', sent: true, path: 'mesh' });
    expect((await way()).path).toBe('direct');
  });

  test('one that is slow is used on: it answers', async () => {
    const { way, dev, service, passing } = await meshWorld();
    await way();
    dev.slow(1_500);
    const { reply } = await passing(service.echo.withReply('x', { timeoutMs: 5_000 }));
    expect(reply.path).toBe('mesh');
  });

  test('go-away is obeyed: calls in flight finish, later ones go directly', async () => {
    const done = later<string>();
    const { way, dev, service, passing } = await meshWorld({ implementation: { slow: () => done.promise } });
    await way();
    const running = service.slow.withReply('x', { timeoutMs: 5_000 });
    while (dev.calls < 2) await passing(Promise.resolve());
    const stopped = dev.stop();
    await passing(new Promise((resolve) => setImmediate(resolve)));
    expect((await way()).path).toBe('direct');
    done.resolve('y');
    expect((await passing(running)).reply).toMatchObject({ path: 'mesh', value: 'y' });
    await passing(stopped);
    expect((await way()).path).toBe('direct');
  });
});

describe('a call that was not executed goes the other way', () => {
  test.each([
    ['the sidecar does not know the service', 6],
    ['the sidecar is busy', 4],
  ])('%s: once, whatever its method', async (_case, status) => {
    const { way, dev, service, passing, client } = await meshWorld();
    await way();
    const rerouted = heard('call.rerouted');
    dev.failing(1, status);
    const { value, reply } = await passing(service.add.withReply(1, 2));
    expect(value).toBe(3);
    expect(reply.path).toBe('fallback');
    expect(reply.reason).toMatch(new RegExp(`Bolt status ${status}`));
    expect(rerouted).toMatchObject([['call.rerouted', { method: 'add', to: 'direct' }]]);
    expect(client.status().services[0].calls).toEqual({ mesh: 1, direct: 0, fallback: 1 });
  });

  test('where the sidecar does not know the service, the subscription is made again', async () => {
    const { way, dev, pass } = await meshWorld();
    await way();
    dev.failing(1);
    await way();
    await pass(1_000);
    expect(dev.requests.map(({ path }) => path)).toEqual([
      '/configs/application',
      '/services/subscribe',
      '/services/subscribe',
    ]);
  });

  test('a service that fails there five times in a row is left alone for a while, then tried again', async () => {
    const { way, ways, dev, pass, client } = await meshWorld();
    await way();
    const told: unknown[] = [];
    client.on('degraded', (event) => told.push(['degraded', event.service]));
    client.on('recovered', (event) => told.push(['recovered', event.service]));
    dev.failing(1);
    for (let call = 0; call < 5; call++) expect((await way()).path).toBe('fallback');
    expect((await way()).path).toBe('direct');
    dev.failing(0);
    for (let tick = 0; tick < 60; tick++) {
      await ways(20);
      await pass(100);
    }
    expect((await way()).path).toBe('mesh');
    expect(told).toEqual([
      ['degraded', People.id],
      ['recovered', People.id],
    ]);
  });

  test('with fallback none it fails', async () => {
    const { way, dev, service, passing } = await meshWorld({
      client: { policy: { services: { [People.id]: { fallback: 'none' } } } },
    });
    await way();
    dev.failing(1);
    const error = await passing(rejected(service.echo('x')));
    expect(error).toMatchObject({ code: 'NO_ENDPOINT', path: 'mesh', reason: 'a sidecar is there' });
  });

  test('one that no provider takes directly goes through the sidecar', async () => {
    const { service, passing, way, client } = await meshWorld({
      client: { registry: 'bolt://nowhere:1', policy: { services: { [People.id]: { mesh: 1 } } } },
    });
    await way();
    const { value, reply } = await passing(service.add.withReply(1, 2));
    expect(value).toBe(3);
    expect(reply).toMatchObject({ path: 'fallback', reason: expect.stringMatching(/nowhere:1/) });
    client.policy.setService(People.id, { mesh: 0 });
    expect(await passing(rejected(service.add(1, 2)))).toMatchObject({
      code: 'CONNECT_FAILED',
      path: 'direct',
    });
  });

  test('where both ways fail, the error tells of both', async () => {
    const { way, dev, network, service, passing, server } = await meshWorld();
    await way();
    await passing(server.stop({ timeoutMs: 0 }));
    network.refuse('provider:12200');
    dev.failing(1, 4);
    const error = await passing(rejected(service.add(1, 2)));
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', path: 'fallback', sent: true });
    expect(error.message).toMatch(/the first went through the sidecar: OVERLOADED/);
  });

  test('the retry option is not for the sidecar: it retries by itself', async () => {
    const { way, dev, service, passing } = await meshWorld({ client: { mode: 'mesh', retry: 'failover' } });
    await way();
    dev.failing(1, 4);
    const before = dev.calls;
    expect(await passing(rejected(service.echo('x')))).toMatchObject({ code: 'OVERLOADED', path: 'mesh' });
    expect(dev.calls - before).toBe(1);
  });
});

describe('the sidecar as the only way', () => {
  test('in mode mesh nothing goes directly: a call waits for a sidecar that comes back', async () => {
    const { way, dev, passing, pass, service } = await meshWorld({ client: { mode: 'mesh' } });
    expect(await way()).toEqual({ path: 'mesh', reason: 'the mode is mesh' });
    await dev.kill();
    await pass(1);
    const call = service.echo.withReply('x');
    await pass(300);
    await dev.start();
    expect((await passing(call)).reply.path).toBe('mesh');
  });

  test('it waits no longer than readyTimeoutMs, and says what was looked at', async () => {
    const { service, passing, clock } = await meshWorld({
      hasSidecar: false,
      client: { mode: 'mesh', readyTimeoutMs: 700 },
    });
    const start = clock.now();
    const error = await passing(rejected(service.add(1, 2)));
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', path: 'mesh', sent: false, retry: 'safe' });
    expect(error.message).toMatch(/within 700 ms.*sidecar:13330/);
    expect(clock.now() - start).toBeLessThan(800);
  });

  test('without a registry, mode auto does the same', async () => {
    const { way, service, passing, pass, dev } = await meshWorld({ client: { registry: undefined } });
    expect((await way()).path).toBe('mesh');
    await dev.kill();
    await pass(1);
    const error = await passing(rejected(service.add(1, 2, { timeoutMs: 500 })));
    expect(error).toMatchObject({ code: 'DEADLINE_EXCEEDED', path: 'mesh', sent: false });
  });

  test('without a registry, mode direct is refused before any call', async () => {
    await expect(meshWorld({ client: { registry: undefined, mode: 'direct' } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('the guard', () => {
  const guarded = (guard: object) => ({ policy: { services: { [People.id]: { mesh: 50, guard } } } });

  test('errors on the sidecar path, beyond those of the direct one, roll the service back until it is told', async () => {
    const { way, ways, dev, client } = await meshWorld({
      client: guarded({ errorRatio: 0.02, minCalls: 100, windowMs: 10_000 }),
    });
    await way();
    const told: string[] = [];
    client.on('rolledBack', ({ service, reason }) => told.push(`${service}: ${reason}`));
    dev.failing(0.05, 4);
    await ways(1_000);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/calls .* failed through the sidecar, more than .* allowed 2 %/);
    expect(await ways(200)).toEqual({ mesh: 0, direct: 200, fallback: 0 });
    expect(client.status().services[0]).toMatchObject({
      asked: 50,
      share: 0,
      rolledBack: expect.any(String),
    });
    dev.failing(0);
    client.policy.setService(People.id, { mesh: 100 });
    expect((await ways(20)).mesh).toBe(20);
  });

  test('a sidecar that answers late rolls it back, too', async () => {
    const { way, ways, dev, client } = await meshWorld({ client: guarded({ p99Ms: 50, minCalls: 50 }) });
    await way();
    const told: string[] = [];
    client.on('rolledBack', ({ reason }) => told.push(reason));
    await ways(300);
    expect(told).toEqual([]);
    dev.slow(120);
    await ways(300);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/p99 through the sidecar was 1\d\d ms/);
  });

  test('errors that both ways have in common do not', async () => {
    const { way, ways, client, service, passing } = await meshWorld({
      client: guarded({ errorRatio: 0.02, minCalls: 20 }),
      implementation: {
        add: () => {
          throw new Error('broken everywhere');
        },
      },
    });
    await way();
    const told: unknown[] = [];
    client.on('rolledBack', (event) => told.push(event));
    for (let call = 0; call < 30; call++) {
      await passing(Promise.allSettled(Array.from({ length: 10 }, () => service.add(1, 2))));
    }
    await ways(10);
    expect(told).toEqual([]);
  });
});

describe('the comparison', () => {
  const comparing = (compare: object, mesh = 100) => ({
    policy: { services: { [People.id]: { mesh, compare: { percent: 100, ...compare } } } },
  });

  test('calls to idempotent methods go down the other way, too, and equal answers are no news', async () => {
    const { way, ways, pass, client } = await meshWorld({ client: comparing({}) });
    await way();
    const told: unknown[] = [];
    client.on('difference', (event) => told.push(event));
    for (let round = 0; round < 10; round++) {
      await ways(10);
      await pass(10);
    }
    const { comparison } = client.status().services[0];
    expect(comparison).toMatchObject({ different: 0, unanswered: 0, samples: [] });
    expect(comparison?.compared).toBeGreaterThan(90);
    expect(told).toEqual([]);
  });

  test.each([100, 0])('a planted difference is found, with the sidecar getting %s percent', async (mesh) => {
    let turn = 0;
    const { way, passing, service, pass, client } = await meshWorld({
      client: comparing({}, mesh),
      implementation: { echo: (text) => (text === 'odd' ? `${text}${turn++}` : text) },
    });
    await way();
    const told: unknown[] = [];
    client.on('difference', (event) => told.push(event));
    expect(await passing(service.echo('odd'))).toMatch(/odd\d/);
    await pass(50);
    expect(told).toEqual([{ service: People.id, method: 'echo', paths: ['$'] }]);
    expect(client.status().services[0].comparison).toMatchObject({ different: 1 });
  });

  test('a method that may not run twice is never compared', async () => {
    let executed = 0;
    const { way, passing, service, pass } = await meshWorld({
      client: comparing({}),
      implementation: {
        add: (a, b) => {
          executed++;
          return a + b;
        },
      },
    });
    await way();
    for (let call = 0; call < 20; call++) await passing(service.add(1, 2));
    await pass(100);
    expect(executed).toBe(20);
  });

  test('the caller does not wait for the other way', async () => {
    const hold = later<string>();
    let count = 0;
    const { passing, service, way } = await meshWorld({
      client: comparing({}),
      implementation: { echo: (text) => (text === 'slow' && ++count === 2 ? hold.promise : text) },
    });
    await way();
    expect(await passing(service.echo('slow'))).toBe('slow');
    hold.resolve('x');
  });
});

describe('what is told', () => {
  test('status() gives it all as data and as a table', async () => {
    const { way, client } = await meshWorld();
    await way();
    const status = client.status();
    expect(status).toMatchObject({
      mode: 'auto',
      policy: 'the defaults',
      sidecar: { state: 'ready', api: 'sidecar:13330' },
      services: [
        {
          service: People.id,
          path: 'mesh',
          asked: 100,
          share: 100,
          reason: 'a sidecar is there',
          fallback: 'direct',
          calls: { mesh: 1, direct: 0, fallback: 0 },
          failed: { mesh: 0, direct: 0, fallback: 0 },
        },
      ],
    });
    expect(JSON.parse(JSON.stringify(status))).toMatchObject({ mode: 'auto' });
    expect(String(status).split('\n').at(-1)).toMatch(
      /^com\.acme\.PersonService:1\.0 +mesh +100 % +100 % +1\/0\/0 +0\/0\/0 +a sidecar is there$/,
    );
  });

  test('failed calls are counted by their way', async () => {
    const { way, dev, service, passing, client } = await meshWorld({ client: { mode: 'mesh' } });
    await way();
    dev.failing(1, 4);
    await passing(rejected(service.echo('x')));
    expect(client.status().services[0].failed).toEqual({ mesh: 1, direct: 0, fallback: 0 });
  });

  test('a listener that throws harms nobody, and one that ended hears nothing', async () => {
    const { way, client, lines } = await meshWorld();
    await way();
    const heardByOther: unknown[] = [];
    client.on('switch', () => {
      throw new Error('not today');
    });
    const end = client.on('switch', (event) => heardByOther.push(event));
    client.policy.set({ mode: 'direct' });
    expect(heardByOther).toHaveLength(1);
    expect(lines.some((line) => /listener of switch threw: not today/.test(line))).toBe(true);
    end();
    client.policy.set({ mode: 'auto' });
    expect(heardByOther).toHaveLength(1);
  });
});

test('one session serves two clients: closing one leaves the other receiving', async () => {
  const { way, client, sidecar, dev, network, pass, passing, clock } = await meshWorld();
  await way();
  const { MeshClient } = await import('../../src/client/mesh-client.js');
  const second = new MeshClient({ app: 'test', sidecar, connect: network.connect, clock });
  expect(await passing(second.service(People).echo('hi'))).toBe('hi');
  await passing(second.close());
  await pass(1_000);
  expect(dev.subscribed).toEqual([People.id]);
  expect((await way()).path).toBe('mesh');
  await passing(client.close());
  await pass(1_000);
  expect(dev.subscribed).toEqual([]);
});

test('a client that is given a session that has found the sidecar tells of its loss', async () => {
  const { way, sidecar, dev, network, pass, passing, clock } = await meshWorld();
  await way();
  const { MeshClient } = await import('../../src/client/mesh-client.js');
  const second = new MeshClient({ app: 'test', sidecar, connect: network.connect, clock });
  const told: unknown[] = [];
  second.on('degraded', (event) => told.push(event));
  await dev.kill();
  await pass(10);
  expect(told).toMatchObject([{ service: undefined }]);
  await passing(second.close());
});

test('oneway calls take the same ways', async () => {
  const noted: unknown[] = [];
  const { way, service, passing, pass, dev } = await meshWorld({
    implementation: { note: (text) => void noted.push(text) },
  });
  await way();
  expect((await passing(service.note.withReply('a'))).reply.path).toBe('mesh');
  await dev.kill();
  await pass(1);
  expect((await passing(service.note.withReply('b'))).reply.path).toBe('direct');
  await pass(100);
  expect(noted).toEqual(['a', 'b']);
});

test('a call that waits for the decision can be cancelled', async () => {
  const { service, dev, passing } = await meshWorld();
  dev.hang();
  const abort = new AbortController();
  const call = watched(service.echo('x', { signal: abort.signal }));
  abort.abort();
  await passing(Promise.resolve());
  await passing(new Promise((resolve) => setImmediate(resolve)));
  expect(call.state).toBe('rejected');
  expect(call.error).toMatchObject({ code: 'CANCELLED' });
  expect(MeshError.is(call.error)).toBe(true);
});

test('in mode mesh, a sidecar that is replaced at its address gets no calls before it has been told everything', async () => {
  const { way, dev, pass, service, passing } = await meshWorld({ client: { mode: 'mesh' } });
  await way();
  await passing(dev.stop());
  await dev.start();
  const calls = Promise.all(Array.from({ length: 10 }, () => service.add.withReply(1, 2)));
  await pass(400);
  const more = Promise.all(Array.from({ length: 10 }, () => service.add.withReply(1, 2)));
  for (const { reply } of [...(await passing(calls)), ...(await passing(more))])
    expect(reply.path).toBe('mesh');
});
