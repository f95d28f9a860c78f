import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Interner } from '../../src/core/interner.js';

test('every text is what its bytes say, whatever was asked before', () => {
  const texts = new Interner();
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { maxLength: 30 }), (asked) => {
      for (const text of asked) {
        const bytes = Buffer.from(`<${text}>`);
        expect(texts.text(bytes, 1, bytes.length - 2)).toBe(text);
      }
    }),
  );
});

test('a text does not change when the buffer that held it is used again', () => {
  const texts = new Interner();
  const buffer = Buffer.from('service');
  expect(texts.text(buffer, 0, 7)).toBe('service');
  buffer.write('xervice');
  expect(texts.text(buffer, 0, 7)).toBe('xervice');
  expect(texts.text(Buffer.from('service'), 0, 7)).toBe('service');
});

test('what it keeps is bounded: a slot holds one text, and a long one is not kept', () => {
  const texts = new Interner();
  for (let i = 0; i < 10_000; i++)
    texts.text(Buffer.from(`com.acme.Service${i}`), 0, `com.acme.Service${i}`.length);
  texts.text(Buffer.alloc(1_000, 'x'), 0, 1_000);
  const kept = (texts as unknown as { slots: ({ text: string } | undefined)[] }).slots.filter(
    (slot) => slot !== undefined,
  );
  expect(kept.length).toBeLessThanOrEqual(512);
  expect(Math.max(...kept.map(({ text }) => text.length))).toBeLessThanOrEqual(96);
});
