import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AliasTable } from '../../src/balancing/alias-table.js';

/** Draws with every number of a fine grid: what comes out is the table's exact distribution, but for the grid. */
function shares(weights: readonly number[], grid = 2_000): number[] {
  const table = new AliasTable(Float64Array.from(weights));
  const draws = weights.length * grid;
  const counts = weights.map(() => 0);
  for (let i = 0; i < draws; i++) counts[table.draw(() => (i + 0.5) / draws)]++;
  return counts.map((count) => count / draws);
}

test('each index has the part of the draws that its weight is of all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 1e6, noNaN: true })), {
        minLength: 1,
        maxLength: 30,
      }),
      (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        fc.pre(total > 0);
        shares(weights).forEach((share, i) => {
          expect(Math.abs(share - weights[i] / total)).toBeLessThan(1 / 1_000);
        });
      },
    ),
  );
});

test('an index without weight is never drawn', () => {
  expect(shares([0, 5, 0])).toEqual([0, 1, 0]);
});
