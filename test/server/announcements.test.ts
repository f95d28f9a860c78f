import { describe, expect, onTestFinished, test } from 'vitest';
import { Announcements } from '../../src/server/announcements.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { heard } from '../support/events.js';
import { watched } from '../support/network.js';
import { FakePublisher } from './fake-publisher.js';

const SERVICE = 'com.acme.PersonService:1.0';
const OTHER = 'com.acme.Other:1.0';
const announced = (service = SERVICE) => ({ service, attributes: { weight: '7' } });

function setUp() {
  const clock = new FakeClock();
  const publisher = new FakePublisher();
  const warnings: string[] = [];
  const tried: boolean[] = [];
  let host = '10.0.0.1';
  const announcements: Announcements = new Announcements({
    registry: 'zookeeper://zk:2181',
    publisher,
    clock,
    random: seededRandom(1),
    warn: (text) => warnings.push(text),
    whereabouts: async () => ({ host, port: 12200 }),
    onTried: () => tried.push(announcements.has(SERVICE)),
  });
  const failures = heard('registry.failed');
  const recoveries = heard('registry.recovered');
  const failed = () => failures.map(([, message]) => message);
  const recovered = () => recoveries.map(([, message]) => message);
  const moveTo = (other: string) => {
    host = other;
  };
  return { clock, publisher, warnings, announcements, failed, recovered, moveTo, tried };
}

describe('announcing', () => {
  test('tells the registry the address and the attributes, and nobody of a success', async () => {
    const { announcements, publisher, failed, recovered, warnings } = setUp();
    expect(announcements.has(SERVICE)).toBe(false);
    await announcements.add([announced()]);
    expect(publisher.listed.get(SERVICE)).toEqual({
      host: '10.0.0.1',
      port: 12200,
      address: '10.0.0.1:12200',
      attributes: { weight: '7' },
    });
    expect(announcements.has(SERVICE)).toBe(true);
    expect(announcements.missing(SERVICE)).toBeUndefined();
    expect([failed(), recovered(), warnings]).toEqual([[], [], []]);
  });

  test('a registry that is down is tried again, with backoff and by chance; each failure is an event, and a warning ever more rarely', async () => {
    const { clock, announcements, publisher, failed, recovered, warnings } = setUp();
    publisher.down = new Error('connect ECONNREFUSED');
    await announcements.add([announced()]);
    await clock.advance(120_000);
    expect(failed().length).toBeGreaterThan(8);
    expect(failed()[0]).toMatchObject({
      registry: 'zookeeper://zk:2181',
      service: SERVICE,
      operation: 'publish',
      reason: 'connect ECONNREFUSED',
      failures: 1,
    });
    const waits = failed().map(({ retryInMs }) => retryInMs);
    for (const [i, wait] of waits.entries()) {
      const full = Math.min(200 * 2 ** i, 5_000);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
    }
    expect(new Set(waits).size).toBeGreaterThan(5);
    expect(publisher.asked).toHaveLength(failed().length);
    expect(warnings).toHaveLength(1 + Math.floor(Math.log2(failed().length)));
    expect(warnings[0]).toMatch(
      /cannot announce com.acme.PersonService:1.0 at zookeeper:.*ECONNREFUSED.*again in/,
    );
    expect(announcements.missing(SERVICE)).toContain('ECONNREFUSED');
    publisher.down = undefined;
    await clock.advance(30_000);
    expect(publisher.listed.has(SERVICE)).toBe(true);
    expect(recovered()).toEqual([
      { registry: 'zookeeper://zk:2181', service: SERVICE, operation: 'publish' },
    ]);
    const asked = publisher.asked.length;
    await clock.advance(120_000);
    expect(publisher.asked).toHaveLength(asked);
  });

  test('after a recovery the next failure begins anew', async () => {
    const { clock, announcements, publisher, failed } = setUp();
    publisher.down = new Error('down');
    await announcements.add([announced()]);
    await clock.advance(60_000);
    publisher.down = undefined;
    await clock.advance(30_000);
    publisher.down = new Error('down again');
    await announcements.add([announced(OTHER)]);
    expect(failed().at(-1)).toMatchObject({ service: OTHER, failures: 1 });
  });

  test('several services are one warning a try, and an event each', async () => {
    const { announcements, publisher, failed, warnings } = setUp();
    publisher.down = new Error('down');
    await announcements.add([announced(), announced(OTHER)]);
    expect(failed().map(({ service }) => service)).toEqual([SERVICE, OTHER]);
    expect(warnings).toEqual([expect.stringContaining('and 1 more')]);
  });

  test('a service that is added while others wait for the next try is tried at once', async () => {
    const { announcements, publisher } = setUp();
    publisher.down = new Error('down');
    await announcements.add([announced()]);
    publisher.down = undefined;
    await announcements.add([announced(OTHER)]);
    expect([...publisher.listed.keys()].sort()).toEqual([OTHER, SERVICE]);
  });

  test('a service is not announced twice while its first try is still on its way', async () => {
    const { announcements, publisher } = setUp();
    publisher.mute = true;
    void announcements.add([announced()]);
    await settled();
    publisher.mute = false;
    await announcements.add([announced(OTHER)]);
    expect(publisher.asked).toEqual([`publish ${SERVICE}`, `publish ${OTHER}`]);
    expect(announcements.missing(SERVICE)).toContain('has not answered');
  });

  test('where this server is reached is asked for every try', async () => {
    const { clock, announcements, publisher, moveTo } = setUp();
    publisher.down = new Error('no network yet');
    await announcements.add([announced()]);
    publisher.down = undefined;
    moveTo('10.9.9.9');
    await clock.advance(1_000);
    expect(publisher.listed.get(SERVICE)?.host).toBe('10.9.9.9');
  });

  test('any number of services may listen to the end', async () => {
    const { announcements, publisher } = setUp();
    const leaks: Error[] = [];
    const onWarning = (warning: Error) => leaks.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    publisher.publish = async (_service, _self, signal) => {
      signal.addEventListener('abort', () => undefined);
      return async () => undefined;
    };
    await announcements.add(Array.from({ length: 12 }, (_, i) => announced(`com.acme.Many${i}:1.0`)));
    await settled();
    expect(leaks).toEqual([]);
  });

  test('a publisher that throws at once, or returns nothing to withdraw with, has failed', async () => {
    const { announcements, publisher, failed } = setUp();
    publisher.publish = () => {
      throw new Error('broken');
    };
    await announcements.add([announced()]);
    publisher.publish = async () => undefined as never;
    await announcements.add([announced(OTHER)]);
    expect(failed().map(({ reason }) => reason)).toEqual([
      'broken',
      'its publish() did not resolve to a function',
      'its publish() did not resolve to a function',
    ]);
  });
});

describe('withdrawing', () => {
  test('resolves when the registry has confirmed it', async () => {
    const { announcements, publisher, clock } = setUp();
    await announcements.add([announced(), announced(OTHER)]);
    await announcements.withdraw(1_000);
    expect([...publisher.listed]).toEqual([]);
    expect(announcements.has(SERVICE)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('waits for a registry that does not answer for a while, and says what that means', async () => {
    const { announcements, publisher, clock, warnings } = setUp();
    await announcements.add([announced()]);
    publisher.mute = true;
    const withdrawing = watched(announcements.withdraw(1_000));
    await clock.advance(999);
    expect(withdrawing.state).toBe('pending');
    await clock.advance(1);
    expect(withdrawing.state).toBe('resolved');
    expect(warnings).toEqual([
      expect.stringMatching(/did not confirm within 1000 ms.*until the registry drops it/),
    ]);
  });

  test('one that fails is a warning', async () => {
    const { announcements, publisher, warnings } = setUp();
    await announcements.add([announced()]);
    publisher.down = new Error('session expired');
    await announcements.withdraw(1_000);
    expect(warnings).toEqual([
      expect.stringMatching(/cannot withdraw com.acme.PersonService:1.0 .*session expired/),
    ]);
  });

  test('ends the tries', async () => {
    const { announcements, publisher, clock } = setUp();
    publisher.down = new Error('down');
    await announcements.add([announced()]);
    await announcements.withdraw(1_000);
    expect(clock.pendingTimers).toBe(0);
    await announcements.add([announced(OTHER)]);
    await clock.advance(60_000);
    expect(publisher.asked).toEqual([`publish ${SERVICE}`]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('takes back what a try that was on its way announces afterwards', async () => {
    const { announcements, publisher } = setUp();
    let answer!: (withdraw: () => Promise<void>) => void;
    let withdrawn = 0;
    publisher.publish = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    void announcements.add([announced()]);
    await settled();
    const withdrawing = watched(announcements.withdraw(1_000));
    await settled();
    expect(withdrawing.state).toBe('pending');
    answer(async () => {
      withdrawn++;
    });
    await settled();
    expect([withdrawn, withdrawing.state]).toEqual([1, 'resolved']);
  });
});
