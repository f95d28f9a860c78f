import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BytePattern } from '../../src/core/byte-pattern.js';

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

test('bytes match where they stand, at any offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 9 }), (bytes, before) => {
      const stream = Uint8Array.from([...before, ...bytes, 1]);
      expect(new BytePattern(bytes).matches(viewOf(stream), before.length)).toBe(true);
    }),
  );
});

test('one other byte anywhere is no match', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, by) => {
        const other = Uint8Array.from(bytes);
        other[at % bytes.length] ^= by;
        expect(new BytePattern(bytes).matches(viewOf(other), 0)).toBe(false);
      },
    ),
  );
});

test('a pattern that would pass the end is no match', () => {
  const pattern = new BytePattern(Buffer.from('abcdefgh'));
  expect(pattern.matches(viewOf(Buffer.from('abcdefg')), 0)).toBe(false);
  expect(pattern.matches(viewOf(Buffer.from('abcdefgh')), 1)).toBe(false);
});
