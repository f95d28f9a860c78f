import { describe, expect, test, vi } from 'vitest';
import { type Endpoint, endpointOf } from '../../src/core/endpoint.js';
import { Sidecar } from '../../src/mesh/sidecar.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { answerHeartbeats, FakeApi } from './fake-api.js';
import { hangs, ORDERS, PEOPLE, rig } from './session-rig.js';

describe('looking', () => {
  test('begins with start(), not with construction, and once', async () => {
    const { session, opened, clock, pass, dev } = await rig();
    await pass(100);
    expect(opened).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
    expect(session.state).toBe('unknown');
    expect([session.share, session.admits()]).toEqual([0, false]);
    session.start();
    session.start();
    await session.decided();
    session.start();
    await pass(100);
    expect(session.state).toBe('ready');
    expect(opened).toHaveLength(2);
    expect(dev.requests).toHaveLength(1);
  });

  test('subscribe() and publish() begin it, too', async () => {
    const one = await rig();
    one.session.subscribe(PEOPLE);
    await one.until(() => one.session.state === 'ready', 100);
    const other = await rig();
    await other.publish();
    expect(other.session.state).toBe('ready');
  });

  test('a sidecar that the first look finds gets everything at once', async () => {
    const { session, ready, clock } = await rig();
    await ready();
    expect([session.share, session.admits()]).toEqual([1, true]);
    expect(clock.now()).toBeLessThan(100);
    expect(session.reasons.join('\n')).toMatch(/option api.*\n.*option egress.*\n.*answered.*\n.*answered/s);
  });

  test.each(['connect that never ends', 'API that hangs', 'egress that hangs', 'sidecar that hangs'])(
    'the first decision takes less than a second: %s',
    async (what) => {
      const { session, dev, pass, script } = await rig(
        what.startsWith('connect') ? { connect: () => new Promise(() => undefined) } : {},
      );
      if (what.startsWith('API')) script(hangs);
      if (what.startsWith('sidecar')) dev.hang();
      if (what.startsWith('egress')) await dev.egressUp(false);
      let isDecided = false;
      session.start();
      void session.decided().then(() => {
        isDecided = true;
      });
      await pass(950);
      expect(isDecided).toBe(true);
      expect(session.state).toBe('absent');
      expect([session.share, session.admits()]).toEqual([0, false]);
      expect(session.healthReason).toMatch(/no sidecar/);
    },
  );

  test('one that is switched off is not looked for', async () => {
    const { session, opened, clock } = await rig({
      api: undefined,
      egress: undefined,
      env: { MOSN_ENABLE: 'false' },
    });
    session.start();
    await session.decided();
    await clock.advance(3_600_000);
    expect([session.state, opened.length, clock.pendingTimers]).toEqual(['absent', 0, 0]);
    expect(session.reasons.join('\n')).toMatch(/MOSN_ENABLE/);
  });

  test('absent at first, found an hour later, announced to and used more and more', async () => {
    const { session, dev, clock, until, warnings, publish } = await rig({ isAbsent: true });
    const people = session.subscribe(PEOPLE);
    await people.ready();
    expect([session.state, people.endpoint]).toEqual(['absent', undefined]);
    await expect(publish()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await clock.advance(3_600_000);
    expect(session.state).toBe('absent');
    expect(warnings).toEqual([]);
    const { since } = session.status();
    expect(since).toBeLessThan(1_700_000_000_000 + 1_000);
    await dev.start();
    expect(await until(() => session.state === 'ready', 5_100)).toBeGreaterThan(0);
    await until(() => session.share === 0.01, 100);
    expect(people.endpoint?.address).toBe(dev.egress);
    await until(() => session.share === 1, 2_000);
    expect(session.status().since).toBeGreaterThan(since + 3_599_000);
  });

  test('it looks again after a second, then every five at most, each time by chance', async () => {
    const { session, clock } = await rig({ isAbsent: true });
    const looks: number[] = [];
    session.onChange(() => {
      if (looks.at(-1) !== clock.now()) looks.push(clock.now());
    });
    session.start();
    await clock.advance(120_000);
    const waits = looks.slice(1).map((at, i) => at - looks[i]);
    expect(waits.length).toBeGreaterThan(24);
    expect(waits[0]).toBeGreaterThanOrEqual(500);
    expect(waits[0]).toBeLessThanOrEqual(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
    expect(Math.min(...waits.slice(3))).toBeGreaterThanOrEqual(2_500);
    expect(new Set(waits.map(Math.round)).size).toBeGreaterThan(10);
  });

  test('options and variables that are wrong are refused at once', () => {
    expect(() => new Sidecar({ app: '' })).toThrow(/app/);
    expect(() => new Sidecar({ app: 'shop', api: 'nonsense' })).toThrow(/api/);
    expect(() => new Sidecar({ app: 'shop', env: { SOFA_MESH_EGRESS: 'nonsense' } })).toThrow(
      /SOFA_MESH_EGRESS/,
    );
  });
});

test.each([
  ['v1', 'absent'],
  ['v2', 'ready'],
] as const)('an egress that speaks Bolt v2, asked in %s: %s', async (bolt, state) => {
  const api = new FakeApi();
  const connect = async (endpoint: Endpoint) => {
    const [near, far] = duplexPair();
    if (endpoint.port === 13_330) api.server.emit('connection', far);
    else answerHeartbeats(far, 'v2');
    return near;
  };
  await using session = new Sidecar({ app: 'shop', bolt, connect, env: {} });
  session.start();
  await session.decided();
  expect(session.state).toBe(state);
});

test('a listener that was added twice is told twice, until it is taken out as often', async () => {
  const { session, ready } = await rig();
  let told = 0;
  const listen = () => told++;
  const [one, other] = [session.onChange(listen), session.onChange(listen)];
  await ready();
  const both = told;
  expect(both % 2).toBe(0);
  one();
  session.report({ kind: 'connection-lost', reason: 'x' });
  expect(told).toBeGreaterThan(both);
  const once = told;
  other();
  session.report({ kind: 'go-away', reason: 'x' });
  session.start();
  expect(told).toBe(once);
});

describe('losing', () => {
  test('a killed sidecar gets nothing any more, at once', async () => {
    const { session, dev, ready, pass, clock, warnings } = await rig();
    await ready();
    const seen: [string, number][] = [];
    session.onChange(() => seen.push([session.state, session.share]));
    const { since } = session.status();
    await pass(100);
    const at = clock.now();
    await dev.kill();
    await pass(5);
    expect(clock.now() - at).toBeLessThanOrEqual(5);
    expect([session.state, session.share, session.admits()]).toEqual(['lost', 0, false]);
    expect(seen[0]).toEqual(['lost', 0]);
    expect(session.healthReason).toMatch(/was lost: connection to sidecar:12220 was lost/);
    expect(session.status().since).toBeGreaterThan(since);
    expect(warnings).toEqual([expect.stringMatching(/the sidecar at sidecar:13330 is lost: /)]);
  });

  test('it is looked for at once and then every 100 ms to a second', async () => {
    const { session, dev, ready, pass, clock } = await rig();
    await ready();
    await pass(6_000);
    const looks: number[] = [];
    session.onChange(() => looks.push(clock.now()));
    await dev.kill();
    await pass(20_000);
    const waits = looks.slice(1).map((at, i) => at - looks[i]);
    expect(waits[0]).toBeLessThanOrEqual(10);
    expect(waits.find((wait) => wait > 10)).toBeLessThanOrEqual(110);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_010);
    expect(waits.length).toBeGreaterThan(20);
  });

  test('back again it gets 1 % first and everything in the end', async () => {
    const { session, dev, ready, pass, until, clock } = await rig();
    await ready();
    await pass(10_000);
    await dev.kill();
    await pass(2_000);
    const shares: number[] = [];
    session.onChange(() => {
      if (session.state === 'ready') shares.push(session.share);
    });
    await dev.start();
    await until(() => session.state === 'ready', 1_100);
    const at = clock.now();
    await until(() => session.share === 1, 2_000);
    expect(clock.now() - at).toBeGreaterThan(800);
    expect([...new Set(shares)]).toEqual([0, 0.01, 0.05, 0.25, 0.5, 1]);
    expect(session.healthReason).toMatch(/answers again/);
  });

  test('a relapse doubles the time that it is held back', async () => {
    const { session, dev, ready, pass, until, clock, warnings } = await rig();
    await ready();
    await pass(10_000);
    const holds: number[] = [];
    for (let i = 0; i < 4; i++) {
      await dev.kill();
      const lostAt = clock.now();
      await pass(10);
      await dev.start();
      await until(() => session.state === 'ready', 1_100);
      await until(() => session.share > 0, 20_000);
      holds.push(clock.now() - lostAt);
      await pass(500);
      expect(session.share).toBeLessThan(1);
    }
    for (const [i, hold] of holds.entries()) {
      expect(hold).toBeGreaterThanOrEqual(1_000 * 2 ** i);
      expect(hold).toBeLessThanOrEqual(1_250 * 2 ** i + 10);
    }
    // Only the first was news; the rest is the same trouble.
    expect(warnings).toHaveLength(1);
  });

  test('a lost connection of a client is believed, and the sidecar asked again at once', async () => {
    const { session, ready, pass, until, open } = await rig();
    await ready();
    await pass(6_000);
    session.report({ kind: 'connection-lost', reason: 'nothing was read for 1500 ms' });
    expect([session.state, session.share]).toEqual(['lost', 0]);
    expect(session.healthReason).toMatch(/nothing was read for 1500 ms/);
    await until(() => session.state === 'ready', 5);
    expect(session.share).toBe(0);
    await until(() => session.share === 1, 4_000);
    expect(open()).toBe(1);
  });

  test('one that is lost as soon as it is found is not hammered', async () => {
    const { session, ready, pass, opened, dev } = await rig();
    await ready();
    session.onChange(() => {
      if (session.state === 'ready') session.report({ kind: 'connection-lost', reason: 'again' });
    });
    session.report({ kind: 'connection-lost', reason: 'first' });
    await pass(10_000);
    expect(opened.length / 2).toBeLessThan(30);
    expect(dev.requests.length).toBeLessThan(30);
  });

  test('one that hangs is not found again until it goes on', async () => {
    const { session, ready, pass, until, dev } = await rig();
    await ready();
    await pass(6_000);
    dev.hang();
    session.report({ kind: 'connection-lost', reason: 'it hangs' });
    await pass(10_000);
    expect(session.state).toBe('lost');
    dev.resume();
    await until(() => session.share === 1, 4_000);
  });

  test('the sentinel alone notices one that hangs, in 20 s', async () => {
    const { session, ready, until, dev } = await rig();
    await ready();
    dev.hang();
    expect(await until(() => session.state === 'lost', 20_000)).toBeGreaterThan(10_000);
  });
});

describe('going away', () => {
  test('a sidecar that is stopped gets nothing from its go-away on, is lost when it is gone, and comes back', async () => {
    const { session, ready, pass, until, dev } = await rig();
    await ready();
    await pass(6_000);
    const people = session.subscribe(PEOPLE);
    await people.ready();
    const stopped = dev.stop();
    await pass(5);
    expect(session.share).toBe(0);
    expect(session.healthReason).toMatch(/asked to go away/);
    await until(() => session.state === 'lost', 2_100);
    expect(people.endpoint).toBeUndefined();
    await stopped;
    await dev.start();
    await until(() => session.share === 1, 5_000);
    expect(people.endpoint?.address).toBe(dev.egress);
  });

  test("a client's go-away counts, too: degraded for a second, then asked, told everything again and used again", async () => {
    const { session, ready, pass, until, dev, clock } = await rig();
    await ready();
    const people = session.subscribe(PEOPLE);
    await people.ready();
    const before = dev.requests.length;
    session.report({ kind: 'go-away', reason: 'seen by a client' });
    session.report({ kind: 'go-away', reason: 'seen by another' });
    expect([session.state, session.share]).toEqual(['ready', 0]);
    expect(session.healthReason).toMatch(/seen by a client/);
    expect(people.endpoint).toBeUndefined();
    const at = clock.now();
    await pass(990);
    expect(dev.requests).toHaveLength(before);
    await until(() => session.share > 0, 1_000);
    expect(clock.now() - at).toBeGreaterThanOrEqual(1_000);
    expect(dev.requests.slice(before).map(({ path }) => path)).toEqual([
      '/configs/application',
      '/services/subscribe',
    ]);
    await until(() => session.share === 1, 2_000);
    session.report({ kind: 'go-away', reason: 'another time' });
    expect([session.state, session.share]).toEqual(['ready', 0]);
  });

  test('one that dies after its go-away is lost at once, and looked for at once', async () => {
    const { session, ready, pass, until, dev } = await rig();
    await ready();
    await pass(6_000);
    session.report({ kind: 'go-away', reason: 'seen by a client' });
    await pass(100);
    await dev.kill();
    session.report({ kind: 'connection-lost', reason: 'closed' });
    expect(session.state).toBe('lost');
    await dev.start();
    await until(() => session.state === 'ready', 150);
  });
});

test('a listener that throws harms nobody, is told of ever more rarely, and can be taken out', async () => {
  const { session, ready, warnings, dev, pass } = await rig();
  let called = 0;
  const end = session.onChange(() => {
    called++;
    throw new Error('mine');
  });
  let others = 0;
  session.onChange(() => others++);
  await ready();
  expect(others).toBeGreaterThan(0);
  expect(others).toBe(called);
  for (let i = 0; i < 50; i++) session.report({ kind: 'connection-lost', reason: 'x' });
  await dev.kill();
  await pass(30_000);
  const mine = warnings.filter((line) => line.includes('mine'));
  expect(mine.length).toBe(1 + Math.floor(Math.log2(called)));
  end();
  end();
  const before = called;
  await dev.start();
  await pass(2_000);
  expect(session.state).toBe('ready');
  expect(called).toBe(before);
});

test('status() is plain data', async () => {
  const { session, ready, publish, dev } = await rig();
  await ready();
  await publish(PEOPLE, 12_345);
  const people = session.subscribe(PEOPLE);
  session.subscribe(PEOPLE);
  await people.ready();
  const status = session.status();
  expect(structuredClone(status)).toEqual(status);
  expect(status).toEqual({
    state: 'ready',
    since: expect.any(Number),
    share: 1,
    healthReason: expect.any(String),
    api: dev.api,
    egress: dev.egress,
    reasons: session.reasons,
    published: [{ service: PEOPLE, port: 12_345, announced: true, failure: undefined }],
    subscribed: [{ service: PEOPLE, endpoint: dev.egress, users: 2, failure: undefined }],
  });
});

test('over real sockets and in real time: found, announced to, killed, told everything again', async () => {
  await using dev = await DevSidecar.start();
  dev.provide(PEOPLE, ['127.0.0.1:9']);
  const warn = vi.fn();
  await using session = new Sidecar({
    app: 'shop',
    api: dev.api,
    egress: dev.egress,
    env: {},
    logger: { warn },
  });
  const people = session.subscribe(PEOPLE);
  const { signal } = new AbortController();
  await session.publisher().publish(ORDERS, endpointOf('10.0.0.1', 12_345), signal);
  await people.ready();
  expect(people.endpoint?.address).toBe(dev.egress);
  await dev.kill();
  await vi.waitFor(() => expect(session.state).toBe('lost'));
  await dev.start();
  await vi.waitFor(() => expect(session.share).toBeGreaterThan(0), { timeout: 5_000 });
  expect(dev.requests.map(({ path }) => path)).toEqual([
    '/configs/application',
    '/services/publish',
    '/services/subscribe',
  ]);
  await session.close();
  expect([dev.published, dev.subscribed]).toEqual([[], []]);
  expect(warn).toHaveBeenCalledTimes(1);
});
