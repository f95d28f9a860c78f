import { expect, test } from 'vitest';
import { MigrationPolicy } from '../../src/mesh/migration-policy.js';
import { heard } from '../support/events.js';

const PEOPLE = 'com.acme.PersonService:1.0';
const ORDERS = 'com.acme.OrderService:1.0';
const STOCK = 'com.acme.StockService:1.0';

/** Which of the three services were told something, change by change. */
function toldOf(policy: MigrationPolicy): string[][] {
  const changes: string[][] = [];
  policy.onChange((told) => changes.push([PEOPLE, ORDERS, STOCK].filter(told)));
  return changes;
}

test('without a document every service goes through the sidecar, and falls back', () => {
  const policy = new MigrationPolicy();
  expect(policy.ruleOf(PEOPLE)).toEqual({
    mesh: 100,
    fallback: 'direct',
    guard: undefined,
    compare: undefined,
  });
  expect([policy.mode, policy.document, policy.source]).toEqual([undefined, {}, 'the defaults']);
});

test('a rule has its defaults filled in, down to its guard and comparison, and cannot be changed', () => {
  const policy = new MigrationPolicy({
    mode: 'direct',
    services: { [PEOPLE]: { mesh: 25, guard: { p99Ms: 200 }, compare: { percent: 5 } } },
  });
  const rule = policy.ruleOf(PEOPLE);
  expect(rule).toEqual({
    mesh: 25,
    fallback: 'direct',
    guard: { errorRatio: undefined, p99Ms: 200, minCalls: 200, windowMs: 10_000 },
    compare: { percent: 5, methods: undefined, ignore: [], values: false },
  });
  expect([rule, rule.guard, rule.compare].every(Object.isFrozen)).toBe(true);
  expect([policy.mode, policy.source]).toEqual(['direct', 'code']);
});

test('what a rule says beats each default', () => {
  const said = {
    mesh: 0,
    fallback: 'none',
    guard: { errorRatio: 0, p99Ms: 1, minCalls: 1, windowMs: 100 },
    compare: { percent: 0, methods: ['find'], ignore: ['$.ts'], values: true },
  } as const;
  expect(new MigrationPolicy({ services: { [PEOPLE]: said } }).ruleOf(PEOPLE)).toEqual(said);
});

test('the rule of * is for services without one of their own, which take nothing from it', () => {
  const policy = new MigrationPolicy({
    services: { '*': { mesh: 10, fallback: 'none' }, [PEOPLE]: { mesh: 25 } },
  });
  expect(policy.ruleOf(ORDERS)).toMatchObject({ mesh: 10, fallback: 'none' });
  expect(policy.ruleOf(PEOPLE)).toMatchObject({ mesh: 25, fallback: 'direct' });
});

test('set replaces the whole document', () => {
  const policy = new MigrationPolicy({ mode: 'mesh', services: { [PEOPLE]: { mesh: 25 } } });
  policy.set({ services: { [ORDERS]: { mesh: 1 } } });
  expect(policy.document).toEqual({ services: { [ORDERS]: { mesh: 1 } } });
  expect([policy.ruleOf(PEOPLE).mesh, policy.ruleOf(ORDERS).mesh, policy.mode]).toEqual([100, 1, undefined]);
});

test('setService replaces one rule, and leaves the others and the mode', () => {
  const policy = new MigrationPolicy({
    mode: 'mesh',
    services: { [PEOPLE]: { mesh: 25, fallback: 'none' }, [ORDERS]: { mesh: 1 } },
  });
  policy.setService(PEOPLE, { mesh: 50 });
  policy.setService('*', { mesh: 5 });
  expect(policy.document).toEqual({
    mode: 'mesh',
    services: { [PEOPLE]: { mesh: 50 }, [ORDERS]: { mesh: 1 }, '*': { mesh: 5 } },
  });
  expect(policy.ruleOf(PEOPLE)).toMatchObject({ mesh: 50, fallback: 'direct' });
});

test.each<[string, (policy: MigrationPolicy) => void, string]>([
  ['set', (policy) => policy.set({ services: { [PEOPLE]: { mesh: 125 } } }), 'the policy from code'],
  ['set without a document', (policy) => policy.set(null as never), 'the policy from code'],
  ['setService', (policy) => policy.setService(PEOPLE, { mesh: 125 }), 'the policy from code'],
  [
    'load',
    (policy) => policy.load({ mode: 'off' } as never, 'the config centre'),
    'the policy from the config centre',
  ],
])('%s refuses a broken document, keeps the old one and tells nobody', (_name, change, message) => {
  const policy = new MigrationPolicy({ services: { [PEOPLE]: { mesh: 25 } } });
  const changes = toldOf(policy);
  const events = heard('policy.changed');
  const { document } = policy;
  const rule = policy.ruleOf(PEOPLE);
  expect(() => change(policy)).toThrow(message);
  expect(policy.document).toBe(document);
  expect(policy.ruleOf(PEOPLE)).toBe(rule);
  expect([changes, events]).toEqual([[], []]);
});

test('a broken document at the start is refused', () => {
  expect(() => new MigrationPolicy({ services: { nobody: {} } })).toThrow(
    'services.nobody: is no service id',
  );
});

test('a rule is the same object for as long as it says the same', () => {
  const policy = new MigrationPolicy({ services: { [PEOPLE]: { mesh: 25 }, '*': { mesh: 7 } } });
  const [own, rest] = [policy.ruleOf(PEOPLE), policy.ruleOf(ORDERS)];
  policy.set({ services: { '*': { fallback: 'direct', mesh: 7 }, [PEOPLE]: { mesh: 25 }, [STOCK]: {} } });
  expect(policy.ruleOf(PEOPLE)).toBe(own);
  expect(policy.ruleOf(ORDERS)).toBe(rest);
  policy.setService(PEOPLE, { mesh: 26 });
  expect(policy.ruleOf(PEOPLE)).not.toBe(own);
});

test('code tells the services that it names, whether their rule is another one or not', () => {
  const policy = new MigrationPolicy({ services: { [PEOPLE]: { mesh: 25 } } });
  const changes = toldOf(policy);
  policy.set({ services: { [PEOPLE]: { mesh: 25 } } });
  policy.setService(PEOPLE, { mesh: 25 });
  policy.setService(ORDERS, { mesh: 100 });
  expect(changes).toEqual([[PEOPLE], [PEOPLE], [ORDERS]]);
});

test('code that names * tells the services without a rule of their own', () => {
  const policy = new MigrationPolicy({ services: { [PEOPLE]: { mesh: 25 } } });
  const changes = toldOf(policy);
  policy.setService('*', { mesh: 100 });
  expect(changes).toEqual([[ORDERS, STOCK]]);
});

test('a document that something watched says tells only the services whose rule is another one than before', () => {
  const policy = new MigrationPolicy({ services: { [PEOPLE]: { mesh: 25 }, [ORDERS]: { mesh: 5 } } });
  const changes = toldOf(policy);
  policy.load({ services: { [PEOPLE]: { mesh: 25 }, [ORDERS]: { mesh: 6 } } }, 'the file p.json');
  policy.load(
    { mode: 'mesh', services: { [PEOPLE]: { mesh: 25 }, [ORDERS]: { mesh: 6 } } },
    'the file p.json',
  );
  // The same rule, now from *: nothing new was said to it.
  policy.load({ services: { [PEOPLE]: { mesh: 25 }, '*': { mesh: 6 } } }, 'the file p.json');
  policy.load({}, 'the file p.json');
  expect(changes).toEqual([[ORDERS], [], [STOCK], [PEOPLE, ORDERS, STOCK]]);
  expect(policy.source).toBe('the file p.json');
});

test('a listener hears of the policy that is in force by then, until it is taken off', () => {
  const policy = new MigrationPolicy();
  const heardMesh: number[] = [];
  const off = policy.onChange(() => heardMesh.push(policy.ruleOf(PEOPLE).mesh));
  policy.setService(PEOPLE, { mesh: 1 });
  off();
  policy.setService(PEOPLE, { mesh: 2 });
  expect(heardMesh).toEqual([1]);
});

test('every change is published, with who said it', () => {
  const events = heard('policy.changed');
  const policy = new MigrationPolicy();
  policy.setService(PEOPLE, { mesh: 1 });
  policy.load({}, 'the file p.json');
  expect(events).toEqual([
    ['policy.changed', { source: 'code' }],
    ['policy.changed', { source: 'the file p.json' }],
  ]);
});
