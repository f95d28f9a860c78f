/** How many requests there were in the last so many buckets of time; somebody else says when the next one begins. */
export class RequestWindow {
  private readonly buckets: number[];
  private latest = 0;

  constructor(bucketCount: number) {
    this.buckets = new Array(Math.max(1, bucketCount)).fill(0);
  }

  count(): void {
    this.buckets[this.latest]++;
  }

  get total(): number {
    return this.buckets.reduce((sum, requests) => sum + requests, 0);
  }

  /** Begins a bucket; the oldest is forgotten. */
  turn(): void {
    this.latest = (this.latest + 1) % this.buckets.length;
    this.buckets[this.latest] = 0;
  }
}
