import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reply } from '../../src/core/call.js';
import { endpointOf } from '../../src/core/endpoint.js';
import { circuitBreaker } from '../../src/resilience/circuit-breaker.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { type Later, later } from '../support/people.js';
import { callOf, failure, reply } from './calls.js';

const options = { windowMs: 1_000, minimumCalls: 4, failurePercent: 50, openMs: 300, maxOpenMs: 1_000 };
const BUCKET_MS = 100;

type Outcome = 'answered' | 'failed' | 'unknown';

/** What a circuit should do, written down from its documentation: it keeps every call with its time. */
class Model {
  private closedSince: number | undefined = 0;
  private ended: { at: number; failed: boolean }[] = [];
  private openMs = options.openMs;
  private openUntil = 0;
  private probing = false;
  private period = 0;

  /** What the call is told when it ends; undefined where it is refused. */
  start(now: number): ((outcome: Outcome, at: number) => void) | undefined {
    if (this.closedSince !== undefined) {
      const { period } = this;
      return (outcome, at) => {
        if (period === this.period && outcome !== 'unknown') this.count(outcome === 'failed', at);
      };
    }
    if (this.probing || now < this.openUntil) return undefined;
    this.probing = true;
    return (outcome, at) => {
      this.probing = false;
      if (outcome === 'answered') this.close(at);
      if (outcome === 'failed') this.open(Math.min(2 * this.openMs, options.maxOpenMs), at);
    };
  }

  private count(failed: boolean, at: number): void {
    const since = this.closedSince ?? 0;
    const bucket = (time: number) => Math.floor((time - since) / BUCKET_MS);
    this.ended.push({ at, failed });
    const recent = this.ended.filter((end) => bucket(end.at) > bucket(at) - options.windowMs / BUCKET_MS);
    const failures = recent.filter((end) => end.failed).length;
    if (!failed || recent.length < options.minimumCalls) return;
    if (failures / recent.length >= options.failurePercent / 100) this.open(options.openMs, at);
  }

  private open(forMs: number, at: number): void {
    this.openMs = forMs;
    this.closedSince = undefined;
    this.openUntil = at + forMs;
    this.period++;
  }

  private close(at: number): void {
    this.closedSince = at;
    this.ended = [];
  }
}

const errors = { failed: failure('CONNECTION_LOST', { sent: true }), unknown: failure('CANCELLED') };
const outcome = fc.constantFrom<Outcome>('answered', 'failed', 'failed', 'unknown');
const step = fc.oneof(
  fc.record({ kind: fc.constant('start' as const), endpoint: fc.nat(1) }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat(), outcome }),
  // A burst of calls that end alike, so that circuits do open.
  fc.record({
    kind: fc.constant('burst' as const),
    endpoint: fc.nat(1),
    calls: fc.integer({ min: 1, max: 6 }),
    outcome,
  }),
  fc.record({
    kind: fc.constant('pass' as const),
    ms: fc.oneof(
      fc.nat(120),
      fc.nat(1_200),
      fc.nat(12).map((n) => n * BUCKET_MS),
    ),
  }),
);

test('a circuit passes and refuses as its description says, whatever happens in whatever order', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 100 }), async (steps) => {
      const clock = new FakeClock();
      const works: Later<Reply>[] = [];
      const breaking = circuitBreaker(options, { clock })(() => {
        const work = later<Reply>();
        works.push(work);
        return work.promise;
      });
      const endpoints = [endpointOf('a', 1), endpointOf('b', 1)];
      // A circuit begins with its first call.
      const models: Model[] = [];
      for (const endpoint of endpoints) {
        models.push(new Model());
        breaking(callOf({ endpoint })).catch(() => undefined);
        works.pop()?.reject(errors.unknown);
      }
      const running: { work: Later<Reply>; tell: (outcome: Outcome, at: number) => void }[] = [];

      const start = async (which: number) => {
        const tell = models[which].start(clock.now());
        const seen = watched(breaking(callOf({ endpoint: endpoints[which] })));
        await settled();
        expect(seen.state).toBe(tell === undefined ? 'rejected' : 'pending');
        if (tell === undefined) refused++;
        else running.push({ work: works[works.length - 1], tell });
      };
      const end = async (which: number, how: Outcome) => {
        const [ended] = running.splice(which % running.length, 1);
        if (ended === undefined) return;
        if (how === 'answered') ended.work.resolve(reply);
        else ended.work.reject(errors[how]);
        await settled();
        ended.tell(how, clock.now());
      };

      for (const next of steps) {
        if (next.kind === 'start') await start(next.endpoint);
        else if (next.kind === 'end') await end(next.which, next.outcome);
        else if (next.kind === 'pass') await clock.advance(next.ms);
        else {
          for (let i = 0; i < next.calls; i++) {
            const before = running.length;
            await start(next.endpoint);
            if (running.length > before) await end(running.length - 1, next.outcome);
          }
        }
      }
    }),
    { numRuns: 150 },
  );
  // Not only ways that never open a circuit.
  expect(refused).toBeGreaterThan(1_000);
});
