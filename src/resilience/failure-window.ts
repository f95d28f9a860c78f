const BUCKETS = 10;

/** Counts what happened in the last `windowMs` milliseconds, a tenth of it more or less. */
export class FailureWindow {
  calls = 0;
  failures = 0;
  private readonly callsOf: number[] = new Array(BUCKETS).fill(0);
  private readonly failuresOf: number[] = new Array(BUCKETS).fill(0);
  private readonly bucketMs: number;
  private bucketEnd: number;
  private current = 0;

  constructor(windowMs: number, now: number) {
    this.bucketMs = windowMs / BUCKETS;
    this.bucketEnd = now + this.bucketMs;
  }

  add(failed: boolean, now: number): void {
    if (now >= this.bucketEnd) this.moveOn(now);
    this.callsOf[this.current]++;
    this.calls++;
    if (!failed) return;
    this.failuresOf[this.current]++;
    this.failures++;
  }

  private moveOn(now: number): void {
    const passed = Math.floor((now - this.bucketEnd) / this.bucketMs) + 1;
    for (let step = Math.min(passed, BUCKETS); step > 0; step--) {
      this.current = this.current + 1 < BUCKETS ? this.current + 1 : 0;
      this.calls -= this.callsOf[this.current];
      this.failures -= this.failuresOf[this.current];
      this.callsOf[this.current] = 0;
      this.failuresOf[this.current] = 0;
    }
    this.bucketEnd += passed * this.bucketMs;
  }
}
