import { expect, test, vi } from 'vitest';
import type { Call } from '../../src/core/call.js';
import { endpointOf } from '../../src/core/endpoint.js';
import { MeshError } from '../../src/core/errors.js';
import { MigrationEmitter } from '../../src/mesh/migration-events.js';
import { MigrationPolicy } from '../../src/mesh/migration-policy.js';
import type { ServiceRule } from '../../src/mesh/policy-document.js';
import { ServiceMigration } from '../../src/mesh/service-migration.js';
import type { Sidecar } from '../../src/mesh/sidecar.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';

const SERVICE = 'com.acme.PersonService:1.0';

function setUp(rule: ServiceRule = {}, { state = 'ready', hasDirect = true } = {}) {
  const clock = new FakeClock();
  const sidecar = {
    state,
    share: state === 'ready' ? 1 : 0,
    reasons: ['there is none'],
    healthReason: '',
    decided: () => Promise.resolve(),
    admits: () => true,
    report: vi.fn(),
    subscribe: () => ({ endpoint: endpointOf('127.0.0.1', 12220), ready: () => Promise.resolve() }),
  };
  const migration = new ServiceMigration({
    service: SERVICE,
    sidecar: sidecar as unknown as Sidecar,
    policy: new MigrationPolicy({ services: { [SERVICE]: rule } }),
    mode: 'auto',
    hasDirect,
    clock,
    turnClock: clock,
    random: seededRandom(1),
    events: new MigrationEmitter(() => undefined),
  });
  return { migration, clock, sidecar };
}

const call = (over: Partial<Call> = {}) =>
  ({ service: SERVICE, method: 'find', idempotent: true, oneway: false, deadline: 1_000, ...over }) as Call;
const lost = (sent: boolean) =>
  new MeshError('CONNECTION_LOST', 'it closed', { sent, retry: sent ? 'if-idempotent' : 'safe' });

test.each([
  ['mesh', 'ready', true],
  ['direct', 'absent', false],
])('calls of which nothing is learnt are one object: %s', async (path, state, isFollowed) => {
  const { migration } = setUp({}, { state });
  await migration.decided();
  const started = migration.begin(call());
  expect(started).toMatchObject({ path, isFollowed, comparison: undefined, choice: { path } });
  for (let i = 1; i < 10; i++) expect(migration.begin(call())).toBe(started);
  expect(migration.status().calls).toEqual({ mesh: 0, direct: 0, fallback: 0, [path]: 10 });
});

test('while nothing is decided a call waits, or goes the way that there is', async () => {
  const { migration } = setUp();
  expect(migration.begin(call())).toBeUndefined();
  expect(migration.beginUndecided(call())).toMatchObject({ path: 'direct', isFollowed: false });
  await migration.decided();
  expect(migration.begin(call())?.path).toBe('mesh');
  expect(setUp({}, { hasDirect: false }).migration.beginUndecided(call()).path).toBe('mesh');
});

test('the end of a call through the sidecar is learnt from, and says whether it may go directly', async () => {
  const { migration, clock } = setUp();
  await migration.decided();
  const started = migration.begin(call())!;
  expect(migration.ended(started, call())).toBeUndefined();
  expect(migration.ended(started, call(), { error: lost(false) })).toEqual({
    path: 'fallback',
    reason: 'the sidecar did not take it: CONNECTION_LOST: it closed',
  });
  expect(migration.status().calls).toEqual({ mesh: 0, direct: 0, fallback: 1 });
  expect(migration.ended(started, call({ idempotent: false }), { error: lost(true) })).toBeUndefined();
  await clock.advance(1_000);
  expect(migration.ended(started, call(), { error: lost(false) })).toBeUndefined();
});

test('five failures in a row take the service off the sidecar', async () => {
  const { migration } = setUp();
  await migration.decided();
  for (let i = 0; i < 5; i++) {
    const started = migration.begin(call())!;
    expect(started.path).toBe('mesh');
    migration.ended(started, call(), { error: lost(true) });
  }
  expect(migration.begin(call())?.path).toBe('direct');
});

test('without the fallback a call fails where it failed', async () => {
  const { migration } = setUp({ fallback: 'none' });
  await migration.decided();
  const started = migration.begin(call())!;
  expect(migration.ended(started, call(), { error: lost(false) })).toBeUndefined();
  expect(migration.mayGoDirect).toBe(false);
});

test('for a guard each call has its start, and its end is recorded on its path', async () => {
  const { migration, clock } = setUp({ guard: { p99Ms: 100 } });
  await migration.decided();
  await clock.advance(5);
  const [one, two] = [migration.begin(call())!, migration.begin(call())!];
  expect(one).not.toBe(two);
  expect(one).toMatchObject({ path: 'mesh', startedAt: clock.now(), isFollowed: true });
  await clock.advance(20);
  migration.ended(one, call());
  migration.ended(two, call(), { error: new MeshError('CANCELLED', 'by the caller') });
  expect(migration.status().guard?.mesh.calls).toBe(1);
  expect(migration.status().guard?.mesh.p99Ms).toBeGreaterThanOrEqual(20);
});

test('only the calls that are to be compared know of a comparison', async () => {
  const { migration } = setUp({ compare: { percent: 100 } });
  await migration.decided();
  expect(migration.begin(call())?.comparison).toBeDefined();
  expect(migration.begin(call({ idempotent: false }))?.comparison).toBeUndefined();
  const absent = setUp({ compare: { percent: 100 } }, { state: 'absent' }).migration;
  await absent.decided();
  // The other path is not there.
  expect(absent.begin(call())).toMatchObject({ path: 'direct', comparison: undefined });
});
