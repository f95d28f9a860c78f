import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/core/endpoint.js';
import { EndpointWatch } from '../../src/discovery/endpoint-watch.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { endpoint, ScriptedSource } from './scripted-source.js';

const GRACE_MS = 60_000;

/** What happens, to one of the registries where it has a number. */
type Step =
  | { readonly kind: 'list'; readonly source: number; readonly list: readonly Endpoint[] }
  | { readonly kind: 'empty' | 'failure'; readonly source: number }
  | { readonly kind: 'time'; readonly ms: number };

const someEndpoint = fc
  .tuple(fc.constantFrom('a:1', 'b:1', 'c:1', 'd:1'), fc.constantFrom('1', '2'))
  .map(([address, weight]) => endpoint(address, { weight }));
const someSource = fc.nat(2);
const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('list' as const),
    source: someSource,
    list: fc.array(someEndpoint, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constantFrom('empty' as const, 'failure' as const), source: someSource }),
  fc.record({
    kind: fc.constant('time' as const),
    ms: fc.constantFrom(1, 300, 1_000, 35_000, 59_000, 61_000),
  }),
);

/** What one registry is believed to have said: its list, and until when its emptiness is doubted. */
class SourceModel {
  list: readonly Endpoint[] | undefined;
  doubtedUntil: number | undefined;
  hasFailed = false;

  told(list: readonly Endpoint[], now: number): void {
    this.hasFailed = false;
    if (list.length === 0 && this.list !== undefined && this.list.length > 0) {
      this.doubtedUntil ??= now + GRACE_MS;
      return;
    }
    this.list = list;
    this.doubtedUntil = undefined;
  }

  failed(): void {
    this.hasFailed = true;
    this.doubtedUntil = undefined;
  }

  isNow(now: number): void {
    if (this.doubtedUntil === undefined || now < this.doubtedUntil) return;
    this.list = [];
    this.doubtedUntil = undefined;
  }
}

/** Address and weight of each endpoint, sorted. */
function merged(models: readonly SourceModel[]): string[] {
  const byAddress = new Map<string, string>();
  for (const { list = [] } of models) {
    for (const { address, attributes } of list) {
      if (!byAddress.has(address)) byAddress.set(address, `${address} ${attributes.weight}`);
    }
  }
  return [...byAddress.values()].sort();
}

const shown = (list: readonly Endpoint[]) =>
  list.map(({ address, attributes }) => `${address} ${attributes.weight}`).sort();

async function play(count: number, steps: readonly Step[]): Promise<void> {
  const clock = new FakeClock();
  const sources = Array.from({ length: count }, (_, i) => new ScriptedSource(`registry ${i}`));
  const models = sources.map(() => new SourceModel());
  let last: readonly Endpoint[] = [];
  let updates = 0;
  const watch = new EndpointWatch({
    service: 'any:1.0',
    sources,
    clock,
    random: seededRandom(7),
    emptyGraceMs: GRACE_MS,
    warn: () => undefined,
    onEndpoints: (list) => {
      expect(shown(list), 'only what is new is told').not.toEqual(shown(last));
      for (const now of list) {
        const before = last.find(({ address }) => address === now.address);
        if (before?.attributes.weight === now.attributes.weight) expect(now).toBe(before);
      }
      last = list;
      updates++;
    },
  });
  watch.ready().catch(() => undefined);
  await settled();
  for (const step of steps) {
    const before = updates;
    if (step.kind === 'time') {
      await clock.advance(step.ms);
      for (const model of models) model.isNow(clock.now());
    } else {
      const source = sources[step.source % count];
      const model = models[step.source % count];
      // While its registry is out of reach, nobody is told anything.
      if (!source.isWatched) continue;
      if (step.kind === 'failure') {
        source.fail('down');
        model.failed();
      } else {
        const list = step.kind === 'list' ? step.list : [];
        source.tell(...list);
        model.told(list, clock.now());
      }
      await settled();
      expect(updates - before, 'one step is one change').toBeLessThanOrEqual(1);
    }
    expect(shown(last)).toEqual(merged(models));

    let outcome = 'waiting';
    watch.ready().then(
      () => {
        outcome = 'ready';
      },
      () => {
        outcome = 'failed';
      },
    );
    await settled();
    const isKnown =
      last.length > 0 ||
      (models.some(({ list }) => list !== undefined) &&
        models.every(({ list, hasFailed }) => list !== undefined || hasFailed));
    expect(outcome === 'ready').toBe(isKnown);
    if (outcome === 'failed') expect(models.every(({ hasFailed }) => hasFailed)).toBe(true);
  }
  watch.close();
  expect(clock.pendingTimers).toBe(0);
}

test('whatever registries tell, fail and hold back, the endpoints are those of a simple model', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(someStep, { maxLength: 40, size: 'max' }),
      play,
    ),
    { numRuns: 300 },
  );
});
