import { expect, test } from 'vitest';
import { backoffMs } from '../../src/client/backoff.js';

test('doubles from 200 ms to 10 s; the lower half is certain, the upper is chance', () => {
  const least = [0, 1, 2, 3, 4, 5, 6, 20, 5000].map((failures) => backoffMs(failures, () => 0));
  const most = [0, 1, 2, 3, 4, 5, 6, 20, 5000].map((failures) => backoffMs(failures, () => 1));
  expect(least).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  expect(most).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
});
