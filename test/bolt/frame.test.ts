import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Frame, wireOf } from '../../src/bolt/frame.js';

const byte = fc.integer({ min: 0, max: 255 });

test('what a response repeats of its request survives being packed into one integer', () => {
  fc.assert(
    fc.property(byte, byte, byte, byte, (proto, ver1, flags, codec) => {
      const frame = Object.assign(new Frame(), { proto, ver1, switch: flags, codec });
      expect(Number.isInteger(frame.tag)).toBe(true);
      expect(frame.tag | 0).toBe(frame.tag);
      expect(wireOf({ requestId: 1, tag: frame.tag })).toEqual({ proto, ver1, switch: flags, codec });
    }),
  );
});

describe('the kind of a frame', () => {
  test.each([
    ['heartbeat', 0, 1],
    ['heartbeat-ack', 0, 0],
    ['request', 1, 1],
    ['oneway', 1, 2],
    ['unknown', 1, 0],
    ['response', 2, 0],
    ['unknown', 2, 1],
    ['unknown', 2, 2],
    ['go-away', 100, 1],
  ])('is %s for command %i of type %i', (kind, cmdCode, type) => {
    expect(Object.assign(new Frame(), { cmdCode, type }).kind).toBe(kind);
  });
});
