import { expect, test } from 'vitest';
import { seededRandom } from '../../src/testing/seeded-random.js';

const take = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

test('one seed gives the same numbers again, another seed others', () => {
  expect(take(42, 50)).toEqual(take(42, 50));
  expect(take(42, 5)).not.toEqual(take(43, 5));
});

test('numbers are in [0, 1) and spread evenly', () => {
  const numbers = take(1, 20_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length / numbers.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
  }
});
