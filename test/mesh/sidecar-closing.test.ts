import { describe, expect, test } from 'vitest';
import { hangs, ORDERS, PEOPLE, rig } from './session-rig.js';

describe('close()', () => {
  test('unpublishes and unsubscribes everything, closes every stream and ends its timers', async () => {
    const { session, dev, ready, publish, open, clock, asked, warnings, pass } = await rig();
    await ready();
    await publish();
    const people = session.subscribe(PEOPLE);
    await people.ready();
    await session.close();
    expect([dev.published, dev.subscribed]).toEqual([[], []]);
    expect(asked().slice(-2)).toEqual([`unpublish ${PEOPLE}`, `unsubscribe ${PEOPLE}`]);
    await pass(10);
    expect(open()).toBe(0);
    await clock.advance(1_000);
    expect(clock.pendingTimers).toBe(0);
    expect(warnings).toEqual([]);
    expect([session.state, session.share, session.admits(), people.endpoint]).toEqual([
      'absent',
      0,
      false,
      undefined,
    ]);
    expect(session.healthReason).toMatch(/closed/);
  });

  test('takes a second at most where the API hangs, and says what that means', async () => {
    const { session, ready, publish, script, open, clock, pass, warnings } = await rig();
    await ready();
    await publish();
    script(hangs);
    const orders = session.subscribe(ORDERS);
    let isClosed = false;
    void session.close().then(() => {
      isClosed = true;
    });
    await pass(900);
    expect(isClosed).toBe(false);
    await pass(110);
    expect(isClosed).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/did not confirm within 1000 ms/)]);
    await pass(10);
    expect(open()).toBe(0);
    expect(orders.endpoint).toBeUndefined();
    // What is left is the watch over the sentinel, which sees that there is nothing to watch any more.
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
    await clock.advance(1_000);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['never started', 'looking', 'absent', 'lost', 'leaving', 'recovering', 'API down'])(
    'ends at once and for good: %s',
    async (when) => {
      const { session, dev, ready, publish, clock, pass, until, open, script } = await rig({
        isAbsent: when === 'absent',
      });
      if (when === 'looking') {
        script(hangs);
        session.start();
        await pass(100);
      } else if (when === 'absent') {
        session.start();
        await session.decided();
      } else if (when !== 'never started') {
        await ready();
        await publish();
        await session.subscribe(PEOPLE).ready();
        await pass(6_000);
        if (when === 'lost') await dev.kill();
        if (when === 'recovering') session.report({ kind: 'connection-lost', reason: 'x' });
        if (when === 'leaving') session.report({ kind: 'go-away', reason: 'x' });
        if (when === 'API down') {
          await dev.apiUp(false);
          await session.subscribe(ORDERS).ready();
        }
        if (when === 'recovering') await until(() => session.share > 0, 5_000);
        await pass(10);
      }
      const from = clock.now();
      const closed = session.close();
      await until(() => session.healthReason.includes('closed'), 1_000);
      await closed;
      expect(clock.now() - from).toBeLessThan(100);
      await session.decided();
      await pass(10);
      expect(open()).toBe(0);
      expect(clock.pendingTimers).toBeLessThanOrEqual(1);
      await clock.advance(1_000);
      expect(clock.pendingTimers).toBe(0);
      await clock.advance(3_600_000);
      expect([session.state, open()]).toEqual(['absent', 0]);
    },
  );

  test('more than once is once', async () => {
    const { session, ready, asked, publish } = await rig();
    await ready();
    await publish();
    const closing = session.close();
    expect(session.close()).toBe(closing);
    await closing;
    await session[Symbol.asyncDispose]();
    expect(asked().filter((line) => line.startsWith('unpublish'))).toHaveLength(1);
  });
});

test('whoever uses it after that, or while it closes, does no harm and finds no sidecar', async () => {
  const { session, ready, publish, opened, pass, script, dev } = await rig();
  await ready();
  const withdraw = await publish();
  const people = session.subscribe(PEOPLE);
  await people.ready();
  const closing = session.close();
  const late = session.subscribe(ORDERS);
  await late.ready();
  expect(late.endpoint).toBeUndefined();
  await expect(publish(ORDERS)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await closing;
  const streams = opened.length;
  script(undefined);
  session.start();
  await session.decided();
  const later = session.subscribe(PEOPLE);
  await later.ready();
  expect(later.endpoint).toBeUndefined();
  later.release();
  people.release();
  await withdraw();
  await expect(publish()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  session.report({ kind: 'connection-lost', reason: 'x' });
  session.report({ kind: 'go-away', reason: 'x' });
  session.report({ kind: 'no-processor', service: PEOPLE });
  await pass(10_000);
  expect(opened).toHaveLength(streams);
  expect(dev.subscribed).toEqual([]);
  expect(session.status()).toMatchObject({ state: 'absent', published: [], subscribed: [] });
});

test('a session that two share goes on when one of them is done', async () => {
  const { session, dev, ready, publish, pass } = await rig();
  await ready();
  const [mine, theirs] = [session.subscribe(PEOPLE), session.subscribe(PEOPLE)];
  const withdraw = await publish(ORDERS);
  await publish(PEOPLE);
  await mine.ready();
  mine.release();
  await withdraw();
  await pass(100);
  expect(theirs.endpoint?.address).toBe(dev.egress);
  expect(dev.published.map(({ service }) => service)).toEqual([PEOPLE]);
});
