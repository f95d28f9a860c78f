const SLICES = 10;

/** Latencies are counted in units of 1/16 ms, in 16 buckets for each doubling: a bucket's middle is within 1/32 of them. */
const UNITS_PER_MS = 16;
const SUB_BITS = 4;
const SUBS = 1 << SUB_BITS;
/** 2^22 units, more than four minutes, and all above. */
const MAX_UNITS = 2 ** 22 - 1;
const BUCKETS = bucketOf(MAX_UNITS) + 1;

/** What one path did in a window. */
export interface PathFigures {
  readonly calls: number;
  readonly errors: number;
  /** 0 where there were no calls. */
  readonly errorRatio: number;
  /** Milliseconds that 99 % of the calls kept to, within a 32nd of it or of 1 ms; 0 where there were no calls. */
  readonly p99Ms: number;
}

/**
 * What one path did in the last `windowMs` milliseconds, or up to a tenth of it less: calls, errors, and a histogram of the
 * latencies. Slices of the window are forgotten as a whole; their sums are kept up to date, so that neither a call nor
 * a look at the figures has to add them up.
 */
export class PathWindow {
  private calls = 0;
  private errors = 0;
  /** No bucket above has a call. */
  private highest = 0;
  private readonly counts = new Uint32Array(BUCKETS);
  private readonly callsOf = new Uint32Array(SLICES);
  private readonly errorsOf = new Uint32Array(SLICES);
  private readonly countsOf = new Uint32Array(SLICES * BUCKETS);
  private readonly sliceMs: number;
  private sliceEnd: number;
  private slice = 0;

  constructor(windowMs: number, now: number) {
    this.sliceMs = windowMs / SLICES;
    this.sliceEnd = now + this.sliceMs;
  }

  record(isError: boolean, elapsedMs: number, now: number): void {
    if (now >= this.sliceEnd) this.moveOn(now);
    const { slice } = this;
    const bucket = bucketOf(unitsOf(elapsedMs));
    this.calls++;
    this.callsOf[slice]++;
    this.counts[bucket]++;
    if (bucket > this.highest) this.highest = bucket;
    this.countsOf[slice * BUCKETS + bucket]++;
    if (!isError) return;
    this.errors++;
    this.errorsOf[slice]++;
  }

  figures(now: number): PathFigures {
    if (now >= this.sliceEnd) this.moveOn(now);
    const { calls, errors } = this;
    return { calls, errors, errorRatio: calls === 0 ? 0 : errors / calls, p99Ms: this.p99() };
  }

  private p99(): number {
    const { counts } = this;
    while (this.highest > 0 && counts[this.highest] === 0) this.highest--;
    // The calls that may be slower.
    let left = Math.floor(this.calls / 100);
    for (let bucket = this.highest; bucket >= 0; bucket--) {
      left -= counts[bucket];
      if (left < 0) return middleOf(bucket);
    }
    return 0;
  }

  private moveOn(now: number): void {
    const passed = Math.floor((now - this.sliceEnd) / this.sliceMs) + 1;
    for (let step = Math.min(passed, SLICES); step > 0; step--) {
      this.slice = this.slice + 1 < SLICES ? this.slice + 1 : 0;
      this.forget(this.slice);
    }
    this.sliceEnd += passed * this.sliceMs;
  }

  private forget(slice: number): void {
    if (this.callsOf[slice] === 0) return;
    this.calls -= this.callsOf[slice];
    this.errors -= this.errorsOf[slice];
    this.callsOf[slice] = 0;
    this.errorsOf[slice] = 0;
    const first = slice * BUCKETS;
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.counts[bucket] -= this.countsOf[first + bucket];
    this.countsOf.fill(0, first, first + BUCKETS);
  }
}

function unitsOf(ms: number): number {
  const units = ms * UNITS_PER_MS;
  if (units >= MAX_UNITS) return MAX_UNITS;
  // A clock that was read earlier than the one before.
  return units > 0 ? units | 0 : 0;
}

/** Below 2^SUB_BITS each unit has a bucket; above, each doubling has as many as that. */
function bucketOf(units: number): number {
  if (units < SUBS) return units;
  const shift = 31 - Math.clz32(units) - SUB_BITS;
  return shift * SUBS + (units >> shift);
}

function middleOf(bucket: number): number {
  const shift = Math.max(0, (bucket >> SUB_BITS) - 1);
  const least = (bucket - shift * SUBS) * 2 ** shift;
  return (least + 2 ** shift / 2) / UNITS_PER_MS;
}
