import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { settled } from '../../src/testing/fake-clock.js';

describe('duplexPair', () => {
  test('what is written to one end is read from the other, both ways', async () => {
    const [a, b] = duplexPair();
    a.write('to b');
    b.write('to a');
    expect(String((await once(b, 'data'))[0])).toBe('to b');
    expect(String((await once(a, 'data'))[0])).toBe('to a');
  });

  test('a writer may reuse its buffer when it is told that the bytes have left', async () => {
    const [a, b] = duplexPair();
    const buffer = Buffer.from('first');
    await new Promise((resolve) => a.write(buffer, resolve));
    buffer.fill('x');
    expect(String((await once(b, 'data'))[0])).toBe('first');
  });

  test('an end that is not read blocks the other, and reading lets it go on', async () => {
    const [a, b] = duplexPair();
    let left = 0;
    for (let i = 0; i < 100; i++) a.write(Buffer.alloc(10_000), () => left++);
    await settled();
    expect(left).toBeLessThan(20);
    b.resume();
    await settled();
    expect(left).toBe(100);
  });

  test('the end of one is the end of the other, after what was written', async () => {
    const [a, b] = duplexPair();
    const got: string[] = [];
    b.on('data', (chunk) => got.push(String(chunk)));
    a.end('last words');
    await once(b, 'end');
    expect(got).toEqual(['last words']);
  });

  test('destroying one closes the other', async () => {
    const [a, b] = duplexPair();
    a.destroy();
    await once(b, 'close');
    expect(b.destroyed).toBe(true);
  });

  test('writing to a peer that is gone is an error, as with a socket', async () => {
    const [a, b] = duplexPair();
    b.destroy();
    a.write('into the void');
    expect(String((await once(a, 'error'))[0])).toContain('the other end is gone');
  });
});
