import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { encodeFrame } from '../../src/bolt/encode.js';
import { MeshError } from '../../src/core/errors.js';
import { boltFraming } from '../../src/protocol/framings.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { FrameChannel, type FrameChannelOptions } from '../../src/transport/frame-channel.js';
import { OutputPool } from '../../src/transport/output-pool.js';
import { frameOf, RawPeer, request } from '../support/raw-peer.js';

interface Opened {
  channel: FrameChannel;
  peer: RawPeer;
  far: Duplex;
  clock: FakeClock;
  ids: number[];
  reasons: MeshError[];
}

const session = (maxFrameBytes = 1 << 20) => boltFraming().open('server', { maxFrameBytes });

function open(options: Partial<FrameChannelOptions> = {}, read = true): Opened {
  const [near, far] = duplexPair();
  const clock = new FakeClock();
  const ids: number[] = [];
  const reasons: MeshError[] = [];
  const channel = new FrameChannel({
    stream: near,
    remote: 'peer:1',
    clock,
    pool: new OutputPool(),
    session: session(),
    pauseWhileBlocked: false,
    onMessage: ({ requestId }) => ids.push(requestId),
    onClosed: (reason) => reasons.push(reason),
    ...options,
  });
  const peer = read ? new RawPeer(far) : (undefined as unknown as RawPeer);
  return { channel, peer, far, clock, ids, reasons };
}

const fields = { proto: 1, type: 1, cmdCode: 1, codec: 1, timeout: 1 };

function put(channel: FrameChannel, requestId: number, content = Buffer.alloc(0)): void {
  encodeFrame(channel.output(), { ...fields, requestId }, '', [], content);
}

describe('writing', () => {
  test('all frames of a tick, promises included, leave in one write', async () => {
    const { channel, peer } = open();
    for (let id = 1; id <= 5; id++) put(channel, id);
    await Promise.resolve().then(() => put(channel, 6));
    await peer.received(6);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(peer.chunks).toBe(1);
  });

  test('a large burst leaves in the middle of a tick, in order', async () => {
    const { channel, peer } = open();
    for (let id = 1; id <= 20; id++) put(channel, id, Buffer.alloc(40_000, id));
    await peer.received(20);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(peer.frames.every((frame) => frame.content.every((byte) => byte === frame.requestId))).toBe(true);
    expect(peer.chunks).toBeGreaterThan(1);
  });

  test('frames that come while a write waits for the network gather behind it and follow in order', async () => {
    const { channel, far } = open({}, false);
    for (let id = 1; id <= 50; id++) {
      put(channel, id, Buffer.alloc(5_000, id));
      await settled();
    }
    const peer = new RawPeer(far);
    await peer.received(50);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(peer.frames.every((frame) => frame.content.every((byte) => byte === frame.requestId))).toBe(true);
    expect(peer.chunks).toBeLessThan(50);
  });

  test('onFlushed is told when frames are handed over, and not before', async () => {
    const { channel } = open();
    let flushed = 0;
    channel.onFlushed = () => flushed++;
    put(channel, 1);
    expect(flushed).toBe(0);
    await settled();
    expect(flushed).toBe(1);
  });

  test('an idle channel gives its buffer back to the pool', async () => {
    const pool = new OutputPool();
    const first = open({ pool });
    put(first.channel, 1);
    await settled();
    const kept = pool.take();
    pool.give(kept);
    const second = open({ pool });
    expect(second.channel.output()).toBe(kept);
  });
});

describe('reading', () => {
  test('frames that come in pieces', async () => {
    const { ids, far } = open({}, false);
    const bytes = Buffer.concat([1, 2, 3].map((requestId) => request({ fields: { requestId } })));
    for (const byte of bytes) far.write(Buffer.from([byte]));
    await settled();
    expect(ids).toEqual([1, 2, 3]);
  });

  test('a broken frame closes with the reason; later bytes are not looked at', async () => {
    const { ids, reasons, far } = open({}, false);
    far.write(
      Buffer.concat([
        request({ fields: { requestId: 1 } }),
        Buffer.from('GET / HTTP/1.1\r\n\r\n'),
        request(),
      ]),
    );
    await settled();
    expect(ids).toEqual([1]);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining('HTTP'),
    });
    expect(far.destroyed).toBe(true);
  });

  test('what onFrame throws closes the channel', async () => {
    const { reasons, far } = open(
      {
        onMessage: () => {
          throw new TypeError('a fault of ours');
        },
      },
      false,
    );
    far.write(request());
    await settled();
    expect(reasons[0]).toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining('a fault of ours'),
    });
  });

  test('lastReadAt is when bytes last came, and writing does not move it', async () => {
    const { channel, far, clock } = open({}, false);
    await clock.advance(100);
    far.write(request());
    await clock.advance(50);
    expect(channel.lastReadAt).toBe(100);
    put(channel, 1);
    await clock.advance(50);
    expect(channel.lastReadAt).toBe(100);
  });
});

describe('partialFrameSince', () => {
  test('is when the frame began whose end has not come', async () => {
    const { channel, far, clock } = open({}, false);
    const bytes = request();
    await clock.advance(1000);
    far.write(bytes.subarray(0, 10));
    await clock.advance(1000);
    far.write(bytes.subarray(10, 20));
    await clock.advance(1000);
    expect(channel.partialFrameSince).toBe(1000);
    far.write(bytes.subarray(20));
    await settled();
    expect(channel.partialFrameSince).toBe(Number.POSITIVE_INFINITY);
  });

  test('starts anew with each frame, even where every chunk ends inside of one', async () => {
    const { channel, far, clock, ids } = open({}, false);
    const bytes = request({ content: Buffer.alloc(1000) });
    far.write(bytes.subarray(0, 700));
    for (let i = 0; i < 30; i++) {
      await clock.advance(1000);
      far.write(Buffer.concat([bytes.subarray(700), bytes.subarray(0, 700)]));
    }
    await settled();
    expect(ids).toHaveLength(30);
    expect(channel.partialFrameSince).toBe(30_000);
  });

  test('does not run while this side has stopped reading', async () => {
    const { channel, far, clock } = open({ pauseWhileBlocked: true }, false);
    far.write(request().subarray(0, 10));
    await settled();
    expect(channel.partialFrameSince).toBe(0);
    for (let i = 0; i < 40; i++) {
      put(channel, i + 1, Buffer.alloc(20_000));
      await settled();
    }
    expect(channel.partialFrameSince).toBe(Number.POSITIVE_INFINITY);
    await clock.advance(60_000);
    new RawPeer(far);
    await settled();
    expect(channel.partialFrameSince).toBe(60_000);
  });
});

describe('a peer that does not read', () => {
  test('a server stops reading its requests, and goes on when the replies have left', async () => {
    const [near, far] = duplexPair();
    let answered = 0;
    const channel: FrameChannel = new FrameChannel({
      stream: near,
      remote: 'peer:1',
      clock: new FakeClock(),
      pool: new OutputPool(),
      session: session(),
      pauseWhileBlocked: true,
      onMessage: () => {
        answered++;
        put(channel, answered, Buffer.alloc(10_000));
      },
      onClosed: () => undefined,
    });
    for (let i = 0; i < 1000; i++) {
      far.write(request());
      if (i % 10 === 0) await settled();
    }
    expect(answered).toBeLessThan(100);
    const peer = new RawPeer(far);
    await peer.received(1000);
    expect(answered).toBe(1000);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i + 1),
    );
  });

  test('a client goes on reading: two that wait for each other would wait for ever', async () => {
    const { channel, far, ids } = open({}, false);
    for (let i = 0; i < 100; i++) {
      put(channel, i, Buffer.alloc(10_000));
      await settled();
    }
    far.write(request({ fields: { requestId: 77 } }));
    await settled();
    expect(ids).toEqual([77]);
  });
});

describe('closing', () => {
  test('close is at once and says so once', async () => {
    const { channel, reasons, far } = open({}, false);
    channel.close(new MeshError('CANCELLED', 'first'));
    channel.close(new MeshError('CANCELLED', 'second'));
    expect(channel.closed).toBe(true);
    await settled();
    expect(reasons.map((reason) => reason.message)).toEqual(['first']);
    expect(far.destroyed).toBe(true);
  });

  test('finish lets what was written leave, the gathered frames too', async () => {
    const { channel, far, reasons } = open({}, false);
    for (let id = 1; id <= 60; id++) {
      put(channel, id, Buffer.alloc(5_000));
      if (id % 20 === 0) await settled();
    }
    channel.finish(new MeshError('SHUTTING_DOWN', 'over'));
    expect(reasons).toHaveLength(1);
    const peer = new RawPeer(far);
    await peer.closed();
    expect(peer.frames).toHaveLength(60);
  });

  test('finish does not wait for ever for a peer that never reads', async () => {
    const { channel, far, clock } = open({}, false);
    for (let id = 1; id <= 60; id++) put(channel, id, Buffer.alloc(5_000));
    channel.finish(new MeshError('SHUTTING_DOWN', 'over'));
    await clock.advance(3_000);
    expect(far.destroyed).toBe(true);
  });

  test.each([
    ['the end of the stream', (far: Duplex) => far.end(), 'the other side closed it'],
    ['a destroyed stream', (far: Duplex) => far.destroy(), 'the other side closed it'],
  ])('%s is CONNECTION_LOST with the address', async (_what, end, why) => {
    const { reasons, far } = open({}, false);
    end(far);
    await settled();
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatchObject({
      code: 'CONNECTION_LOST',
      endpoint: 'peer:1',
      message: expect.stringContaining(why),
    });
  });

  test("a stream's error is the reason and the cause", async () => {
    const stream = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const { reasons } = open({ stream }, false);
    const fault = new Error('read ECONNRESET');
    stream.destroy(fault);
    await settled();
    expect(reasons[0]).toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'connection to peer:1 was lost: read ECONNRESET',
      cause: fault,
    });
  });

  test('frames written to a stream that has failed are not told as flushed', async () => {
    const stream = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const { channel } = open({ stream }, false);
    let flushed = 0;
    channel.onFlushed = () => flushed++;
    put(channel, 1);
    stream.destroy(new Error('read ECONNRESET'));
    await settled();
    expect(flushed).toBe(0);
  });

  test('output after the end goes nowhere', async () => {
    const { channel, peer } = open();
    channel.close(new MeshError('CANCELLED', 'over'));
    put(channel, 1);
    await settled();
    expect(peer.frames).toEqual([]);
  });
});

test('a frame over the limit is refused at its header', async () => {
  const { reasons, far } = open({ session: session(1000) }, false);
  const big = frameOf({ ...fields, requestId: 1 }, '', [], Buffer.alloc(2000));
  far.write(big.subarray(0, 22));
  await settled();
  expect(reasons[0].message).toContain('limit is 1000');
});
