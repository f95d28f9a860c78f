// Providers in processes of their own, and a steady load on them.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { defineService, MeshError, t } from 'sofa-mesh-sdk';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';

/** Not idempotent: what is lost is not hidden by a second try. */
export const Fleet = defineService('com.lab.FleetService', {
  who: { args: [], returns: t.String.notNull() },
});

export interface MemberOptions {
  readonly name: string;
  readonly registry: string;
  readonly port: number;
  /** What is published where it is not `port`: a proxy's. */
  readonly publishPort?: number;
  /** Milliseconds that a call takes. */
  readonly serviceMs: number;
}

/** One provider process, which ends with the test run. */
export class Member {
  private constructor(
    readonly options: MemberOptions,
    private readonly program: LineProcess,
  ) {}

  /** Resolves when it is published. */
  static async start(options: MemberOptions): Promise<Member> {
    const file = fileURLToPath(new URL('fleet-member.ts', import.meta.url));
    const args = ['--import', 'tsx', file, JSON.stringify(options)];
    const program = new LineProcess(new Guarded(options.name, process.execPath, args));
    const port = (await program.ready) as number;
    return new Member({ ...options, port }, program);
  }

  /** `127.0.0.1:port`, where it listens. */
  get address(): string {
    return `127.0.0.1:${this.options.port}`;
  }

  /** From now on each call takes so long. */
  takes(delayMs: number): void {
    void this.program.ask({ cmd: 'takes', delayMs });
  }

  /** The process stands still, as in a long collection of garbage or a machine that sleeps. */
  pause(): void {
    this.program.process.signal('SIGSTOP');
  }

  resume(): void {
    this.program.process.signal('SIGCONT');
  }

  /** As an orchestrator stops it: SIGTERM, then the process ends by itself. */
  stop(): Promise<void> {
    return this.program.process.stop('SIGTERM', 20_000);
  }
}

/** How one call of a load ended: when, and by whom it was answered or why it failed. */
interface Ended {
  readonly at: number;
  readonly who: string | undefined;
  readonly error: MeshError | undefined;
}

/** So many calls a second, whatever becomes of them. */
export class Load {
  readonly ended: Ended[] = [];
  private started = 0;
  private readonly since = performance.now();
  private readonly timer: NodeJS.Timeout;
  private readonly running = new Set<Promise<void>>();

  constructor(perSecond: number, call: () => Promise<string>) {
    this.timer = setInterval(() => {
      const due = ((performance.now() - this.since) / 1000) * perSecond;
      for (; this.started < due; this.started++) this.run(call);
    }, 5);
  }

  private run(call: () => Promise<string>): void {
    const running = call().then(
      (who) => this.end(who, undefined),
      (error) => {
        if (!MeshError.is(error)) throw error;
        this.end(undefined, error);
      },
    );
    this.running.add(running);
    running.finally(() => this.running.delete(running)).catch(() => undefined);
  }

  private end(who: string | undefined, error: MeshError | undefined): void {
    this.ended.push({ at: performance.now(), who, error });
  }

  /** Resolves when each of the providers has answered once more; fails after a minute. */
  async hearsFrom(...names: string[]): Promise<void> {
    const from = performance.now();
    for (;;) {
      const heard = new Set(this.endedSince(from).map(({ who }) => who));
      if (names.every((name) => heard.has(name))) return;
      if (performance.now() > from + 60_000)
        throw new Error(
          `heard only from ${[...heard].join()}; the last failure: ${this.failures.at(-1)?.message}`,
        );
      await sleep(20);
    }
  }

  /** The calls that ended since then. */
  endedSince(at: number): readonly Ended[] {
    return this.ended.filter((one) => one.at >= at);
  }

  /** The part of the answers since then that came from there. */
  shareOf(who: string, from: number, to: number = performance.now()): number {
    const answered = this.ended.filter((one) => one.at >= from && one.at < to && one.who !== undefined);
    return answered.filter((one) => one.who === who).length / answered.length;
  }

  get failures(): readonly MeshError[] {
    return this.ended.flatMap(({ error }) => error ?? []);
  }

  /** No more calls; resolves when all have ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.running);
  }
}
