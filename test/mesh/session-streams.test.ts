import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { endpointOf } from '../../src/core/endpoint.js';
import { SessionStreams } from '../../src/mesh/session-streams.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { settled } from '../../src/testing/fake-clock.js';

const somewhere = endpointOf('sidecar', 12_220);

/** Streams that come when a test says so. */
function setUp() {
  const asked: { signal: AbortSignal; give: (stream: Duplex) => void }[] = [];
  const streams = new SessionStreams(
    (_endpoint, signal) => new Promise((give) => asked.push({ signal, give })),
  );
  const caller = new AbortController();
  const connect = () => streams.connect(somewhere, caller.signal);
  return { asked, streams, caller, connect };
}

test('streams end with the session', async () => {
  const { asked, streams, connect } = setUp();
  const connecting = [connect(), connect()];
  const [[one], [other]] = [duplexPair(), duplexPair()];
  asked[0].give(one);
  asked[1].give(other);
  expect(await Promise.all(connecting)).toEqual([one, other]);
  one.destroy();
  await settled();
  expect(other.destroyed).toBe(false);
  streams.close();
  expect(other.destroyed).toBe(true);
});

test('whoever waits for one is told at once, and what comes late is freed', async () => {
  const { asked, streams, connect } = setUp();
  const waiting = expect(connect()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  streams.close();
  await waiting;
  expect(asked[0].signal.aborted).toBe(true);
  const [late] = duplexPair();
  asked[0].give(late);
  await settled();
  expect(late.destroyed).toBe(true);
});

test('after that none is opened', async () => {
  const { asked, streams, connect } = setUp();
  streams.close();
  await expect(connect()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(asked).toHaveLength(0);
});

test("the caller's signal is passed on, whenever it is aborted", async () => {
  const { asked, caller, connect } = setUp();
  const gaveUp = new Error('gave up');
  const early = expect(connect()).rejects.toBe(gaveUp);
  caller.abort(gaveUp);
  expect(asked[0].signal.reason).toBe(gaveUp);
  const [stream] = duplexPair();
  asked[0].give(stream);
  await early;
  expect(stream.destroyed).toBe(true);
  const late = expect(connect()).rejects.toBe(gaveUp);
  expect(asked[1].signal.aborted).toBe(true);
  asked[1].give(duplexPair()[0]);
  await late;
});
