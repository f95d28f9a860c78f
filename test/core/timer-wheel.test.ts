import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimerWheel, type WheelEntry } from '../../src/core/timer-wheel.js';
import { FakeClock } from '../../src/testing/fake-clock.js';

const TICK_MS = 8;

class Entry implements WheelEntry {
  wheelPrevious: WheelEntry | undefined = undefined;
  wheelNext: WheelEntry | undefined = undefined;
  firedAt: number | undefined;
  removed = false;

  constructor(
    public deadline: number,
    private readonly clock: FakeClock,
    private readonly then: (entry: Entry) => void = () => undefined,
  ) {}

  onDeadline(): void {
    expect(this.firedAt).toBeUndefined();
    this.firedAt = this.clock.now();
    this.then(this);
  }
}

/** Time that a test moves by hand, with pauses in which no timer runs, as when the event loop is blocked. */
class JumpyClock extends FakeClock {
  private offset = 0;

  override now(): number {
    return super.now() + this.offset;
  }

  pause(ms: number): void {
    this.offset += ms;
  }
}

describe('TimerWheel', () => {
  test('every entry fires once, never early, at most two ticks late; a removed one never', async () => {
    const add = fc.record({
      kind: fc.constant('add' as const),
      ms: fc.oneof(fc.nat(100), fc.nat(20_000), fc.double({ min: 0, max: 9000, noNaN: true })),
    });
    const remove = fc.record({ kind: fc.constant('remove' as const), which: fc.nat() });
    const pass = fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(200) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(add, remove, pass), { maxLength: 60 }), async (steps) => {
        const clock = new FakeClock();
        const wheel = new TimerWheel(clock);
        const entries: Entry[] = [];
        for (const step of steps) {
          if (step.kind === 'add') {
            const entry = new Entry(clock.now() + step.ms, clock);
            entries.push(entry);
            wheel.add(entry);
          } else if (step.kind === 'remove') {
            const live = entries.filter((entry) => entry.firedAt === undefined && !entry.removed);
            if (live.length === 0) continue;
            const chosen = live[step.which % live.length];
            wheel.remove(chosen);
            chosen.removed = true;
          } else await clock.advance(step.ms);
        }
        await clock.advance(21_000);
        for (const entry of entries) {
          if (entry.removed) expect(entry.firedAt).toBeUndefined();
          else {
            expect(entry.firedAt).toBeGreaterThanOrEqual(entry.deadline);
            expect(entry.firedAt).toBeLessThanOrEqual(entry.deadline + 2 * TICK_MS);
          }
        }
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  test('an entry that onDeadline adds waits for its own deadline, be it now, soon or past', async () => {
    for (const again of [-50, 0, 1, 8, 4096, 5000]) {
      const clock = new FakeClock();
      const wheel = new TimerWheel(clock);
      const second = new Entry(0, clock);
      wheel.add(
        new Entry(100, clock, (first) => {
          second.deadline = first.deadline + again;
          wheel.add(second);
        }),
      );
      await clock.advance(6000);
      const due = Math.max(100, 100 + again);
      expect(second.firedAt).toBeGreaterThanOrEqual(due);
      expect(second.firedAt).toBeLessThanOrEqual(due + 4 * TICK_MS);
    }
  });

  test('onDeadline may remove its neighbours, those of the same moment too', async () => {
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    const group: Entry[] = [];
    const onlyOne = (entry: Entry) => {
      for (const other of group) {
        if (other !== entry && !other.removed) {
          wheel.remove(other);
          other.removed = true;
        }
      }
    };
    for (let i = 0; i < 5; i++) group.push(new Entry(50, clock, onlyOne));
    for (const entry of group) wheel.add(entry);
    await clock.advance(100);
    expect(group.filter((entry) => entry.firedAt !== undefined)).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('after a long pause everything overdue fires in the next tick, and what is not due stays', async () => {
    const clock = new JumpyClock();
    const wheel = new TimerWheel(clock);
    const overdue = [10, 500, 4100, 9000, 19_990].map((ms) => new Entry(ms, clock));
    const future = new Entry(60_000, clock);
    for (const entry of [...overdue, future]) wheel.add(entry);
    clock.pause(20_000);
    await clock.advance(TICK_MS);
    expect(overdue.map((entry) => entry.firedAt)).toEqual(overdue.map(() => 20_000 + TICK_MS));
    expect(future.firedAt).toBeUndefined();
    await clock.advance(41_000);
    expect(future.firedAt).toBeGreaterThanOrEqual(60_000);
  });

  test('an entry that was overdue when it came can be removed', async () => {
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    await clock.advance(10_000);
    const late = new Entry(3, clock);
    wheel.add(late);
    wheel.remove(late);
    await clock.advance(100);
    expect(late.firedAt).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  test('ten thousand entries over more than a turn of the wheel, half of them removed', async () => {
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    const entries = Array.from({ length: 10_000 }, (_, i) => new Entry((i * 37) % 5_000, clock));
    for (const entry of entries) wheel.add(entry);
    for (let i = 0; i < entries.length; i += 2) wheel.remove(entries[i]);
    await clock.advance(5_100);
    expect(entries.filter((entry) => entry.firedAt !== undefined)).toHaveLength(5_000);
    for (let i = 1; i < entries.length; i += 2) {
      expect(entries[i].firedAt! - entries[i].deadline).toBeGreaterThanOrEqual(0);
      expect(entries[i].firedAt! - entries[i].deadline).toBeLessThanOrEqual(2 * TICK_MS);
    }
  });

  test('one timer at most runs, and none while the wheel is empty', async () => {
    const clock = new FakeClock();
    const wheel = new TimerWheel(clock);
    expect(clock.pendingTimers).toBe(0);
    const entries = [5, 50, 500].map((ms) => new Entry(ms, clock));
    for (const entry of entries) wheel.add(entry);
    expect(clock.pendingTimers).toBe(1);
    for (const entry of entries) wheel.remove(entry);
    await clock.advance(TICK_MS);
    expect(clock.pendingTimers).toBe(0);
    wheel.add(new Entry(clock.now() + 5, clock));
    expect(clock.pendingTimers).toBe(1);
  });

  test('a deadline days away does not fire in any of the turns before', async () => {
    const clock = new JumpyClock();
    const wheel = new TimerWheel(clock);
    const day = 86_400_000;
    const entry = new Entry(24 * day, clock);
    wheel.add(entry);
    for (let i = 0; i < 23; i++) {
      clock.pause(day);
      await clock.advance(TICK_MS);
    }
    expect(entry.firedAt).toBeUndefined();
    clock.pause(day);
    await clock.advance(TICK_MS);
    expect(entry.firedAt).toBeGreaterThanOrEqual(24 * day);
  });
});
