import type { Random } from '../core/random.js';

/**
 * Draws pairs of indexes, each index as often as its weight says. Two cursors walk along the list, at a distance that
 * chance chooses anew for each pass: every index has its turn, and memory is read in order. Of 10,000 endpoints, two that
 * are drawn at random cost several times as much, all of it waiting for memory.
 */
export class PairWalk {
  first = 0;
  /** Another one than `first`; by weight it may be the same, or the heavier of two would get no more than half. */
  second = 0;
  private stepsLeft = 0;
  /** Where the part of each index ends, on a scale of one for each index; undefined where all weigh the same. */
  private readonly ends: Float64Array | undefined;
  /** On that scale. */
  private place = 0;
  private distance = 0;

  /** @param weights none negative, at least one positive; undefined where all weigh the same. */
  constructor(
    private readonly count: number,
    weights: Float64Array | undefined,
    private readonly random: Random,
  ) {
    if (weights === undefined) return;
    const scale = count / weights.reduce((sum, weight) => sum + weight, 0);
    let end = 0;
    this.ends = weights.map((weight) => {
      end += weight * scale;
      return end;
    });
    // Rounding must not leave a gap.
    this.ends[count - 1] = count;
  }

  /** Moves on to the next pair. */
  next(): void {
    if (this.stepsLeft === 0) this.jump();
    this.stepsLeft--;
    const { count, ends } = this;
    if (ends === undefined) {
      this.first = this.first + 1 < count ? this.first + 1 : 0;
      this.second = this.second + 1 < count ? this.second + 1 : 0;
      return;
    }
    // Somewhere in each step, or two of a period in the list would never meet.
    const place = this.place + this.random();
    this.place = (this.place + 1) % count;
    this.first = walkTo(place % count, this.first, ends);
    this.second = walkTo((place + this.distance) % count, this.second, ends);
  }

  /** Begins a new pass, anywhere. */
  jump(): void {
    const { count, random, ends } = this;
    this.stepsLeft = count;
    if (ends === undefined) {
      this.first = Math.floor(random() * count);
      this.second = (this.first + 1 + Math.floor(random() * (count - 1))) % count;
      return;
    }
    this.place = random() * count;
    this.distance = random() * count;
    this.first = find(this.place, ends);
    this.second = find((this.place + this.distance) % count, ends);
  }
}

/** The index whose part `place` is in, by walking from a smaller one; the list is a ring. */
function walkTo(place: number, from: number, ends: Float64Array): number {
  let index = from > 0 && place < ends[from - 1] ? 0 : from;
  while (ends[index] <= place) index++;
  return index;
}

/** The same, from anywhere. */
function find(place: number, ends: Float64Array): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
