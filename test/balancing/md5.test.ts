import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { md5 } from '../../src/balancing/md5.js';

const hex = (text: string) => Buffer.from(md5(text).buffer).toString('hex');

test('it is the MD5 of the text in UTF-8', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ minLength: 50, maxLength: 70 })),
      (text) => {
        expect(hex(text)).toBe(createHash('md5').update(text, 'utf8').digest('hex'));
      },
    ),
  );
});

test.each([0, 1, 55, 56, 63, 64, 119, 120, 1_000])('a text of %d bytes', (length) => {
  const text = 'x'.repeat(length);
  expect(hex(text)).toBe(createHash('md5').update(text).digest('hex'));
});
