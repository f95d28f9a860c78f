import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { People, people } from '../support/people.js';
import { frameOf, RawPeer, request } from '../support/raw-peer.js';
import { Arena } from './arena.js';

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena.close());

/** A request's bytes with some overwritten; offsets are those of version 1. */
function patched(at: number, value: number, size: 1 | 2 | 4, bytes = request()): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUIntBE(value, at, size);
  return copy;
}

const CLASS_LENGTH = 14;
const HEADER_LENGTH = 16;
const CONTENT_LENGTH = 18;

/** The last two bytes of the header are said to be content. */
function headerCutShort(): Buffer {
  const frame = request({ content: Buffer.alloc(0) });
  frame.writeUInt16BE(frame.readUInt16BE(HEADER_LENGTH) - 2, HEADER_LENGTH);
  frame.writeUInt32BE(2, CONTENT_LENGTH);
  return frame;
}

describe('a connection is cut with its reason, and the others notice nothing', () => {
  test('the frame of 78 bytes whose header key has length -8', async () => {
    const header = Buffer.alloc(12);
    header.writeInt32BE(-8, 0);
    const frame = frameOf(
      { proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 11, timeout: 3000 },
      'com.alipay.sofa.rpc.core.request.SofaRequest',
      [['', '']],
    );
    header.copy(frame, frame.length - 8, 0, 8);
    expect(frame.length).toBeLessThanOrEqual(78);
    await arena.cuts(frame, /length -8/);
  });

  test.each([
    ['a content of 2 GB', patched(CONTENT_LENGTH, 0x7fff_ffff, 4), /limit is 16777216/],
    ['a content of 4 GB (-1)', patched(CONTENT_LENGTH, 0xffff_ffff, 4), /limit is 16777216/],
    ['a content a byte over the limit', patched(CONTENT_LENGTH, 16 * 1024 * 1024, 4), /limit is 16777216/],
    ['a negative class length', patched(CLASS_LENGTH, 0xffff, 2), /class length 65535/],
    ['a negative header length', patched(HEADER_LENGTH, 0x8000, 2), /header length 32768/],
    ['an unknown command', patched(2, 7, 2), /unknown command code 7/],
    ['an unknown type', patched(1, 3, 1), /unknown type 3/],
    ['an unknown protocol', patched(0, 13, 1), /unknown protocol 13/],
    ['a TLS ClientHello', Buffer.from('16030100f1010000ed0303', 'hex'), /TLS/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /HTTP/],
    ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), /HTTP/],
    ['zeros', Buffer.alloc(64), /unknown protocol 0/],
    ['a header that ends inside of a string', headerCutShort(), /header: a string/],
  ])('%s', async (_what, bytes, reason) => {
    await arena.cuts(bytes, reason);
  });

  test.each([-2, -8, -0x8000_0000, 0x7fff_ffff])('a header string of length %i', async (length) => {
    const frame = request();
    frame.writeInt32BE(length, 22 + 44);
    await arena.cuts(frame, new RegExp(`${length}`));
  });

  test('a bad CRC', async () => {
    const frame = request({ fields: { proto: 2, ver1: 2, switch: 1 } });
    frame[frame.length - 1] ^= 1;
    await arena.cuts(frame, /CRC32/);
  });
});

describe('an odd frame is answered, and its connection goes on', () => {
  test('all lengths 0', async () => {
    await arena.refuses(frameOf({ proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 1, timeout: 1 }));
  });

  test('all lengths 0 and an unknown codec', async () => {
    await arena.refuses(frameOf({ proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 0, timeout: 1 }));
  });

  test('a header of nulls', async () => {
    await arena.refuses(
      request({
        header: [
          [null, null],
          [null, null],
        ],
      }),
    );
  });

  test('the largest header', async () => {
    const header: [string, string][] = [
      ['service', People.id],
      ['x', 'y'.repeat(32_000)],
    ];
    expect((await arena.answers(request({ header }))).status).toBe(0);
  });
});

test('frames whose lengths, counts and tags were changed with knowledge: each is answered or cut, nothing hangs or falls', async () => {
  const original = request({ fields: { requestId: 5 } });
  const interesting = fc.constantFrom(
    0,
    1,
    4,
    0x4f,
    0x56,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff8,
    0xffff_ffff,
  );
  const change = fc.record({
    at: fc.nat(original.length - 5),
    value: interesting,
    size: fc.constantFrom(1, 2, 4),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (changes, cutShort) => {
        const bytes = Buffer.from(original);
        for (const { at, value, size } of changes) bytes.writeUIntBE(value % 2 ** (8 * size), at, size);
        const server = new MeshServer({
          app: 'fuzzed',
          logger: { warn: () => undefined },
          clock: new FakeClock(),
        }).add(People, people());
        const [near, far] = duplexPair();
        server.accept(near, 'fuzzer:1');
        const peer = new RawPeer(far);
        peer.write(cutShort ? bytes.subarray(0, bytes.length - 3) : bytes);
        await settled();
        for (const frame of peer.frames) expect(frame).toMatchObject({ type: 0, ver2: 1 });
        const [goodNear, goodFar] = duplexPair();
        server.accept(goodNear, 'good:1');
        const good = new RawPeer(goodFar);
        good.write(request());
        await good.received(1);
        expect(good.frames[0].status).toBe(0);
      },
    ),
    { numRuns: 400 },
  );
  await arena.isUnharmed();
});

describe('slow senders', () => {
  function crowd(count: number) {
    const clock = new FakeClock();
    const warnings: string[] = [];
    const server = new MeshServer({
      app: 'test',
      mode: 'direct',
      clock,
      logger: { warn: (text: string) => warnings.push(text) },
    }).add(People, people());
    const peers = Array.from({ length: count }, (_, i) => {
      const [near, far] = duplexPair();
      server.accept(near, `slow:${i}`);
      return new RawPeer(far);
    });
    return { clock, peers, warnings, server };
  }

  test('200 connections that send a frame a byte a second are closed after 10 s; a good one is served all the time', async () => {
    const { clock, peers, warnings } = crowd(201);
    const [good, ...slow] = peers;
    const frame = request();
    for (let second = 0; second < 13; second++) {
      for (const peer of slow) if (!peer.ended) peer.write(frame.subarray(second, second + 1));
      good.write(request({ fields: { requestId: second + 1 } }));
      await clock.advance(1000);
      if (second === 8) expect(slow.some((peer) => peer.ended)).toBe(false);
    }
    expect(slow.every((peer) => peer.ended)).toBe(true);
    expect(warnings).toHaveLength(200);
    expect(warnings[0]).toMatch(/slow:\d+ was not complete after 10000 ms/);
    expect(good.frames).toHaveLength(13);
    expect(good.ended).toBe(false);
  });

  test('a connection without a word is closed after 90 s; one with heartbeats stays', async () => {
    const { clock, peers } = crowd(2);
    const [mute, alive] = peers;
    for (let second = 0; second < 92; second++) {
      if (second % 15 === 0)
        alive.write(frameOf({ proto: 1, type: 1, cmdCode: 0, requestId: second, codec: 1, timeout: -1 }));
      await clock.advance(1000);
      if (second === 88) expect(mute.ended).toBe(false);
    }
    expect(mute.ended).toBe(true);
    expect(alive.ended).toBe(false);
    expect(alive.frames).toHaveLength(7);
  });

  test('a large request that goes on coming without a pause between frames is no slow sender', async () => {
    const { clock, peers } = crowd(1);
    const [busy] = peers;
    const frame = request({ method: 'bytes', sigs: ['[B'], args: [Buffer.alloc(3000)] });
    busy.write(frame.subarray(0, 2000));
    for (let second = 0; second < 30; second++) {
      await clock.advance(1000);
      busy.write(frame.subarray(2000), frame.subarray(0, 2000));
    }
    await settled();
    expect(busy.ended).toBe(false);
    expect(busy.frames).toHaveLength(30);
  });
});
