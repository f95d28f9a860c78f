import { expect, test } from 'vitest';
import { backoffMs } from '../../src/core/backoff.js';

const failures = [1, 2, 3, 4, 5, 6, 7, 20, 5000];
const backoff = { firstMs: 200, maxMs: 3_500 };

test('doubles from firstMs to maxMs; the lower half is certain, the upper is chance', () => {
  expect(failures.map((count) => backoffMs(backoff, count, () => 0))).toEqual([
    100, 200, 400, 800, 1600, 1750, 1750, 1750, 1750,
  ]);
  expect(failures.map((count) => backoffMs(backoff, count, () => 1))).toEqual([
    200, 400, 800, 1600, 3200, 3500, 3500, 3500, 3500,
  ]);
});
