import { expect, test } from 'vitest';
import { ByteWriter } from '../../src/core/bytes.js';

test('it grows by itself and keeps what was written', () => {
  const out = new ByteWriter(4);
  for (let i = 0; i < 100; i++) out.writeBytes(Buffer.from([i, i + 100]));
  expect(out.written()).toEqual(Buffer.from(Array.from({ length: 100 }, (_, i) => [i, i + 100]).flat()));
});

test('reserve makes room and does not move', () => {
  const out = new ByteWriter(4);
  out.writeBytes(Buffer.from('ab'));
  expect(out.reserve(1000)).toBe(2);
  expect(out.buf.length).toBeGreaterThanOrEqual(1002);
  expect(out.written().toString()).toBe('ab');
});

test('setting pos back takes back what was written', () => {
  const out = new ByteWriter();
  out.writeBytes(Buffer.from('keep'));
  out.writeBytes(Buffer.from('drop'));
  out.pos = 4;
  expect(out.written().toString()).toBe('keep');
});
