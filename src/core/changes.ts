/** Lets any number of loops wait until something has changed. */
export class Changes {
  private readonly waiting = new Set<() => void>();

  /** Resolves when `tell()` is called next, or `signal` is aborted. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  tell(): void {
    for (const wake of [...this.waiting]) wake();
  }
}
