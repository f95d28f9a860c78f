// An application of node:cluster in processes of its own, and clients that call it all the time.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MeshClient, type MeshClientOptions } from 'sofa-mesh-sdk';
import { onTestFinished } from 'vitest';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';
import { Fleet } from './fleet.js';
import { freePort } from './ports.js';

/** What the workers are told. */
export interface WorkerSettings {
  /** What they serve with: MeshServer, or compat's RpcServer. Default `mesh`. */
  readonly face?: 'mesh' | 'compat';
  /** Default `direct`. */
  readonly mode?: 'direct' | 'auto' | 'mesh';
  /** `zookeeper://..`; for compat without the scheme. Default: none. */
  readonly registry?: string;
}

/** What workers.ts is told. */
export interface ApplicationSettings extends WorkerSettings {
  readonly port: number;
  /** Workers that start together. */
  readonly count: number;
}

/** A primary with its workers. They end with the test. */
export class Application {
  private constructor(
    readonly port: number,
    private readonly primary: LineProcess,
    /** Of the workers that live, the oldest first. */
    readonly pids: number[],
  ) {}

  /** Resolves when so many workers are ready. */
  static async start(
    count: number,
    settings: WorkerSettings,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Application> {
    const port = await freePort();
    const told: ApplicationSettings = { ...settings, port, count };
    const program = fileURLToPath(new URL('workers.ts', import.meta.url));
    const args = ['--import', 'tsx', program, JSON.stringify(told)];
    const guarded = new Guarded('the primary', process.execPath, args, { env: { ...process.env, ...env } });
    const primary = new LineProcess(guarded);
    onTestFinished(() => primary.stop());
    return new Application(port, primary, (await primary.ready) as number[]);
  }

  /** One more worker. Resolves when it is ready. */
  async fork(): Promise<void> {
    this.pids.push(...((await this.primary.value({ cmd: 'fork' })) as number[]));
  }

  /** SIGKILL. Resolves when the primary has seen it end. */
  kill(pid: number): Promise<void> {
    return this.end('kill', pid);
  }

  /** In good order. Resolves when it has ended. */
  stop(pid: number): Promise<void> {
    return this.end('stop', pid);
  }

  /** Who announces for all, as the oldest worker says. Undefined with compat, whose servers do not tell. */
  async leader(): Promise<number | undefined> {
    const [oldest] = this.pids;
    const reason = (await this.primary.value({ cmd: 'reason', worker: oldest })) as string;
    if (reason === '') return undefined;
    return Number(/process (\d+) announces for all/.exec(reason)?.[1] ?? oldest);
  }

  private async end(cmd: 'kill' | 'stop', pid: number): Promise<void> {
    await this.primary.value({ cmd, worker: pid });
    this.pids.splice(this.pids.indexOf(pid), 1);
  }
}

interface Failure {
  /** Who answered this caller last. */
  readonly to: number;
  readonly startedAt: number;
  readonly message: string;
}

/** A client with a connection of its own, which calls all the time and notes who answers. */
export class Caller {
  /** The process id of who answered last; 0 before the first answer. */
  who = 0;
  calls = 0;
  readonly failures: Failure[] = [];
  readonly answers = new Map<number, number>();
  private isOver = false;
  private readonly mesh: MeshClient;
  private readonly calling: Promise<void>;

  constructor(options: Omit<MeshClientOptions, 'app'>) {
    this.mesh = new MeshClient({ app: 'caller', timeoutMs: 3_000, ...options });
    this.calling = this.call();
  }

  private async call(): Promise<void> {
    const { who } = this.mesh.service(Fleet);
    while (!this.isOver) {
      this.calls++;
      const startedAt = performance.now();
      await who().then(
        (pid) => {
          this.who = Number(pid);
          this.answers.set(this.who, (this.answers.get(this.who) ?? 0) + 1);
        },
        ({ message }) => this.failures.push({ to: this.who, startedAt, message }),
      );
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.calling;
    await this.mesh.close();
  }
}

/** Callers that have been answered. They stop with the test. */
export class Callers {
  private constructor(readonly all: readonly Caller[]) {}

  static async start(count: number, options: () => Omit<MeshClientOptions, 'app'>): Promise<Callers> {
    const callers = new Callers(Array.from({ length: count }, () => new Caller(options())));
    onTestFinished(() => callers.stop());
    while (callers.all.some(({ who }) => who === 0)) await sleep(10);
    return callers;
  }

  get calls(): number {
    return this.all.reduce((sum, { calls }) => sum + calls, 0);
  }

  /** Resolves when each of them has made so many more calls. */
  async make(more: number): Promise<void> {
    const until = this.all.map((caller) => ({ caller, calls: caller.calls + more }));
    while (until.some(({ caller, calls }) => caller.calls < calls)) await sleep(10);
  }

  /** The failures since the last time that this was asked. */
  failed(): Failure[] {
    return this.all.flatMap(({ failures }) => failures.splice(0));
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((caller) => caller.stop()));
  }
}

/**
 * The failures around a process's death, apart: of calls that it may have held, and of others. It has held none that began
 * when it was known to be dead.
 */
export function apart(failures: readonly Failure[], killed: number, knownAt: number) {
  const isHeld = ({ to, startedAt }: Failure) => to === killed && startedAt < knownAt;
  return { held: failures.filter(isHeld), others: failures.filter((failure) => !isHeld(failure)) };
}
