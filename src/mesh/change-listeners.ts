import { isWorthALine } from '../core/backoff.js';
import { reasonOf } from '../core/reason.js';

/** Whoever wants to know of changes. One that throws harms nobody. */
export class ChangeListeners {
  private readonly all = new Set<() => void>();
  private failures = 0;

  constructor(private readonly warn: (text: string) => void) {}

  /** @returns what takes it out again. */
  add(listener: () => void): () => void {
    // Of its own: the same function may be added twice.
    const own = () => listener();
    this.all.add(own);
    return () => void this.all.delete(own);
  }

  tell(): void {
    for (const listener of [...this.all]) {
      try {
        listener();
      } catch (error) {
        if (isWorthALine(++this.failures))
          this.warn(`a listener of the sidecar's changes failed: ${reasonOf(error)}`);
      }
    }
  }
}
