// A steady load by a compat consumer, and what came of it: where each call went, and whether one was executed twice.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RpcConsumer } from './mixed-library.js';

/** How one call ended. */
export interface Ended {
  readonly key: string;
  readonly isWrite: boolean;
  /** `host:port` of whom it went to, as the request's meta says. */
  readonly address: string | undefined;
  readonly error: Error | undefined;
  readonly at: number;
}

/** The parts of a response event that are looked at. */
interface Response {
  readonly req: {
    readonly methodName: string;
    readonly args: readonly unknown[];
    readonly meta: { readonly address: { readonly host: string } | null; readonly error: Error | null };
  };
}

/** So many calls a second, every other one a write, whatever becomes of them. */
export class MeshTraffic {
  readonly ended: Ended[] = [];
  private started = 0;
  private readonly running = new Set<Promise<unknown>>();
  private readonly since = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly consumer: RpcConsumer,
    private readonly perSecond = 400,
  ) {
    consumer.on('response', ({ req }: Response) => {
      this.ended.push({
        key: req.args[0] as string,
        isWrite: req.methodName === 'write',
        address: req.meta.address?.host,
        error: req.meta.error ?? undefined,
        at: performance.now(),
      });
    });
    this.timer = setInterval(() => this.startDue(), 5);
  }

  private startDue(): void {
    const due = ((performance.now() - this.since) / 1_000) * this.perSecond;
    for (; this.started < due; this.started++) {
      const method = this.started % 2 === 1 ? 'write' : 'read';
      const call = this.consumer.invoke(method, [`call ${this.started}`]).catch(() => undefined);
      this.running.add(call);
      void call.finally(() => this.running.delete(call));
    }
  }

  /** Resolves when all calls of 100 ms went there and were answered, and to how long that took; fails after 20 s. */
  async goes(address: string): Promise<number> {
    const from = performance.now();
    for (;;) {
      await sleep(100);
      const latest = this.ended.filter(({ at }) => at > performance.now() - 100);
      const isThere = latest.every((one) => one.address === address && one.error === undefined);
      if (latest.length > 0 && isThere) return performance.now() - from;
      if (performance.now() > from + 20_000) {
        const seen = new Set(latest.map((one) => `${one.address} ${one.error ?? ''}`));
        throw new Error(`calls do not go to ${address}, but: ${[...seen].slice(0, 3).join('; ')}`);
      }
    }
  }

  /** No more calls; resolves when all have ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.running);
  }
}

/** A server's methods that count how often each call was executed. */
export function countingService(serviceMs = 10) {
  const executed = new Map<string, number>();
  const run = async (key: string) => {
    executed.set(key, (executed.get(key) ?? 0) + 1);
    await sleep(serviceMs);
    return key;
  };
  const delegate = {
    async read(key: string) {
      return run(key);
    },
    async write(key: string) {
      return run(key);
    },
  };
  return { executed, delegate };
}
