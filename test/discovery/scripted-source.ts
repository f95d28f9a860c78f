import { type Endpoint, endpointOf } from '../../src/core/endpoint.js';
import type { Resolver } from '../../src/discovery/resolver.js';
import type { WatchSource } from '../../src/discovery/watch-loop.js';

interface Watch {
  readonly signal: AbortSignal;
  readonly next: (step: () => IteratorResult<readonly Endpoint[]>) => void;
}

/** A registry that tells what a test says, when it says so. */
export class ScriptedSource implements WatchSource {
  /** Watches that were begun. */
  watches = 0;
  /** Of the last watch. */
  signal: AbortSignal | undefined;
  private waiting: Watch | undefined;

  constructor(readonly name: string) {}

  /** Somebody waits for the next list. */
  get isWatched(): boolean {
    return this.waiting !== undefined && !this.waiting.signal.aborted;
  }

  readonly resolver: Resolver = {
    watch: (_service, signal) => {
      this.watches++;
      this.signal = signal;
      return { [Symbol.asyncIterator]: () => ({ next: () => this.nextStep(signal) }) };
    },
  };

  /** Tells a list: addresses, or endpoints. */
  tell(...list: (string | Endpoint)[]): void {
    this.step(() => ({
      done: false,
      value: list.map((item) => (typeof item === 'string' ? endpoint(item) : item)),
    }));
  }

  /** Tells something that may be no list. */
  tellAnything(value: unknown): void {
    this.step(() => ({ done: false, value: value as Endpoint[] }));
  }

  fail(message: string): void {
    this.step(() => {
      throw new Error(message);
    });
  }

  end(): void {
    this.step(() => ({ done: true, value: undefined }));
  }

  private nextStep(signal: AbortSignal): Promise<IteratorResult<readonly Endpoint[]>> {
    return new Promise((resolve, reject) => {
      const next = (step: () => IteratorResult<readonly Endpoint[]>) => {
        try {
          resolve(step());
        } catch (error) {
          reject(error);
        }
      };
      this.waiting = { signal, next };
    });
  }

  private step(step: () => IteratorResult<readonly Endpoint[]>): void {
    const { waiting } = this;
    if (waiting === undefined) throw new Error(`nobody watches ${this.name}`);
    this.waiting = undefined;
    waiting.next(step);
  }
}

/** `host:port`, with attributes. */
export function endpoint(address: string, attributes: Record<string, string> = {}): Endpoint {
  const [host, port] = address.split(':');
  return endpointOf(host, Number(port), attributes);
}
