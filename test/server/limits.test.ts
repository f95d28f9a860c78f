import { describe, expect, test } from 'vitest';
import { Admission } from '../../src/server/admission.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { bodyOf, RawPeer, request } from '../support/raw-peer.js';

function setUp(options: Partial<MeshServerOptions>) {
  const clock = new FakeClock();
  /** Arguments of the calls that were run, in order. */
  const ran: (string | null)[] = [];
  const open = new Map<string | null, () => void>();
  const run = (text: string | null) => {
    ran.push(text);
    return new Promise<string>((resolve) => open.set(text, () => resolve(`done ${text}`)));
  };
  const note = async (text: string | null) => {
    await run(text);
  };
  const server = new MeshServer({ app: 'test', mode: 'direct', clock, ...options }).add(
    People,
    people({ slow: run, note }),
  );
  const connect = () => {
    const [near, far] = duplexPair();
    server.accept(near, 'raw:1');
    return new RawPeer(far);
  };
  const finish = async (text: string) => {
    open.get(text)?.();
    await settled();
  };
  const counts = () => {
    const { running, queued, refused, expired } = server.health();
    return { running, queued, refused, expired };
  };
  return { clock, server, ran, finish, connect, counts };
}

const slow = (requestId: number, timeout = 60_000) =>
  request({ method: 'slow', args: [String(requestId)], fields: { requestId, timeout } });
const oneway = (requestId: number) =>
  request({ method: 'note', args: [String(requestId)], fields: { requestId, type: 2, timeout: -1 } });

describe('calls beyond maxConcurrency', () => {
  test('wait, and run in the order they came, whichever connection they came on', async () => {
    const { ran, finish, connect, counts } = setUp({ maxConcurrency: 2 });
    const [one, other] = [connect(), connect()];
    one.write(slow(1), slow(2), slow(3));
    await settled();
    other.write(slow(4));
    one.write(slow(5));
    await settled();
    expect(ran).toEqual(['1', '2']);
    expect(counts()).toMatchObject({ running: 2, queued: 3 });
    for (const id of ['2', '1', '3', '4', '5']) await finish(id);
    expect(ran).toEqual(['1', '2', '3', '4', '5']);
    expect(one.frames.map((frame) => bodyOf(frame).appResponse)).toEqual([
      'done 2',
      'done 1',
      'done 3',
      'done 5',
    ]);
    expect(other.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['done 4']);
    expect(counts()).toEqual({ running: 0, queued: 0, refused: 0, expired: 0 });
  });

  test('a call that fails gives its place back, too', async () => {
    const clock = new FakeClock();
    const ran: (string | null)[] = [];
    const server = new MeshServer({ app: 'test', mode: 'direct', clock, maxConcurrency: 1 }).add(
      People,
      people({
        slow: async (text) => {
          ran.push(text);
          throw new Error('no');
        },
      }),
    );
    const [near, far] = duplexPair();
    server.accept(near);
    new RawPeer(far).write(slow(1), slow(2), slow(3));
    await settled();
    expect(ran).toEqual(['1', '2', '3']);
    expect(server.health()).toMatchObject({ running: 0, queued: 0 });
  });

  test('and beyond maxQueue are answered BUSY at once, as Java does: the fixed part of a response alone', async () => {
    const { ran, finish, connect, counts } = setUp({ maxConcurrency: 1, maxQueue: 1 });
    const peer = connect();
    peer.write(slow(1), slow(2), slow(3));
    await settled();
    expect(peer.frames).toMatchObject([
      { requestId: 3, status: 4, className: '', header: [], content: Buffer.alloc(0) },
    ]);
    expect(counts()).toEqual({ running: 1, queued: 1, refused: 1, expired: 0 });
    await finish('1');
    await finish('2');
    expect(ran).toEqual(['1', '2']);
  });

  test('a queue of none refuses them all', async () => {
    const { connect } = setUp({ maxConcurrency: 1, maxQueue: 0 });
    const peer = connect();
    peer.write(slow(1), slow(2));
    await settled();
    expect(peer.frames).toMatchObject([{ requestId: 2, status: 4 }]);
  });

  test('what is refused is not decoded: a broken body is BUSY as well', async () => {
    const { connect } = setUp({ maxConcurrency: 1, maxQueue: 0 });
    const peer = connect();
    peer.write(slow(1), request({ fields: { requestId: 2 }, content: Buffer.alloc(9, 0xff) }));
    await settled();
    expect(peer.frames).toMatchObject([{ requestId: 2, status: 4 }]);
  });

  test('oneway calls wait likewise, and are dropped where there is no room', async () => {
    const { ran, finish, connect, counts } = setUp({ maxConcurrency: 1, maxQueue: 1 });
    const peer = connect();
    peer.write(oneway(1), oneway(2), oneway(3));
    await settled();
    expect(counts()).toEqual({ running: 1, queued: 1, refused: 1, expired: 0 });
    await finish('1');
    await finish('2');
    expect(ran).toEqual(['1', '2']);
    expect(peer.frames).toEqual([]);
  });
});

describe('a call that waited until nobody wants it', () => {
  test('is never run, and not answered: its caller has given up', async () => {
    const { clock, ran, finish, connect, counts } = setUp({ maxConcurrency: 1 });
    const peer = connect();
    peer.write(slow(1), slow(2, 100), slow(3, 101), slow(4));
    await clock.advance(100);
    await finish('1');
    expect(ran).toEqual(['1', '3']);
    await finish('3');
    await finish('4');
    expect(ran).toEqual(['1', '3', '4']);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual([1, 3, 4]);
    expect(counts()).toMatchObject({ expired: 1, queued: 0, running: 0 });
  });

  test('is not run where its connection is lost; a oneway call is', async () => {
    const { ran, finish, connect, clock } = setUp({ maxConcurrency: 1 });
    const [one, other] = [connect(), connect()];
    one.write(slow(1));
    await settled();
    other.write(slow(2), oneway(3));
    await settled();
    other.stream.destroy();
    await clock.advance(10);
    await finish('1');
    expect(ran).toEqual(['1', '3']);
  });

  test('makes room in a full queue', async () => {
    const { clock, ran, connect, finish, counts } = setUp({ maxConcurrency: 1, maxQueue: 2 });
    const peer = connect();
    peer.write(slow(1), slow(2, 100), slow(3));
    await clock.advance(100);
    peer.write(slow(4), slow(5));
    await settled();
    expect(peer.frames).toMatchObject([{ requestId: 5, status: 4 }]);
    expect(counts()).toEqual({ running: 1, queued: 2, refused: 1, expired: 1 });
    for (const id of ['1', '3', '4']) await finish(id);
    expect(ran).toEqual(['1', '3', '4']);
  });
});

test('a queue that stays full is searched for such calls every 10 ms, not for every call that is refused', () => {
  let now = 0;
  let asked = 0;
  const admission = new Admission(1, 3, () => now);
  const isWanted = () => {
    asked++;
    return true;
  };
  admission.enter();
  for (let i = 0; i < 3; i++)
    admission.wait({ isWanted, run: () => undefined, drop: () => undefined, next: undefined });
  for (let i = 0; i < 100; i++) expect(admission.hasRoom()).toBe(false);
  expect(asked).toBe(3);
  now = 10;
  for (let i = 0; i < 100; i++) admission.hasRoom();
  expect(asked).toBe(6);
});

describe('a server that stops', () => {
  test('lets calls that wait for a place run and finish', async () => {
    const { clock, server, finish, connect } = setUp({ maxConcurrency: 1 });
    const peer = connect();
    peer.write(slow(1), slow(2));
    await settled();
    const stopping = watched(server.stop());
    await clock.advance(1_000);
    await finish('1');
    await clock.advance(1_000);
    expect(stopping.state).toBe('pending');
    await finish('2');
    await clock.advance(100);
    expect(stopping.state).toBe('resolved');
    expect(peer.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['done 1', 'done 2']);
  });

  test('does not run them any more after its timeout', async () => {
    const { clock, server, ran, finish, connect } = setUp({ maxConcurrency: 1 });
    const peer = connect();
    peer.write(slow(1), slow(2));
    await settled();
    void server.stop({ timeoutMs: 500 });
    await clock.advance(500);
    await peer.closed();
    await finish('1');
    expect(ran).toEqual(['1']);
  });
});

test.each([
  ['maxConcurrency', 0],
  ['maxConcurrency', 1.5],
  ['maxConcurrency', Number.NaN],
  ['maxQueue', -1],
  ['maxQueue', 0.5],
])('%s must not be %s', (name, value) => {
  expect(() => new MeshServer({ app: 'test', mode: 'direct', [name]: value })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) }),
  );
});

test('Infinity is no limit', async () => {
  const { connect, counts } = setUp({ maxConcurrency: Number.POSITIVE_INFINITY, maxQueue: 0 });
  connect().write(...Array.from({ length: 200 }, (_, i) => slow(i + 1)));
  await settled();
  expect(counts()).toMatchObject({ running: 200, queued: 0 });
});
