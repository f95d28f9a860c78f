import { onTestFinished } from 'vitest';
import type { Endpoint } from '../../src/core/endpoint.js';
import { EndpointWatch, type EndpointWatchOptions } from '../../src/discovery/endpoint-watch.js';
import type { WatchSource } from '../../src/discovery/watch-loop.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';

const SERVICE = 'com.acme.People:1.0';

/** An endpoint watch in simulated time, and what it told. It is closed when the test ends. */
export function watched(sources: readonly WatchSource[], options: Partial<EndpointWatchOptions> = {}) {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const warnings: string[] = [];
  const lists: (readonly Endpoint[])[] = [];
  const watch = new EndpointWatch({
    service: SERVICE,
    sources,
    clock,
    random: seededRandom(1),
    emptyGraceMs: 60_000,
    warn: (message) => warnings.push(message),
    onEndpoints: (endpoints) => lists.push(endpoints),
    ...options,
  });
  onTestFinished(() => watch.close());
  return {
    clock,
    watch,
    warnings,
    lists,
    /** Each list as addresses. */
    told: () => lists.map((list) => list.map(({ address }) => address)),
    /** What becomes of a call that needs an endpoint; read it later. */
    call: () => outcomeOf(watch.ready()),
  };
}

/** 'waiting', 'ready' or the error's code and message, as it is when it is read. */
export function outcomeOf(promise: Promise<void>): { current: string } {
  const outcome = { current: 'waiting' };
  promise.then(
    () => {
      outcome.current = 'ready';
    },
    (error: { code: string; message: string }) => {
      outcome.current = `${error.code}: ${error.message}`;
    },
  );
  return outcome;
}

export { settled };
