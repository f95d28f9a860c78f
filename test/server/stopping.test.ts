import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { connectTo, memoryPair } from '../../src/testing/memory-pair.js';
import { watched } from '../support/network.js';
import { later, People, people } from '../support/people.js';
import { bodyOf, RawPeer, request } from '../support/raw-peer.js';

function setUp() {
  const clock = new FakeClock();
  const gates: ReturnType<typeof later<string>>[] = [];
  const signals: AbortSignal[] = [];
  const server = new MeshServer({ app: 'test', mode: 'direct', clock }).add(
    People,
    people({
      slow: (_text, ctx) => {
        signals.push(ctx.signal);
        const gate = later<string>();
        gates.push(gate);
        return gate.promise;
      },
    }),
  );
  const connect = () => {
    const [near, far] = duplexPair();
    server.accept(near, 'raw:1');
    return new RawPeer(far);
  };
  return { clock, server, gates, signals, connect };
}

const slow = (requestId: number, knowsGoAway = false) =>
  request({
    method: 'slow',
    fields: { requestId, timeout: 60_000 },
    header: [
      ['service', People.id],
      ['sofa_head_method_name', 'slow'],
      ...(knowsGoAway ? [['sofa_mesh_go_away', '1'] as [string, string]] : []),
    ],
  });

describe('a graceful stop', () => {
  test('a client of this library is told to go away; it lets its calls finish and leaves', async () => {
    const clock = new FakeClock();
    const pair = memoryPair({ client: { clock }, server: { clock } });
    const gate = later<string>();
    pair.server.add(People, people({ slow: () => gate.promise }));
    const call = watched(pair.client.service(People).slow('x', { timeoutMs: 60_000 }));
    await settled();
    const stopping = watched(pair.server.stop());
    await clock.advance(150);
    expect([call.state, stopping.state]).toEqual(['pending', 'pending']);
    gate.resolve('finished');
    await clock.advance(300);
    expect(call.value).toBe('finished');
    expect(stopping.state).toBe('resolved');
  });

  test('one that does not know go-away, as Java, gets none: it would close with its calls in flight', async () => {
    const { server, connect, gates, clock } = setUp();
    const java = connect();
    const ours = connect();
    java.write(slow(1));
    ours.write(slow(2, true));
    await settled();
    const stopping = watched(server.stop());
    await settled();
    expect(java.frames).toEqual([]);
    expect(ours.frames).toMatchObject([{ cmdCode: 100, type: 1, proto: 1 }]);
    for (const gate of gates) gate.resolve('finished');
    await clock.advance(500);
    expect(bodyOf(java.frames[0]).appResponse).toBe('finished');
    expect(bodyOf(ours.frames[1]).appResponse).toBe('finished');
    await Promise.all([java.closed(), ours.closed()]);
    expect(stopping.state).toBe('resolved');
  });

  test('go-away is of the version that the connection speaks', async () => {
    const { server, connect, clock } = setUp();
    const peer = connect();
    peer.write(
      request({
        fields: { proto: 2, ver1: 1, switch: 0 },
        header: [
          ['service', People.id],
          ['sofa_mesh_go_away', '1'],
        ],
      }),
    );
    await settled();
    void server.stop();
    await clock.advance(300);
    expect(peer.frames[1]).toMatchObject({ proto: 2, ver1: 1, cmdCode: 100 });
  });

  test('requests that were on their way are served, later ones told that the server stopped', async () => {
    const { server, connect, gates, clock } = setUp();
    const peer = connect();
    peer.write(slow(1));
    await settled();
    void server.stop();
    peer.write(request({ fields: { requestId: 2 } }));
    await clock.advance(250);
    peer.write(request({ fields: { requestId: 3 } }), slow(4));
    await settled();
    gates[0].resolve('finished');
    await clock.advance(99);
    // A Java client that sees the end before it has handed the last reply on fails that call.
    expect(peer.ended).toBe(false);
    await clock.advance(1);
    const byId = Object.fromEntries(peer.frames.map((frame) => [frame.requestId, bodyOf(frame)]));
    expect(byId[2].appResponse).toBe('hi');
    expect(byId[3]).toMatchObject({
      isError: true,
      errorMsg: expect.stringMatching(/^RPC-019990009: RPC server stopped/),
    });
    expect(byId[4].isError).toBe(true);
    expect(byId[1].appResponse).toBe('finished');
    await peer.closed();
  });

  test('after timeoutMs it is forced: the signals of what still runs are aborted, and every connection closes', async () => {
    const { server, connect, signals, clock } = setUp();
    const peer = connect();
    peer.write(slow(1));
    await settled();
    const stopping = watched(server.stop({ timeoutMs: 1000 }));
    await clock.advance(999);
    expect([signals[0].aborted, stopping.state]).toEqual([false, 'pending']);
    await clock.advance(1);
    expect(signals[0].reason).toMatchObject({
      code: 'SHUTTING_DOWN',
      message: expect.stringContaining('1000 ms'),
    });
    expect(stopping.state).toBe('resolved');
    await peer.closed();
  });

  test('with nothing to wait for it is at once', async () => {
    const { server, clock } = setUp();
    const stopping = watched(server.stop());
    await clock.advance(0);
    await settled();
    expect(stopping.state).toBe('resolved');
  });

  test('stopping twice is stopping once; `await using` stops, too', async () => {
    const { server, clock } = setUp();
    const both = watched(Promise.all([server.stop(), server.stop(), server[Symbol.asyncDispose]()]));
    await clock.advance(300);
    expect(both.state).toBe('resolved');
  });

  test('a server that was stopped cannot be started', async () => {
    const { server, clock } = setUp();
    void server.stop();
    await clock.advance(300);
    await expect(server.start()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('a call to a server that has stopped is safe to repeat elsewhere', async () => {
    const clock = new FakeClock();
    const server = new MeshServer({ app: 'test', mode: 'direct', clock }).add(
      People,
      people({ slow: () => new Promise(() => undefined) }),
    );
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://memory:1',
      connect: connectTo(server),
      clock,
    });
    watched(client.service(People).slow('keeps it from ending', { timeoutMs: 60_000 }));
    await settled();
    void server.stop({ timeoutMs: 50_000 });
    await clock.advance(1000);
    const call = watched(client.service(People).echo('x'));
    await clock.advance(500);
    expect(call.error).toMatchObject({ code: 'SHUTTING_DOWN', retry: 'safe' });
  });
});
