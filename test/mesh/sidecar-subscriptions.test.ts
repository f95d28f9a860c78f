import { describe, expect, test } from 'vitest';
import { hangs, ORDERS, PEOPLE, rig, success } from './session-rig.js';

const datas = (...list: string[]) => JSON.stringify({ success: true, errorMessage: '', datas: list });

describe('counting', () => {
  test('two subscriptions of a service are one at the sidecar, until the last is released', async () => {
    const { session, dev, pass, asked } = await rig();
    const first = session.subscribe(PEOPLE);
    const second = session.subscribe(PEOPLE);
    await Promise.all([first.ready(), second.ready()]);
    session.subscribe(PEOPLE).release();
    await pass(10);
    expect(asked()).toEqual(['application', `subscribe ${PEOPLE}`]);
    first.release();
    first.release();
    await pass(100);
    expect(dev.subscribed).toEqual([PEOPLE]);
    expect([first.endpoint, second.endpoint?.address]).toEqual([undefined, dev.egress]);
    second.release();
    await pass(100);
    expect(dev.subscribed).toEqual([]);
    expect(asked().filter((line) => line.startsWith('unsubscribe'))).toHaveLength(1);
    expect(session.status().subscribed).toEqual([]);
  });

  test('released and subscribed again in one breath: the last word counts', async () => {
    const { session, dev, ready, pass } = await rig();
    await ready();
    session.subscribe(PEOPLE).release();
    const again = session.subscribe(PEOPLE);
    await again.ready();
    again.release();
    const last = session.subscribe(PEOPLE);
    session.subscribe(ORDERS).release();
    await pass(100);
    expect(dev.subscribed).toEqual([PEOPLE]);
    expect(last.endpoint?.address).toBe(dev.egress);
    expect(session.status().subscribed).toMatchObject([{ service: PEOPLE, users: 1 }]);
  });

  test('what is subscribed while the sidecar is lost is asked for when it is back', async () => {
    const { session, dev, ready, pass, until } = await rig();
    await ready();
    await dev.kill();
    await pass(500);
    const people = session.subscribe(PEOPLE);
    await people.ready();
    expect(people.endpoint).toBeUndefined();
    await dev.start();
    await until(() => people.endpoint !== undefined, 5_000);
  });
});

describe('ready()', () => {
  test('waits for the first decision and then for the answer', async () => {
    const { session } = await rig();
    const people = session.subscribe(PEOPLE);
    expect(people.endpoint).toBeUndefined();
    await people.ready();
    expect(people.endpoint?.address).toBe('sidecar:12220');
    expect(people.endpoint?.attributes).toMatchObject({ v: '4.0' });
  });

  test('ends when the sidecar is lost meanwhile', async () => {
    const { session, ready, script, pass } = await rig();
    await ready();
    script(hangs);
    const people = session.subscribe(PEOPLE);
    let isReady = false;
    const waited = people.ready().then(() => {
      isReady = true;
    });
    await pass(1_000);
    expect(isReady).toBe(false);
    session.report({ kind: 'connection-lost', reason: 'gone' });
    await waited;
    expect(people.endpoint).toBeUndefined();
  });

  test('ends when the sidecar did not take it; a later try that succeeds is told', async () => {
    const { session, ready, script, until } = await rig();
    await ready();
    script((path) => (path.endsWith('/subscribe') ? '{"success":false,"errorMessage":"busy"}' : success));
    const people = session.subscribe(PEOPLE);
    await people.ready();
    expect(people.endpoint).toBeUndefined();
    let told = 0;
    session.onChange(() => told++);
    script(undefined);
    await until(() => people.endpoint !== undefined, 1_000);
    expect(told).toBeGreaterThan(0);
  });

  test('a release ends nobody else', async () => {
    const { session } = await rig();
    const one = session.subscribe(PEOPLE);
    const other = session.subscribe(PEOPLE);
    one.release();
    await Promise.all([one.ready(), other.ready()]);
    expect(other.endpoint?.address).toBe('sidecar:12220');
  });
});

test('what a lost sidecar answers late does not count', async () => {
  const { session, ready, script, until, pass } = await rig();
  await ready();
  const answers: ((text: string) => void)[] = [];
  script((path) => (path.endsWith('/subscribe') ? new Promise((resolve) => answers.push(resolve)) : success));
  const [people, orders] = [session.subscribe(PEOPLE), session.subscribe(ORDERS)];
  await until(() => answers.length === 2, 100);
  session.report({ kind: 'connection-lost', reason: 'it hung' });
  await until(() => answers.length === 4, 1_000);
  answers[0](datas('sidecar:1'));
  answers[1]('nonsense');
  await pass(20);
  expect([people.endpoint, orders.endpoint]).toEqual([undefined, undefined]);
  answers[2](datas('sidecar:3'));
  answers[3](datas('sidecar:4'));
  await pass(20);
  expect([people.endpoint?.port, orders.endpoint?.port]).toEqual([3, 4]);
  expect(session.status().subscribed).toMatchObject([{ failure: undefined }, { failure: undefined }]);
});

describe('where calls go', () => {
  test('to the egress, where the sidecar knows no provider yet', async () => {
    const { session, until } = await rig();
    const nobody = session.subscribe('com.acme.Nobody:1.0');
    await until(() => nobody.endpoint !== undefined, 100);
    expect(nobody.endpoint?.address).toBe('sidecar:12220');
  });

  test('past no sidecar: an address of another machine is not used, and the reasons say so', async () => {
    const { session, ready, script } = await rig();
    await ready();
    script(() => datas('203.0.113.9:12200?p=1'));
    const people = session.subscribe(PEOPLE);
    await people.ready();
    expect(people.endpoint?.address).toBe('sidecar:12220');
    expect(session.reasons.at(-1)).toMatch(
      /asked for com.acme.PersonService:1.0, it gave 203.0.113.9:12200.*not the sidecar's: sidecar:12220 is used/,
    );
    people.release();
    script(() => datas('sidecar:12999?p=1'));
    const orders = session.subscribe(ORDERS);
    await orders.ready();
    expect(orders.endpoint?.address).toBe('sidecar:12999');
    expect(session.reasons.join()).not.toMatch(/203/);
  });
});

describe('a service that the sidecar does not know', () => {
  test('is subscribed again, and keeps its endpoint meanwhile', async () => {
    const { session, dev, pass, asked, ready } = await rig();
    await ready();
    const people = session.subscribe(PEOPLE);
    await people.ready();
    const seen: unknown[] = [];
    session.onChange(() => seen.push(people.endpoint?.address));
    session.report({ kind: 'no-processor', service: PEOPLE });
    await pass(10);
    expect(asked()).toEqual(['application', `subscribe ${PEOPLE}`, `subscribe ${PEOPLE}`]);
    expect(new Set([...seen, people.endpoint?.address])).toEqual(new Set([dev.egress]));
    expect(session.share).toBe(1);
  });

  test('at most once a second, and ever more rarely, to 30 s; a minute later it counts as something new', async () => {
    const { session, pass, asked, ready, clock } = await rig();
    await ready();
    await session.subscribe(PEOPLE).ready();
    const at: number[] = [];
    for (let before = asked().length; clock.now() < 180_000; ) {
      session.report({ kind: 'no-processor', service: PEOPLE });
      await pass(50);
      if (asked().length > before) at.push(clock.now());
      before = asked().length;
    }
    const gaps = at.slice(1).map((time, i) => time - at[i]);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    expect(gaps[0]).toBeLessThanOrEqual(2_100);
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30_100);
    await clock.advance(61_000);
    const before = asked().length;
    for (let i = 0; i < 50; i++) {
      session.report({ kind: 'no-processor', service: PEOPLE });
      await pass(50);
    }
    expect(asked().length - before).toBeGreaterThanOrEqual(2);
  });

  test('nobody has subscribed, or at a sidecar that is gone: nothing is asked', async () => {
    const { session, pass, asked, ready, dev } = await rig();
    await ready();
    session.report({ kind: 'no-processor', service: PEOPLE });
    await pass(10);
    expect(asked()).toEqual(['application']);
    session.subscribe(PEOPLE);
    await dev.kill();
    await pass(10);
    session.report({ kind: 'no-processor', service: PEOPLE });
    await pass(10);
    expect(session.state).toBe('lost');
  });
});
