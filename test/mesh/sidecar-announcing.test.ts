import { describe, expect, test } from 'vitest';
import { heard } from '../support/events.js';
import { hangs, ORDERS, PEOPLE, refusal, rig, success } from './session-rig.js';

const EVERYTHING = ['application', `publish ${PEOPLE}`, `publish ${ORDERS}`, `subscribe ${PEOPLE}`];
const NOT_STARTED = "Registry module not startup. Should call '/configs/application' endpoint at first.";

/** A session that has announced two services and subscribed one. */
async function announced() {
  const rigged = await rig();
  const { ready, publish, session, until } = rigged;
  await ready();
  const withdrawn = [await publish(PEOPLE, 12_345), await publish(ORDERS, 12_346)];
  const people = session.subscribe(PEOPLE);
  await people.ready();
  // Settled: a loss from here on is no relapse of the beginning.
  await until(() => true, 0);
  return { ...rigged, withdrawn, people };
}

describe('publishing', () => {
  test('tells the sidecar the port, the serialization and what callers are to know', async () => {
    const { dev, publish } = await rig();
    await publish(PEOPLE, 12_345);
    const { body } = dev.requests.at(-1) as { body: Record<string, unknown> };
    expect(body).toMatchObject({ serviceName: PEOPLE, port: '12345', protocolType: 'bolt' });
    expect(body.providerMetaInfo).toMatchObject({
      serializeType: 'hessian2',
      appName: 'shop',
      properties: { port: '12345', weight: '7', startTime: '99' },
    });
    expect(dev.published.map(({ service }) => service)).toEqual([PEOPLE]);
  });

  test('what is withdrawn is unpublished; more than once does no harm', async () => {
    const { dev, publish, session, asked } = await rig();
    const withdraw = await publish();
    await withdraw();
    expect(dev.published).toEqual([]);
    await withdraw();
    expect(asked().filter((line) => line.startsWith('unpublish'))).toHaveLength(1);
    expect(session.status().published).toEqual([]);
  });

  test('an aborted signal withdraws, too', async () => {
    const { dev, publish, pass } = await rig();
    const ended = new AbortController();
    await publish(PEOPLE, 12_200, ended.signal);
    ended.abort();
    await pass(10);
    expect(dev.published).toEqual([]);
    const early = publish(PEOPLE, 12_200, ended.signal);
    await early;
    await pass(10);
    expect(dev.published).toEqual([]);
  });

  test('one of two that publish the same service withdraws it: the other stays, with its own port', async () => {
    const { dev, publish, asked } = await rig();
    const first = await publish(PEOPLE, 12_001);
    const second = await publish(PEOPLE, 12_002);
    expect(dev.published).toMatchObject([{ service: PEOPLE, port: 12_002 }]);
    await second();
    expect(dev.published).toMatchObject([{ service: PEOPLE, port: 12_001 }]);
    await first();
    expect(dev.published).toEqual([]);
    expect(asked().filter((line) => line.startsWith('unpublish'))).toHaveLength(1);
  });

  test('a sidecar that refuses it the first time rejects publish(), and that is the end of it', async () => {
    const { script, publish, ready, asked, pass, session, warnings } = await rig();
    await ready();
    const failures = heard('registry.failed');
    script((path) => (path.endsWith('publish') ? refusal('quota exceeded') : success));
    await expect(publish()).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: expect.stringMatching(/quota exceeded/),
    });
    await pass(20_000);
    expect(asked().filter((line) => line.startsWith('publish'))).toHaveLength(1);
    expect(session.status().published).toEqual([]);
    // Who publishes tells of it, and tries again.
    expect([warnings, failures]).toEqual([[], []]);
    script(() => success);
    await publish();
    expect(session.status().published).toMatchObject([{ service: PEOPLE, announced: true }]);
  });

  test('a sidecar that refuses to take it back has said so, and is not asked again', async () => {
    const { script, publish, ready, pass, asked, session } = await rig();
    await ready();
    const withdraw = await publish();
    script(() => refusal('no such service'));
    await expect(withdraw()).rejects.toMatchObject({ message: expect.stringMatching(/no such service/) });
    await pass(10_000);
    expect(asked().filter((line) => line.startsWith('unpublish'))).toHaveLength(1);
    expect(session.status().published).toEqual([]);
  });

  test('an announcement whose answer was lost is not left behind', async () => {
    const { script, publish, ready, asked, pass } = await rig();
    await ready();
    script(hangs);
    const failed = expect(publish()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await pass(5_100);
    await failed;
    script(() => success);
    await pass(10_000);
    expect(asked().at(-1)).toBe(`unpublish ${PEOPLE}`);
    expect(asked().filter((line) => line.startsWith('publish'))).toHaveLength(1);
  });

  test('a publish() under way when the sidecar is lost is rejected, and not announced later', async () => {
    const { script, publish, ready, dev, pass, session } = await rig();
    await ready();
    script(hangs);
    const failed = expect(publish()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await pass(100);
    script(undefined);
    session.report({ kind: 'connection-lost', reason: 'gone' });
    await failed;
    await pass(5_000);
    expect(session.state).toBe('ready');
    expect(dev.published).toEqual([]);
  });
});

describe('a sidecar that was restarted', () => {
  test('is told the application, what is published and what is subscribed, in this order, before it gets calls', async () => {
    const { dev, session, until, pass, asked, people } = await announced();
    await dev.kill();
    await pass(3_000);
    expect(people.endpoint).toBeUndefined();
    expect(session.status().published).toMatchObject([{ announced: false }, { announced: false }]);
    let askedAtRamp: string[] | undefined;
    session.onChange(() => {
      if (session.share > 0) askedAtRamp ??= asked();
    });
    await dev.start();
    expect(await until(() => session.share > 0, 5_000)).toBeLessThan(1_500);
    expect(askedAtRamp).toEqual(EVERYTHING);
    expect(people.endpoint?.address).toBe(dev.egress);
    expect(session.status().published).toMatchObject([{ announced: true }, { announced: true }]);
    await pass(10_000);
    expect(asked()).toEqual(EVERYTHING);
  });

  test('ten times in a row: everything is there again within 5 s, each time', async () => {
    const { dev, session, until, pass, asked, warnings } = await announced();
    for (let time = 0; time < 10; time++) {
      await dev.kill();
      await pass(time * 130 + 5);
      expect(session.share).toBe(0);
      await dev.start();
      await until(() => asked().length === EVERYTHING.length, 5_000);
      expect(asked()).toEqual(EVERYTHING);
    }
    await until(() => session.share === 1, 35_000);
    expect(warnings.length).toBeLessThanOrEqual(2);
    expect(asked()).toEqual(EVERYTHING);
  });

  test('the subscriptions wait for the announcements to be answered, but not for ever', async () => {
    const { dev, session, script, pass, until, asked, people } = await announced();
    await dev.kill();
    await pass(2_000);
    script((path) => (path.endsWith('/publish') ? undefined : success));
    await dev.start();
    await until(() => asked().length === 3, 1_500);
    expect(asked()).toEqual(EVERYTHING.slice(0, 3));
    await pass(1_400);
    expect(asked()).toEqual(EVERYTHING.slice(0, 3));
    await pass(200);
    expect(asked()).toEqual(EVERYTHING);
    expect(people.endpoint?.address).toBe(dev.egress);
    expect(session.share).toBeGreaterThan(0);
  });

  test('one that is lost while it is told is told no more', async () => {
    const { dev, session, script, pass, until, asked } = await announced();
    await dev.kill();
    await pass(2_000);
    script((path) => (path.endsWith('/publish') ? undefined : success));
    await dev.start();
    await until(() => asked().length === 3, 1_500);
    await dev.egressUp(false);
    await pass(5_000);
    expect(session.state).toBe('lost');
    expect(asked().filter((line) => line.startsWith('subscribe'))).toEqual([]);
    await dev.egressUp(true);
    await until(() => session.state === 'ready', 1_100);
    expect(session.share).toBe(0);
  });

  test('the ramp begins within 5 s, even where nothing is answered', async () => {
    const { dev, session, script, pass, until, people } = await announced();
    await dev.kill();
    await pass(2_000);
    script((path) => (path.endsWith('application') ? success : undefined));
    await dev.start();
    await until(() => session.state === 'ready', 1_100);
    expect(await until(() => session.share > 0, 5_000)).toBeGreaterThan(4_000);
    expect(people.endpoint).toBeUndefined();
    script(undefined);
    await until(() => people.endpoint !== undefined && dev.published.length === 2, 15_000);
  });

  test('what is withdrawn while it is lost never comes back', async () => {
    const { dev, session, pass, until, withdrawn, people, asked } = await announced();
    await dev.kill();
    await pass(100);
    await withdrawn[0]();
    people.release();
    await dev.start();
    await until(() => session.share === 1, 10_000);
    await pass(10_000);
    expect(asked()).toEqual(['application', `publish ${ORDERS}`]);
    expect(session.status()).toMatchObject({ published: [{ service: ORDERS }], subscribed: [] });
  });

  test('a refusal of what it had taken before is tried again by the session, and told of ever more rarely', async () => {
    const { dev, session, script, pass, until, warnings, asked } = await announced();
    const events = heard('registry.failed', 'registry.recovered');
    await dev.kill();
    await pass(1_000);
    warnings.length = 0;
    script((path) => (path.endsWith('/publish') ? refusal('not now') : success));
    await dev.start();
    await pass(60_000);
    expect(session.share).toBe(1);
    const failures = events.filter(([name, { service }]) => name === 'registry.failed' && service === PEOPLE);
    expect(failures.length).toBeGreaterThan(10);
    expect(failures[0][1]).toMatchObject({
      registry: 'the sidecar at sidecar:13330',
      operation: 'publish',
      failures: 1,
      reason: expect.stringMatching(/not now/),
    });
    const tries = asked().filter((line) => line === `publish ${PEOPLE}`);
    expect(tries).toHaveLength(failures.length);
    expect(warnings.length).toBeGreaterThan(2);
    expect(warnings.length).toBeLessThanOrEqual(2 * (1 + Math.log2(failures.length)));
    expect(warnings[0]).toMatch(/cannot announce com\.acme\..*not now.*tried again in \d+ ms \(failure 1\)/);
    expect(session.status().published[0]).toMatchObject({
      announced: false,
      failure: expect.stringMatching(/not now/),
    });
    script(undefined);
    await until(() => dev.published.length === 2, 5_100);
    expect(events.filter(([name]) => name === 'registry.recovered')).toHaveLength(2);
    expect(session.status().published).toMatchObject([
      { announced: true, failure: undefined },
      { announced: true, failure: undefined },
    ]);
  });
});

describe('a sidecar without its API', () => {
  test('stays ready, keeps its endpoints and is told the rest when the API is back', async () => {
    const { dev, session, pass, until, people, withdrawn, warnings } = await announced();
    await dev.apiUp(false);
    const orders = session.subscribe(ORDERS);
    await orders.ready();
    expect(orders.endpoint).toBeUndefined();
    await expect(withdrawn[0]()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await pass(30_000);
    expect([session.state, session.share]).toEqual(['ready', 1]);
    expect(people.endpoint?.address).toBe(dev.egress);
    expect(session.status().subscribed[1]).toMatchObject({
      service: ORDERS,
      endpoint: undefined,
      failure: expect.stringMatching(/cannot reach the mesh API/),
    });
    expect(warnings.length).toBeLessThanOrEqual(8);
    await dev.apiUp(true);
    await until(() => orders.endpoint !== undefined && dev.published.length === 1, 5_100);
    expect(dev.published).toMatchObject([{ service: ORDERS }]);
  });

  test('many subscriptions that fail for one reason are one line', async () => {
    const { dev, session, ready, pass, warnings } = await rig();
    await ready();
    await dev.apiUp(false);
    for (let i = 0; i < 50; i++) session.subscribe(`com.acme.Service${i}:1.0`);
    await pass(10);
    expect(warnings).toEqual([expect.stringMatching(/cannot subscribe com.acme.Service0:1.0/)]);
  });

  test('an API that has forgotten the application is told everything again, in order', async () => {
    const { session, script, until, asked, pass } = await announced();
    let knowsUs = false;
    script((path) => {
      if (path.endsWith('application')) knowsUs = true;
      return knowsUs ? success : refusal(NOT_STARTED);
    });
    const before = asked().length;
    session.subscribe(ORDERS);
    await until(() => asked().length >= before + 6, 1_000);
    await pass(5_000);
    expect(asked().slice(before)).toEqual([`subscribe ${ORDERS}`, ...EVERYTHING, `subscribe ${ORDERS}`]);
    expect(session.status().published).toMatchObject([{ announced: true }, { announced: true }]);
    expect(session.share).toBe(1);
  });

  test('one that forgets it all the time is not hammered', async () => {
    const { session, script, asked, pass } = await announced();
    script((path) => (path.endsWith('application') ? success : refusal(NOT_STARTED)));
    const before = asked().length;
    session.subscribe(ORDERS);
    await pass(20_000);
    const requests = asked().slice(before);
    expect(requests.filter((line) => line === 'application').length).toBeLessThanOrEqual(21);
    expect(requests.length).toBeLessThan(200);
  });
});
