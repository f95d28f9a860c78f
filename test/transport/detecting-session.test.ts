import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFraming } from '../../examples/custom-framing/framing.js';
import { ByteWriter } from '../../src/core/bytes.js';
import type { Framing, Message } from '../../src/framing/framing.js';
import { boltFraming } from '../../src/protocol/framings.js';
import { DetectingSession } from '../../src/transport/detecting-session.js';

const LIMITS = { maxFrameBytes: 1 << 20 };
const FRAMINGS: readonly Framing[] = [boltFraming(), jsonFraming];

function detecting() {
  const detected: string[] = [];
  const session = new DetectingSession(FRAMINGS, LIMITS, ({ name }) => detected.push(name));
  const seen: Pick<Message, 'kind' | 'requestId'>[] = [];
  const push = (chunk: Buffer) =>
    session.push(chunk, ({ kind, requestId }) => seen.push({ kind, requestId }));
  return { session, detected, seen, push };
}

/** Heartbeats with these ids, as a client writes them. */
function heartbeats(framing: Framing, ids: readonly number[]): Buffer {
  const out = new ByteWriter();
  const client = framing.open('client', LIMITS);
  for (const id of ids) client.writeHeartbeat(out, id);
  return Buffer.from(out.written());
}

const framing = fc.constantFrom(...FRAMINGS);
const ids = fc.array(fc.integer({ min: 1, max: 0x7fff_ffff }), { minLength: 1, maxLength: 5 });

test('the framing is the one that was spoken, and no byte is lost, wherever the stream is cut', () => {
  fc.assert(
    fc.property(framing, ids, fc.array(fc.nat(200)), (spoken, sent, cuts) => {
      const { detected, seen, push, session } = detecting();
      const bytes = heartbeats(spoken, sent);
      const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
      let start = 0;
      for (const end of ends) {
        if (end > start) push(bytes.subarray(start, end));
        start = end;
      }
      expect(detected).toEqual([spoken.name]);
      expect(seen).toEqual(sent.map((requestId) => ({ kind: 'heartbeat', requestId })));
      expect(session.pendingBytes).toBe(0);
    }),
  );
});

test('until it is known nothing is written', () => {
  const { session, push } = detecting();
  const out = new ByteWriter();
  push(Buffer.alloc(0));
  session.writeGoAway(out);
  session.writeHeartbeat(out, 1);
  expect([session.pendingBytes, session.understandsGoAway, out.pos]).toEqual([0, false, 0]);
});

test('a stream that nobody begins so is refused at once, with what it looks like', () => {
  const refused = (bytes: Buffer, pattern: RegExp) =>
    expect(() => detecting().push(bytes)).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL_VIOLATION',
        message: expect.stringMatching(pattern),
      }),
    );
  refused(Buffer.from('GET / HTTP/1.1'), /none of the framings of this port \(bolt, json\).* HTTP/);
  refused(Buffer.from([0x16, 0x03, 0x01, 0x00]), /TLS ClientHello/);
  refused(Buffer.from([0x7f]), /first bytes 7f; does the peer speak the protocol of this port/);
});

test('a framing that cannot tell by 64 bytes is not the one', () => {
  const undecided = { ...jsonFraming, detects: () => undefined };
  const session = new DetectingSession([undecided], LIMITS, () => undefined);
  const nothing = () => undefined;
  session.push(Buffer.alloc(63, 5), nothing);
  expect(session.pendingBytes).toBe(63);
  expect(() => session.push(Buffer.alloc(1, 5), nothing)).toThrow(/none of the framings/);
});
