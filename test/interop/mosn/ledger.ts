// A provider that writes down what it has executed, and the traffic that goes there: reads, which may run twice, and writes.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { defineService, MeshError, type PolicyDocument, t } from 'sofa-mesh-sdk';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';

export const Ledger = defineService('com.lab.LedgerService', {
  /** Answers with the key. */
  read: { args: [t.String.notNull()], returns: t.String.notNull(), idempotent: true },
  /** A counter that must not count a call twice. Answers with how often the call was executed. */
  write: { args: [t.String.notNull()], returns: t.int },
});

export interface LedgerOptions {
  readonly name: string;
  readonly port: number;
  /** Where it is announced. Default: nowhere. */
  readonly registry?: string;
  /** Milliseconds that a call takes. Default 0. */
  readonly serviceMs?: number;
  /** Every nth call fails. Default: none. */
  readonly failEvery?: number;
  /** The read that is answered wrongly. Default: none. */
  readonly oddKey?: string;
}

/** One provider process, which ends with the test run. */
export class LedgerProvider {
  private constructor(
    /** `127.0.0.1:port` */
    readonly address: string,
    private readonly program: LineProcess,
  ) {}

  /** Resolves when it serves, and is announced. */
  static async start(options: LedgerOptions): Promise<LedgerProvider> {
    const file = fileURLToPath(new URL('ledger-provider.ts', import.meta.url));
    const args = ['--import', 'tsx', file, JSON.stringify(options)];
    const program = new LineProcess(new Guarded(options.name, process.execPath, args));
    return new LedgerProvider(`127.0.0.1:${(await program.ready) as number}`, program);
  }

  /** How often each write was executed. */
  async executions(): Promise<ReadonlyMap<string, number>> {
    return new Map(
      Object.entries((await this.program.value({ cmd: 'executions' })) as Record<string, number>),
    );
  }

  /** As an orchestrator stops it: SIGTERM, then the process ends by itself. */
  stop(): Promise<void> {
    return this.program.process.stop('SIGTERM', 20_000);
  }
}

/** How one call ended. */
export interface Ended {
  readonly key: string;
  readonly isWrite: boolean;
  readonly path: 'mesh' | 'direct' | 'fallback' | undefined;
  readonly error: MeshError | undefined;
  readonly at: number;
  readonly tookMs: number;
}

type Caller = ReturnType<typeof callerOf>;

/** The two methods with the way that each call took. */
export function callerOf(service: {
  read: { withReply(key: string): Promise<{ reply: { path: 'mesh' | 'direct' | 'fallback' } }> };
  write: { withReply(key: string): Promise<{ reply: { path: 'mesh' | 'direct' | 'fallback' } }> };
}) {
  return async (isWrite: boolean, key: string) => {
    const { reply } = isWrite ? await service.write.withReply(key) : await service.read.withReply(key);
    return reply.path;
  };
}

/** So many calls a second by so many callers, each waiting for its call; every other call is a write. */
export class Traffic {
  readonly ended: Ended[] = [];
  private readonly workers: readonly Promise<void>[];
  private isOver = false;
  private next = 0;

  constructor(call: Caller, { perSecond = 1_000, concurrency = 64, writes = true } = {}) {
    const everyMs = (1_000 / perSecond) * concurrency;
    this.workers = Array.from({ length: concurrency }, async (_, worker) => {
      let due = performance.now() + (worker / concurrency) * everyMs;
      while (!this.isOver) {
        const wait = due - performance.now();
        if (wait > 0) await sleep(wait);
        due = Math.max(due + everyMs, performance.now() - 1_000);
        await this.one(call, writes);
      }
    });
  }

  private async one(call: Caller, writes: boolean): Promise<void> {
    const number = this.next++;
    const isWrite = writes && number % 2 === 1;
    const key = `call-${number}`;
    const from = performance.now();
    let path: Ended['path'];
    let error: MeshError | undefined;
    try {
      path = await call(isWrite, key);
    } catch (thrown) {
      if (!MeshError.is(thrown)) throw thrown;
      error = thrown;
      path = thrown.path;
    }
    const at = performance.now();
    this.ended.push({ key, isWrite, path, error, at, tookMs: at - from });
  }

  since(at: number): readonly Ended[] {
    return this.ended.filter((one) => one.at >= at);
  }

  get failures(): readonly Ended[] {
    return this.ended.filter(({ error }) => error !== undefined);
  }

  /** The percentage of the calls since then that went through the sidecar. */
  meshShare(from: number): number {
    const calls = this.since(from);
    return (calls.filter(({ path }) => path === 'mesh').length / calls.length) * 100;
  }

  /** Resolves when calls go through the sidecar again, all of them; fails after `limitMs`. Resolves to how long that took. */
  async goes(path: 'mesh' | 'direct', limitMs = 30_000): Promise<number> {
    const from = performance.now();
    for (;;) {
      await sleep(100);
      const latest = this.since(performance.now() - 100);
      if (latest.length > 0 && latest.every((one) => one.path === path)) return performance.now() - from;
      if (performance.now() - from > limitMs) {
        const seen = [...new Set(latest.map((one) => `${one.path} ${one.error?.message ?? ''}`))];
        throw new Error(`calls do not go ${path} after ${limitMs} ms, but: ${seen.slice(0, 3).join('; ')}`);
      }
    }
  }

  /** No more calls; resolves when all have ended. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.workers);
  }
}

/** What became of the traffic, held against what the providers executed. */
export async function account(traffic: Traffic, ...providers: Pick<LedgerProvider, 'executions'>[]) {
  const executed = new Map<string, number>();
  for (const provider of providers) {
    for (const [key, times] of await provider.executions())
      executed.set(key, (executed.get(key) ?? 0) + times);
  }
  const writes = traffic.ended.filter(({ isWrite }) => isWrite);
  const failedWrites = writes.filter(({ error }) => error !== undefined);
  return {
    calls: traffic.ended.length,
    /** Writes that were executed more than once. */
    twice: [...executed].filter(([, times]) => times > 1).map(([key]) => key),
    /** Writes that were answered and never executed. */
    lost: writes.filter(({ key, error }) => error === undefined && !executed.has(key)).map(({ key }) => key),
    failedReads: traffic.failures.filter(({ isWrite }) => !isWrite).map(({ error }) => String(error)),
    failedWrites: failedWrites.length,
    /** Writes that failed though they had not been sent, or without saying that they were. */
    unexplained: failedWrites.filter(({ error }) => error?.sent !== true).map(({ error }) => String(error)),
    fallbacks: traffic.ended.filter(({ path, error }) => path === 'fallback' && error === undefined).length,
  };
}

/** The policy for the ledger alone. */
export const policyOf = (rule: NonNullable<PolicyDocument['services']>[string]): PolicyDocument => ({
  services: { [Ledger.id]: rule },
});
