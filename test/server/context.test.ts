import { describe, expect, test } from 'vitest';
import type { HandlerContext } from '../../src/core/call.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { watched } from '../support/network.js';
import { later, People, people } from '../support/people.js';
import { RawPeer, request } from '../support/raw-peer.js';

function setUp() {
  const clock = new FakeClock();
  const pair = memoryPair({ client: { clock }, server: { clock } });
  const gate = later<string>();
  const contexts: HandlerContext[] = [];
  pair.server.add(
    People,
    people({
      echo: (_text, ctx) => {
        contexts.push(ctx);
        return gate.promise;
      },
    }),
  );
  return { clock, pair, gate, contexts, service: pair.client.service(People) };
}

describe('the context of a handler', () => {
  test('says what is called, when the caller gives up and how much of that is left', async () => {
    const { clock, contexts, service, gate } = setUp();
    await clock.advance(1000);
    const call = service.echo('x', { timeoutMs: 250 });
    await settled();
    const [ctx] = contexts;
    expect(ctx).toMatchObject({ service: People.id, method: 'echo', deadline: 1250 });
    expect(ctx.remainingMs()).toBe(250);
    await clock.advance(100);
    expect(ctx.remainingMs()).toBe(150);
    gate.resolve('done');
    expect(await call).toBe('done');
    await clock.advance(1000);
    expect(ctx.remainingMs()).toBe(0);
  });

  test('its signal is aborted at the deadline, with the reason', async () => {
    const { clock, contexts, service } = setUp();
    watched(service.echo('x', { timeoutMs: 250 }));
    await settled();
    const { signal } = contexts[0];
    expect(contexts[0].signal).toBe(signal);
    await clock.advance(249);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('its signal is aborted when the connection of the caller is lost, asked for before or after', async () => {
    const { clock, pair, contexts, service } = setUp();
    watched(service.echo('x'));
    watched(service.echo('y'));
    await settled();
    const { signal } = contexts[0];
    void pair.client.close({ timeoutMs: 0 });
    await clock.advance(1);
    expect(signal.reason).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(contexts[1].signal.reason).toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test('its signal is not aborted by the end of the call', async () => {
    const { clock, contexts, service, gate } = setUp();
    const call = service.echo('x', { timeoutMs: 250 });
    await settled();
    const { signal } = contexts[0];
    gate.resolve('done');
    await call;
    await clock.advance(1000);
    expect(signal.aborted).toBe(false);
  });

  test('nothing is left behind by calls whose signal was watched', async () => {
    const { clock, pair } = setUp();
    const idle = clock.pendingTimers;
    pair.server.add(
      { ...People, id: 'com.acme.Watching:1.0' },
      people({ echo: async (text, ctx) => (ctx.signal.aborted ? 'aborted' : text) }),
    );
    const watching = pair.client.service({ ...People, id: 'com.acme.Watching:1.0' });
    for (let i = 0; i < 20; i++) expect(await watching.echo('x')).toBe('x');
    await clock.advance(100);
    expect(clock.pendingTimers - idle).toBeLessThanOrEqual(2);
  });

  test('remoteAddress is where the stream came from', async () => {
    const seen: unknown[] = [];
    const server = new MeshServer({ app: 'test', mode: 'direct' }).add(
      People,
      people({
        echo: (text, ctx) => {
          seen.push(ctx.remoteAddress);
          return text;
        },
      }),
    );
    const [near, far] = duplexPair();
    server.accept(near, '10.0.0.9:4711');
    new RawPeer(far).write(request());
    await settled();
    expect(seen).toEqual(['10.0.0.9:4711']);
  });

  test('metadata may be looked at in every way that an object may', async () => {
    const pair = memoryPair();
    const seen: Record<string, unknown> = {};
    pair.server.add(
      People,
      people({
        ping: ({ metadata }) => {
          seen.one = metadata.tenant;
          seen.none = metadata.nothing;
          seen.has = 'tenant' in metadata && !('nothing' in metadata);
          seen.keys = Object.keys(metadata).includes('tenant');
          seen.spread = { ...metadata }.tenant;
          seen.json = JSON.parse(JSON.stringify(metadata)).tenant;
          seen.entries = Object.fromEntries(Object.entries(metadata)).tenant;
          seen.copy = structuredClone({ ...metadata }).tenant;
        },
      }),
    );
    await pair.client.service(People).ping({ metadata: { tenant: 'a' } });
    expect(seen).toEqual({
      one: 'a',
      none: undefined,
      has: true,
      keys: true,
      spread: 'a',
      json: 'a',
      entries: 'a',
      copy: 'a',
    });
  });

  test('metadata is still there when the handler looks late, after much more was read', async () => {
    const { pair, contexts, gate, service } = setUp();
    const call = service.echo('x', { metadata: { tenant: 'early' } });
    await settled();
    for (let i = 0; i < 50; i++) await pair.client.service(People).bytes(Buffer.alloc(10_000, 0xee));
    expect(contexts[0].metadata.tenant).toBe('early');
    gate.resolve('ok');
    await call;
  });
});
