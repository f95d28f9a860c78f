// Members of a fleet, each a process of its own, of either library.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LineProcess } from '../../support/line-process.js';
import { type SideName, startProgram } from './mixed-library.js';

export interface MemberOptions {
  readonly side: SideName;
  readonly role: 'provider' | 'consumer';
  readonly name: string;
  /** `host:port/root` */
  readonly zookeeper: string;
  /** Milliseconds that a call takes. Default 5. */
  readonly serviceMs?: number;
}

/** What became of a consumer's calls. */
export interface Tally {
  calls: number;
  /** Each with its error. */
  failed: string[];
  /** How often each provider answered. */
  heard: Record<string, number>;
  /** Of the calls that were answered. */
  keys: string[];
}

class Member {
  protected constructor(
    readonly name: string,
    protected readonly program: LineProcess,
    /** What it said when it was ready. */
    protected readonly ready: unknown,
  ) {}

  protected static async launch(options: MemberOptions): Promise<[string, LineProcess, unknown]> {
    const name = `${options.side} ${options.role} ${options.name}`;
    const program = startProgram(new URL('mixed-member.ts', import.meta.url), name, [
      JSON.stringify(options),
    ]);
    return [options.name, program, await program.ready];
  }

  /** Ends the process, if it still runs. */
  stop(): Promise<void> {
    return this.program.stop();
  }
}

export class Provider extends Member {
  /** One that is published. */
  static async start(side: SideName, name: string, zookeeper: string): Promise<Provider> {
    return new Provider(...(await Member.launch({ side, role: 'provider', name, zookeeper })));
  }

  get port(): number {
    return this.ready as number;
  }

  /** How often each call was executed. */
  executed(): Promise<Record<string, number>> {
    return this.program.value({ cmd: 'executed' }) as Promise<Record<string, number>>;
  }

  /** Out of the registry; it serves on. */
  async withdraw(): Promise<void> {
    await this.program.value({ cmd: 'withdraw' });
  }

  /** The library's own end of a server: out of the registry, and its connections closed. */
  async close(): Promise<void> {
    await this.program.value({ cmd: 'close' });
  }
}

export class Consumer extends Member {
  /** One that has found its providers. */
  static async start(side: SideName, name: string, zookeeper: string): Promise<Consumer> {
    return new Consumer(...(await Member.launch({ side, role: 'consumer', name, zookeeper })));
  }

  who(): Promise<string> {
    return this.program.value({ cmd: 'who' }) as Promise<string>;
  }

  /** The error of a call that fails with this message. */
  fail(message: string): Promise<{ name: string; message: string }> {
    return this.program.value({ cmd: 'fail', message }) as Promise<{ name: string; message: string }>;
  }

  async load(perSecond: number): Promise<void> {
    await this.program.value({ cmd: 'load', perSecond });
  }

  tally(): Promise<Tally> {
    return this.program.value({ cmd: 'tally' }) as Promise<Tally>;
  }

  /** Resolves when each of these providers, and nobody else, answers; fails after 20 s. */
  async hears(...names: string[]): Promise<void> {
    const wanted = names.toSorted().join();
    const until = performance.now() + 20_000;
    for (;;) {
      const before = (await this.tally()).heard;
      await sleep(200);
      const { heard, failed } = await this.tally();
      const now = Object.keys(heard).filter((name) => heard[name] !== before[name]);
      if (now.sort().join() === wanted) return;
      if (performance.now() > until)
        throw new Error(`${this.name} hears ${now.join()}, not ${wanted}; it failed ${failed.slice(-3)}`);
    }
  }

  /** Its calls end, then the library's own end of a client. */
  close(): Promise<Tally> {
    return this.program.value({ cmd: 'close' }) as Promise<Tally>;
  }
}
