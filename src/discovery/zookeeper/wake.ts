import type { Clock, Timer } from '../../core/clock.js';

/**
 * Lets one loop sleep until it is woken or some time has passed. A call to wake() while the loop is busy is kept for its
 * next sleep: nothing that happens in between is lost.
 */
export class Wake {
  private woken = false;
  private resume: (() => void) | undefined;
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  /** An arrow, so that it can be handed out as a listener. */
  readonly wake = (): void => {
    this.woken = true;
    this.resume?.();
  };

  /** True where it was woken, false where the time has passed. The process need not stay alive for it. */
  async sleep(ms: number): Promise<boolean> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        this.resume = resolve;
        this.timer = this.clock.schedule(resolve, ms).unref();
      });
      this.timer?.cancel();
      this.resume = undefined;
    }
    const woken = this.woken;
    this.woken = false;
    return woken;
  }
}
