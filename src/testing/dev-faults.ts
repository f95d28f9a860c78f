/** What a test makes go wrong in what a dev sidecar forwards. It stays over restarts. */
export class DevFaults {
  /** How long every forwarded answer is held back. */
  slowMs = 0;
  /** Sees every forwarded answer, a whole Bolt frame, before its caller does, and returns what that gets instead. */
  onAnswer: ((frame: Buffer) => Buffer) | undefined;
  private share = 0;
  private status = 0;
  private count = 0;

  fail(share: number, status: number): void {
    this.share = share;
    this.status = status;
    this.count = 0;
  }

  /** The status that the next call is answered with, or undefined where it is forwarded. */
  next(): number | undefined {
    if (this.share === 0) return undefined;
    this.count++;
    // Rounding must not lose the call that completes a whole number.
    const failed = (count: number) => Math.floor(count * this.share + 1e-9);
    return failed(this.count) > failed(this.count - 1) ? this.status : undefined;
  }
}
