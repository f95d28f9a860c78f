import { expect, onTestFinished, test } from 'vitest';
import { Deferred } from '../../src/core/deferred.js';
import type { Endpoint } from '../../src/core/endpoint.js';
import type { Publisher } from '../../src/discovery/resolver.js';
import { Sidecar } from '../../src/mesh/sidecar.js';
import { Announcing } from '../../src/server/announcing.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { DevRegistry } from '../../src/testing/dev-registry.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { FakeName } from './fake-name.js';

const PEOPLE = 'com.acme.PersonService:1.0';
const AT = { host: '10.0.0.1', port: 12_200 };

/** A registry in which each process has a session of its own: what it announced goes when that ends. */
class Sessions {
  readonly registry = new DevRegistry();
  /** Every number of entries that was there, one after the other. */
  readonly counts: number[] = [];
  down: Error | undefined;
  /** What is withdrawn waits for this. */
  gate: Promise<void> | undefined;

  constructor() {
    void this.count();
  }

  private async count(): Promise<void> {
    const { signal } = new AbortController();
    for await (const { length } of this.registry.watch(PEOPLE, signal)) this.counts.push(length);
  }

  get listed(): string[] {
    return this.registry.endpoints(PEOPLE).map(({ address }) => address);
  }

  session(): { publisher: Publisher; end: () => void } {
    const ended = new AbortController();
    const publish = async (service: string, self: Endpoint) => {
      if (this.down) throw this.down;
      const withdraw = await this.registry.publish(service, self, ended.signal);
      return async () => {
        await this.gate;
        await withdraw();
      };
    };
    return {
      publisher: { publish: async (service, self) => publish(service, self) },
      end: () => ended.abort(),
    };
  }
}

function machine() {
  const clock = new FakeClock(1_700_000_000_000);
  const name = new FakeName();
  const sessions = new Sessions();
  const warnings: string[] = [];
  let count = 0;
  const worker = (options: Partial<MeshServerOptions> = {}) => {
    const random = seededRandom(++count);
    const process = name.process();
    const { publisher, end } = sessions.session();
    const announcing = new Announcing(
      { app: 'people', mode: 'direct', registry: publisher, ...options },
      { clock, random, warn: (text) => warnings.push(text), meeting: () => process },
    );
    const { announcer } = announcing;
    announcer.add({ id: PEOPLE, serialization: 'hessian2' });
    let isStarted = false;
    const start = () => announcer.start(AT).then(() => (isStarted = true));
    const kill = () => {
      process.kill();
      // The registry notices only when the session expires.
      clock.schedule(end, 30_000);
    };
    return { announcer, process, start, kill, end, isStarted: () => isStarted };
  };
  onTestFinished(() => clock.advance(60_000));
  return { clock, name, sessions, warnings, worker };
}

const isReady = ({ announcer }: { announcer: Announcing['announcer'] }) => announcer.missing().length === 0;

test('of processes that share a port one announces, and all of them are ready when it has', async () => {
  const { worker, sessions, clock } = machine();
  const workers = [worker(), worker(), worker(), worker()];
  for (const one of workers) void one.start();
  await clock.advance(1_000);
  expect(sessions.listed).toEqual(['10.0.0.1:12200']);
  expect(workers.map(isReady)).toEqual([true, true, true, true]);
  expect(workers.map(({ isStarted }) => isStarted())).toEqual([true, true, true, true]);
  expect(workers[1].announcer.states()).toEqual([{ id: PEOPLE, announced: true }]);
  const reasons = workers.map(({ announcer }) => announcer.whereabouts().reason);
  expect(
    reasons.filter((reason) => /process \d+ announces for all that share this port/.test(reason)),
  ).toHaveLength(3);
  await clock.advance(600_000);
  expect(new Set(sessions.counts)).toEqual(new Set([0, 1]));
});

test('the one that announces is killed: another one does so at once, long before the session of the dead one expires', async () => {
  const { worker, sessions, clock } = machine();
  const [first, second] = [worker(), worker()];
  await first.start();
  await second.start();
  first.kill();
  await settled();
  await clock.advance(50);
  expect(sessions.listed).toEqual(['10.0.0.1:12200', '10.0.0.1:12200']);
  await clock.advance(30_000);
  expect(sessions.listed).toEqual(['10.0.0.1:12200']);
  expect(sessions.counts.slice(1)).not.toContain(0);
  expect(isReady(second)).toBe(true);
});

test('the one that announces stops: it waits until another one has announced', async () => {
  const { worker, sessions, clock } = machine();
  const workers = [worker(), worker(), worker()];
  for (const one of workers) await one.start();
  for (const one of workers.slice(0, 2)) {
    const stopped = one.announcer.withdraw();
    await clock.advance(2_000);
    await stopped;
    expect(sessions.listed).toEqual(['10.0.0.1:12200']);
  }
  expect(sessions.counts.slice(1)).not.toContain(0);
  expect(Math.max(...sessions.counts)).toBe(2);
  await workers[2].announcer.withdraw();
  expect(sessions.listed).toEqual([]);
});

test('one that stands by stops and changes nothing', async () => {
  const { worker, sessions, clock } = machine();
  const [first, second] = [worker(), worker()];
  await first.start();
  await second.start();
  await second.announcer.withdraw();
  await clock.advance(60_000);
  expect(sessions.listed).toEqual(['10.0.0.1:12200']);
  await first.announcer.withdraw();
  expect(sessions.counts).toEqual([0, 1, 0]);
});

test('one that comes while the last one leaves announces when that has gone, so that it is not taken along', async () => {
  const { worker, sessions, clock } = machine();
  const first = worker();
  await first.start();
  const gate = new Deferred();
  sessions.gate = gate.promise;
  const leaving = first.announcer.withdraw();
  const late = worker();
  void late.start();
  await clock.advance(500);
  expect(sessions.listed).toHaveLength(1);
  expect(isReady(late)).toBe(false);
  gate.resolve();
  await leaving;
  await clock.advance(500);
  expect(sessions.listed).toHaveLength(1);
  expect(isReady(late)).toBe(true);
});

test('all stop at once and one comes meanwhile: it announces when the last one has gone, so that it is not taken along', async () => {
  const { worker, sessions, clock } = machine();
  const [first, second] = [worker(), worker()];
  await first.start();
  await second.start();
  const gate = new Deferred();
  sessions.gate = gate.promise;
  const leaving = [first, second].map(({ announcer }) => announcer.withdraw());
  await clock.advance(100);
  const late = worker();
  void late.start();
  await clock.advance(500);
  expect(sessions.listed).toHaveLength(1);
  expect(isReady(late)).toBe(false);
  gate.resolve();
  await Promise.all(leaving);
  await clock.advance(500);
  expect(sessions.listed).toHaveLength(1);
  expect(isReady(late)).toBe(true);
});

test('a registry that is down makes none of them ready; all are when it is back', async () => {
  const { worker, sessions, clock } = machine();
  sessions.down = new Error('connection refused');
  const workers = [worker(), worker()];
  for (const one of workers) void one.start();
  await clock.advance(2_000);
  expect(workers.map(isReady)).toEqual([false, false]);
  for (const { announcer } of workers) expect(announcer.missing()[0]).toContain('connection refused');
  await clock.advance(1_000);
  expect(workers.map(({ isStarted }) => isStarted())).toEqual([true, true]);
  sessions.down = undefined;
  await clock.advance(10_000);
  expect(workers.map(isReady)).toEqual([true, true]);
});

test('a leader that is announced nowhere hands over in two seconds, whatever the others come to', async () => {
  const { worker, sessions, clock } = machine();
  sessions.down = new Error('connection refused');
  const [first, second] = [worker(), worker()];
  void first.start();
  void second.start();
  await clock.advance(5_000);
  let isOver = false;
  void first.announcer.withdraw().then(() => (isOver = true));
  await clock.advance(2_100);
  expect(isOver).toBe(true);
});

test('while the leader stands still the others announce, too, and no longer when it goes on', async () => {
  const { worker, sessions, clock, name } = machine();
  const [first, second] = [worker(), worker()];
  await first.start();
  await second.start();
  expect(name.isHeld).toBe(true);
  first.process.freeze();
  first.end();
  await settled();
  expect(sessions.listed).toEqual([]);
  await clock.advance(5_000);
  expect(sessions.listed).toEqual(['10.0.0.1:12200']);
  expect(isReady(second)).toBe(true);
  first.process.thaw();
  await clock.advance(2_000);
  expect(sessions.listed).toEqual([]);
  expect(second.announcer.whereabouts().reason).toContain('announces for all');
});

test('where there are no such names each announces by itself, and says so', async () => {
  const { worker, sessions, name, warnings } = machine();
  name.isMissing = true;
  await Promise.all([worker().start(), worker().start()]);
  expect(sessions.listed).toHaveLength(2);
  expect(warnings).toEqual([
    expect.stringContaining('cannot agree on which of them announces it: listen EACCES'),
    expect.stringContaining('each does so by itself'),
  ]);
});

test('a process that holds the name and is no worker keeps nobody from announcing for long', async () => {
  const { worker, sessions, clock, name } = machine();
  const stranger = name.process();
  await stranger.hold((stream) => stream.end('GET / HTTP/1.1\n'));
  const one = worker();
  void one.start();
  await clock.advance(4_900);
  expect(isReady(one)).toBe(false);
  await clock.advance(200);
  expect(isReady(one)).toBe(true);
  expect(sessions.listed).toEqual(['10.0.0.1:12200']);
  stranger.kill();
  await clock.advance(1_000);
  expect(sessions.listed).toEqual(['10.0.0.1:12200']);
});

/** Lets time pass, a little at a time, with the answers that come in it. */
const passing = (clock: FakeClock) => async (ms: number) => {
  for (let left = ms; left > 0; left -= 20) {
    await clock.advance(20);
    await settled();
    await settled();
  }
};

test('one that announced because the name is in the wrong hands takes that back from the sidecar itself', async () => {
  const { worker, clock, name } = machine();
  const dev = await DevSidecar.start({ memory: true, clock });
  const { api, egress, connect } = dev;
  const sidecar = new Sidecar({ app: 'people', api, egress, connect, clock, env: {} });
  await name.process().hold((stream) => stream.end('GET / HTTP/1.1\n'));
  const one = worker({ mode: 'mesh', registry: undefined, sidecar });
  const pass = passing(clock);
  void one.start();
  await pass(6_500);
  expect(dev.published).toMatchObject([{ service: PEOPLE }]);
  void one.announcer.withdraw();
  await pass(1_000);
  expect(dev.published).toEqual([]);
  await dev.close();
});

test('at the sidecar, which knows one announcement of a service, it stays while one of them lives', async () => {
  const { worker, clock } = machine();
  const dev = await DevSidecar.start({ memory: true, clock });
  const { api, egress, connect } = dev;
  const logger = { warn: () => undefined };
  const sessionOf = () => new Sidecar({ app: 'people', api, egress, connect, clock, logger, env: {} });
  const pass = passing(clock);
  const workers = [1, 2, 3].map(() => worker({ mode: 'mesh', registry: undefined, sidecar: sessionOf() }));
  for (const one of workers) void one.start();
  await pass(1_500);
  const published = () => dev.requests.filter(({ path }) => path.endsWith('/publish')).length;
  const unpublished = () => dev.requests.filter(({ path }) => path.endsWith('/unpublish')).length;
  expect([published(), unpublished()]).toEqual([1, 0]);
  expect(workers.map(isReady)).toEqual([true, true, true]);

  const leader = workers.findIndex(({ announcer }) => !announcer.whereabouts().reason.includes('for all'));
  const [gone] = workers.splice(leader, 1);
  void gone.announcer.withdraw();
  await pass(1_500);
  expect(dev.published).toMatchObject([{ service: PEOPLE, port: 12_200 }]);
  expect([published(), unpublished()]).toEqual([2, 0]);

  const next = workers.findIndex(({ announcer }) => !announcer.whereabouts().reason.includes('for all'));
  const [killed] = workers.splice(next, 1);
  killed.process.kill();
  await pass(1_500);
  expect([published(), unpublished()]).toEqual([3, 0]);

  // A sidecar that was restarted is told by who leads, once.
  await dev.kill();
  await pass(500);
  await dev.start();
  await pass(3_000);
  expect(dev.published).toMatchObject([{ service: PEOPLE }]);

  void workers[0].announcer.withdraw();
  await pass(1_000);
  expect(dev.published).toEqual([]);
  await dev.close();
});
