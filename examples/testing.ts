/** A service tested without sockets and without waiting. Run: npx tsx examples/testing.ts */
import assert from 'node:assert/strict';
import { defineService, type Handlers, MeshError, t } from 'sofa-mesh-sdk';
import { FakeClock, memoryPair, seededRandom, settled } from 'sofa-mesh-sdk/testing';

// What is to be tested: a service that asks another one, and gives up on it after a second.
const Prices = defineService('com.acme.PriceService', {
  price: { args: [t.String.notNull()], returns: t.int, timeoutMs: 1_000 },
});

// The other side, in this test: it answers 'pen' at once and everything else never.
const fakePrices: Handlers<typeof Prices> = {
  price: (name) => (name === 'pen' ? 3 : new Promise<never>(() => undefined)),
};

// Real frames, real codecs, one process. Time stands still until `advance`.
const clock = new FakeClock();
const pair = memoryPair({ client: { clock, random: seededRandom(1) }, server: { clock } });
pair.server.add(Prices, fakePrices);
const prices = pair.client.service(Prices);

assert.equal(await prices.price('pen'), 3);
console.log('ok  a price is answered');

let outcome: unknown = 'waiting';
prices.price('ink').catch((error: unknown) => {
  outcome = error;
});
await clock.advance(990);
assert.equal(outcome, 'waiting');
await clock.advance(100);
assert.ok(MeshError.is(outcome) && outcome.code === 'DEADLINE_EXCEEDED');
console.log('ok  a price that never comes ends at the deadline of 1,000 ms, in no time');

await settled();
assert.deepEqual(pair.client.stats(), { connections: 1, pending: 0, lateResponses: 0 });
console.log('ok  nothing is left waiting');

// Closing waits for calls that still run, and this one runs for ever: let that time pass, too.
const closed = pair.close();
await clock.advance(20_000);
await closed;
console.log('ok  closed');
