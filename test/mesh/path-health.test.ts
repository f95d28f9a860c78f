import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PathHealth } from '../../src/mesh/path-health.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';

function setUp({ autoRecover = false, seed = 1 } = {}) {
  const clock = new FakeClock();
  const told: { at: number; state: string; share: number; reason: string }[] = [];
  const health: PathHealth = new PathHealth({
    clock,
    random: seededRandom(seed),
    autoRecover,
    onChange: (state, reason) => told.push({ at: clock.now(), state, share: health.share, reason }),
  });
  /** From degraded until it is healthy again; the milliseconds before the ramp began. */
  const recovered = async () => {
    const from = clock.now();
    health.recover('it answers');
    while (health.state === 'degraded') await clock.advance(10);
    const held = clock.now() - from;
    await clock.advance(2_000);
    return held;
  };
  return { clock, health, told, recovered };
}

describe('degrading', () => {
  test('a path is healthy until something speaks against it, and then gets nothing at once', () => {
    const { health, told } = setUp();
    expect([health.state, health.share, health.admits()]).toEqual(['healthy', 1, true]);
    health.degrade('connection lost');
    expect([health.state, health.share, health.reason]).toEqual(['degraded', 0, 'connection lost']);
    expect(Array.from({ length: 100 }, () => health.admits())).not.toContain(true);
    expect(told).toEqual([{ at: 0, state: 'degraded', share: 0, reason: 'connection lost' }]);
  });

  test('five failed calls in a row degrade it, four do not, and one that succeeds between starts the count anew', () => {
    const { health } = setUp();
    for (let i = 0; i < 4; i++) health.failed('BUSY');
    health.succeeded();
    for (let i = 0; i < 4; i++) health.failed('BUSY');
    expect(health.state).toBe('healthy');
    health.failed('no processor');
    expect(health.state).toBe('degraded');
    expect(health.reason).toMatch(/5 calls in a row failed.*no processor/);
  });

  test('calls that end late change nothing while it is degraded', async () => {
    const { health, told, clock } = setUp({ autoRecover: true });
    health.degrade('lost');
    health.succeeded();
    for (let i = 0; i < 20; i++) {
      await clock.advance(40);
      health.failed('lost, too');
    }
    expect(told).toHaveLength(1);
    await clock.advance(500);
    expect(health.state).toBe('recovering');
  });
});

describe('recovering', () => {
  test('goes up in steps from 1 % to 100 %, each after about 300 ms', async () => {
    const { health, told, clock } = setUp();
    health.degrade('lost');
    await clock.advance(5_000);
    expect(health.state).toBe('degraded');
    told.length = 0;
    health.recover('it answers');
    await clock.advance(2_000);
    expect(told.map(({ share }) => share)).toEqual([0.01, 0.05, 0.25, 0.5, 1]);
    expect(told.map(({ state }) => state)).toEqual([...Array(4).fill('recovering'), 'healthy']);
    expect(new Set(told.map(({ reason }) => reason))).toEqual(new Set(['it answers']));
    const steps = told.slice(1).map(({ at }, i) => at - told[i].at);
    for (const step of steps) expect(Math.abs(step - 300)).toBeLessThanOrEqual(75);
    expect(new Set(steps).size).toBe(4);
    expect(clock.pendingTimers).toBe(0);
  });

  test('does not begin before the hold of a second is over', async () => {
    const { health, clock } = setUp();
    health.degrade('lost');
    health.recover('back at once');
    expect(health.share).toBe(0);
    await clock.advance(999);
    expect(health.share).toBe(0);
    await clock.advance(300);
    expect(health.share).toBeGreaterThan(0);
  });

  test('a failure while it waits for the hold to end takes back that it may recover', async () => {
    const { health, clock } = setUp();
    health.degrade('lost');
    health.recover('back');
    await clock.advance(500);
    health.degrade('lost again');
    await clock.advance(60_000);
    expect([health.state, health.reason]).toEqual(['degraded', 'lost again']);
  });

  test('lets through the share of calls that it says', async () => {
    const { health, clock } = setUp();
    health.degrade('lost');
    await clock.advance(2_000);
    health.recover('back');
    for (const share of [0.01, 0.05, 0.25, 0.5]) {
      while (health.share < share) await clock.advance(1);
      let admitted = 0;
      for (let i = 0; i < 10_000; i++) if (health.admits()) admitted++;
      expect(Math.abs(admitted / 10_000 - share)).toBeLessThan(0.02);
    }
  });

  test('lets one call a second through, however few there are', async () => {
    const { health, clock } = setUp({ autoRecover: true });
    health.degrade('lost');
    await clock.advance(1_300);
    const admitted: number[] = [];
    // Nobody says that a call succeeded: it stays at 1 %.
    for (let call = 0; call < 40; call++) {
      if (health.admits()) admitted.push(call);
      await clock.advance(250);
    }
    expect(health.share).toBe(0.01);
    expect(admitted[0]).toBe(0);
    expect(admitted.length).toBeGreaterThanOrEqual(10);
    expect(admitted.length).toBeLessThanOrEqual(14);
  });

  test('one failed call ends it', async () => {
    const { health, clock } = setUp();
    health.degrade('lost');
    health.recover('back');
    await clock.advance(1_600);
    expect(health.state).toBe('recovering');
    health.failed('no processor');
    expect([health.state, health.share]).toEqual(['degraded', 0]);
  });

  test('recover() is for a path that is degraded, and starts no second ramp', async () => {
    const { health, told, clock } = setUp();
    health.recover('nothing was wrong');
    expect(told).toEqual([]);
    health.degrade('lost');
    health.recover('back');
    await clock.advance(1_800);
    const { share } = health;
    expect(share).toBeGreaterThan(0.01);
    health.recover('back');
    expect(health.share).toBe(share);
  });

  test('a path that only its calls prove waits at 1 % for one that succeeds', async () => {
    const { health, clock } = setUp({ autoRecover: true });
    health.degrade('lost');
    await clock.advance(60_000);
    expect([health.state, health.share]).toEqual(['recovering', 0.01]);
    expect(health.reason).toMatch(/lost/);
    health.succeeded();
    await clock.advance(2_000);
    expect([health.state, health.share]).toEqual(['healthy', 1]);
  });
});

describe('relapsing', () => {
  test('doubles the hold each time, to 10 s, and a minute without trouble forgives it', async () => {
    const { health, clock, recovered } = setUp();
    const holds: number[] = [];
    for (let i = 0; i < 8; i++) {
      health.degrade('lost');
      holds.push(await recovered());
      expect(health.state).toBe('healthy');
    }
    for (const [i, hold] of holds.entries()) {
      const full = Math.min(1_000 * 2 ** i, 8_000);
      expect(hold).toBeGreaterThanOrEqual(full);
      expect(hold).toBeLessThanOrEqual(full * 1.25 + 10);
    }
    await clock.advance(60_000);
    health.degrade('lost');
    expect(await recovered()).toBeLessThanOrEqual(1_260);
  });

  test('being degraded for long is no trouble of its own: the hold was over long ago', async () => {
    const { health, clock, recovered } = setUp();
    health.degrade('absent');
    await clock.advance(3_600_000);
    expect(await recovered()).toBe(0);
  });
});

test('close() ends its timers, and nothing that is said later starts one', async () => {
  const { health, clock, told } = setUp({ autoRecover: true });
  health.degrade('lost');
  expect(clock.pendingTimers).toBe(1);
  health.close();
  expect(clock.pendingTimers).toBe(0);
  health.recover('back');
  health.degrade('lost');
  for (let i = 0; i < 10; i++) health.failed('lost');
  await clock.advance(60_000);
  expect(clock.pendingTimers).toBe(0);
  expect(told).toHaveLength(1);
});

describe('whatever happens', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.nat(5_000) }) },
    fc.record({
      kind: fc.constantFrom('degrade', 'recover', 'failed', 'succeeded', 'admits'),
      ms: fc.constant(0),
    }),
  );

  test.each([false, true])(
    'shares stay in bounds, and the ramp ends (autoRecover: %s)',
    async (autoRecover) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), async (steps, seed) => {
          const { health, clock, told } = setUp({ autoRecover, seed });
          for (const { kind, ms } of steps) {
            if (kind === 'wait') await clock.advance(ms);
            else if (kind === 'degrade') health.degrade('lost');
            else if (kind === 'recover') health.recover('back');
            else if (kind === 'failed') health.failed('failed');
            else if (kind === 'succeeded') health.succeeded();
            else health.admits();
            expect(health.share).toBeGreaterThanOrEqual(0);
            expect(health.share).toBeLessThanOrEqual(1);
            expect(health.share === 1).toBe(health.state === 'healthy');
            expect(health.share === 0).toBe(health.state === 'degraded');
          }
          for (const { share } of told) expect(share >= 0 && share <= 1).toBe(true);
          health.recover('back');
          await clock.advance(32_000);
          health.succeeded();
          await clock.advance(2_000);
          expect(health.state).toBe('healthy');
          expect(clock.pendingTimers).toBe(0);
        }),
        { numRuns: 100 },
      );
    },
  );

  test('it does not flap: of a path that fails whenever it is used, a minute sees at most ten ramps, the next eight', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 1_500 }), async (seed, afterMs) => {
        const { health, clock, told } = setUp({ seed });
        health.degrade('lost');
        const rampsIn = async (ms: number) => {
          told.length = 0;
          for (const end = clock.now() + ms; clock.now() < end; ) {
            health.recover('it seems well');
            if (health.state !== 'degraded') {
              await clock.advance(afterMs);
              health.degrade('lost again');
            }
            await clock.advance(100);
          }
          return told.filter(({ share }) => share === 0.01).length;
        };
        expect(await rampsIn(60_000)).toBeLessThanOrEqual(10);
        expect(await rampsIn(60_000)).toBeLessThanOrEqual(8);
      }),
      { numRuns: 15 },
    );
  });
});
