import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Exchange } from '../../src/transport/exchange.js';
import { PendingCalls } from '../../src/transport/pending-calls.js';

const MAX_ID = 0x7fff_ffff;

class Waiting extends Exchange {
  readonly oneway = false;
  encode(): void {}
  complete(): void {}
  fail(): void {}
  onDeadline(): void {}
}

/** As after `id` other calls. */
function startedAt(id: number): PendingCalls {
  const pending = new PendingCalls();
  (pending as unknown as { lastId: number }).lastId = id;
  return pending;
}

describe('PendingCalls', () => {
  test('behaves as a map from id to call, whatever is added, answered and answered late, in any order', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('add' as const) },
      { weight: 3, arbitrary: fc.nat().map((which) => ({ answer: which })) },
      { weight: 1, arbitrary: fc.nat().map((which) => ({ late: which })) },
      { weight: 1, arbitrary: fc.constant('heartbeat' as const) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((id) => ({ stray: id })) },
    );
    const start = fc.oneof(fc.constant(0), fc.integer({ min: MAX_ID - 50, max: MAX_ID }), fc.nat(MAX_ID));
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 300 }), (firstId, steps) => {
        const pending = startedAt(firstId);
        const model = new Map<number, Waiting>();
        const answered: number[] = [];
        for (const what of steps) {
          if (what === 'add') {
            const exchange = new Waiting();
            pending.add(exchange);
            expect(exchange.requestId).toBeGreaterThan(0);
            expect(exchange.requestId).toBeLessThanOrEqual(MAX_ID);
            expect(model.has(exchange.requestId)).toBe(false);
            model.set(exchange.requestId, exchange);
          } else if (what === 'heartbeat') {
            expect(model.has(pending.nextId())).toBe(false);
          } else if ('answer' in what) {
            if (model.size === 0) continue;
            const id = [...model.keys()][what.answer % model.size];
            expect(pending.take(id)).toBe(model.get(id));
            model.delete(id);
            answered.push(id);
          } else if ('late' in what) {
            // An id that was answered before belongs to nobody: ids do not come again.
            if (answered.length > 0)
              expect(pending.take(answered[what.late % answered.length])).toBeUndefined();
          } else {
            const expected = model.get(what.stray);
            expect(pending.take(what.stray)).toBe(expected);
            if (expected) model.delete(what.stray);
          }
          expect(pending.size).toBe(model.size);
        }
        expect(pending.takeAll()).toEqual([...model.values()].sort((a, b) => a.requestId - b.requestId));
        expect(pending.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test('ids wrap from 2^31 - 1 to 1: never 0, never negative as a Java int', () => {
    const pending = startedAt(MAX_ID - 2);
    const ids = Array.from({ length: 4 }, () => {
      const exchange = new Waiting();
      pending.add(exchange);
      return exchange.requestId;
    });
    expect(ids).toEqual([MAX_ID - 1, MAX_ID, 1, 2]);
  });

  test('a call that waits long keeps its id through a hundred thousand others', () => {
    const pending = new PendingCalls();
    const patient = new Waiting();
    pending.add(patient);
    let mixedUp = 0;
    for (let i = 0; i < 100_000; i++) {
      const quick = new Waiting();
      pending.add(quick);
      if (quick.requestId === patient.requestId || pending.take(quick.requestId) !== quick) mixedUp++;
    }
    expect(mixedUp).toBe(0);
    expect(pending.size).toBe(1);
    expect(pending.take(patient.requestId)).toBe(patient);
  });

  test('thousands may wait at once', () => {
    const pending = new PendingCalls();
    const all = Array.from({ length: 20_000 }, () => new Waiting());
    for (const exchange of all) pending.add(exchange);
    expect(new Set(all.map((exchange) => exchange.requestId)).size).toBe(all.length);
    expect(all.reverse().filter((exchange) => pending.take(exchange.requestId) !== exchange)).toEqual([]);
    expect(pending.size).toBe(0);
  });

  test('takeAll gives the oldest first', () => {
    const pending = new PendingCalls();
    const all = Array.from({ length: 40 }, () => new Waiting());
    for (const exchange of all) pending.add(exchange);
    expect(pending.takeAll()).toEqual(all);
    expect(pending.takeAll()).toEqual([]);
  });
});
