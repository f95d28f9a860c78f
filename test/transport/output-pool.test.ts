import { expect, test } from 'vitest';
import { OutputPool } from '../../src/transport/output-pool.js';

test('a buffer that was given back is lent again, empty', () => {
  const pool = new OutputPool();
  const first = pool.take();
  first.writeBytes(Buffer.from('x'));
  pool.give(first);
  const again = pool.take();
  expect(again).toBe(first);
  expect(again.pos).toBe(0);
});

test('two at a time are two buffers', () => {
  const pool = new OutputPool();
  expect(pool.take()).not.toBe(pool.take());
});

test('it keeps a few, and none that has grown large', () => {
  const pool = new OutputPool();
  const many = Array.from({ length: 20 }, () => pool.take());
  for (const writer of many) pool.give(writer);
  const kept = Array.from({ length: 20 }, () => pool.take()).filter((writer) => many.includes(writer));
  expect(kept.length).toBeLessThanOrEqual(4);

  const large = pool.take();
  large.reserve(8 * 1024 * 1024);
  pool.give(large);
  expect(Array.from({ length: 10 }, () => pool.take()).includes(large)).toBe(false);
});
