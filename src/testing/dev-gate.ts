/** Whether the sidecar stands still, as a process after SIGSTOP, and whom to wake when it goes on. */
export class DevGate {
  private readonly waiting = new Set<() => void>();
  private closed = false;

  get isHung(): boolean {
    return this.closed;
  }

  hang(): void {
    this.closed = true;
  }

  resume(): void {
    if (!this.closed) return;
    this.closed = false;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Calls `run` when the sidecar goes on. */
  onResume(run: () => void): void {
    this.waiting.add(run);
  }

  /** Forgets whom to wake: they are gone. */
  clear(): void {
    this.closed = false;
    this.waiting.clear();
  }

  /** Resolves as soon as the sidecar does not stand still. */
  async passed(): Promise<void> {
    while (this.closed) await new Promise<void>((resolve) => this.onResume(resolve));
  }
}
