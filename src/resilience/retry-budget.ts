/** What a retry takes: deposits are whole percents, so that sums are exact. */
const RETRY = 100;
/** A client that has made no calls yet may retry a little. */
const INITIAL = 10 * RETRY;
/** All calls in flight on a connection fail when it is lost; a busy client has saved up for that. */
const CAPACITY = 100 * RETRY;

/** A token bucket that keeps retries from multiplying the load when everything fails: each call pays in a part of one. */
export class RetryBudget {
  private tokens = INITIAL;

  /** @param percent what a call pays in, of what a retry takes. */
  constructor(private readonly percent: number) {}

  deposit(): void {
    const tokens = this.tokens + this.percent;
    this.tokens = tokens < CAPACITY ? tokens : CAPACITY;
  }

  /** Whether there is enough for a retry, which is then taken. */
  take(): boolean {
    if (this.tokens < RETRY) return false;
    this.tokens -= RETRY;
    return true;
  }
}
