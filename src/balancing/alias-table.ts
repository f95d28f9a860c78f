import type { Random } from '../core/random.js';

/**
 * Draws an index with a chance in proportion to its weight, in constant time (Walker's alias method, built as Vose does):
 * each cell holds a share of its own index and gives what is left of it to one other.
 */
export class AliasTable {
  private readonly own: Float64Array;
  private readonly other: Uint32Array;

  /** @param weights none negative, at least one positive. */
  constructor(weights: Float64Array) {
    const count = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.own = weights.map((weight) => (weight * count) / total);
    this.other = Uint32Array.from(weights, (_, index) => index);
    // One array, two stacks: cells that have less than their share from the left, the others from the right.
    const cells = new Uint32Array(count);
    let [small, large] = [0, count];
    for (let i = 0; i < count; i++) {
      if (this.own[i] < 1) cells[small++] = i;
      else cells[--large] = i;
    }
    while (small > 0 && large < count) {
      const less = cells[--small];
      const more = cells[large];
      this.other[less] = more;
      this.own[more] -= 1 - this.own[less];
      if (this.own[more] < 1) {
        large++;
        cells[small++] = more;
      }
    }
    // What is left over is full, but for rounding.
    while (small > 0) this.own[cells[--small]] = 1;
    while (large < count) this.own[cells[large++]] = 1;
  }

  draw(random: Random): number {
    const place = random() * this.own.length;
    const cell = Math.floor(place);
    return place - cell < this.own[cell] ? cell : this.other[cell];
  }
}
