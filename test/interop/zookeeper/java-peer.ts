// Java applications (SOFARPC 5.13.2) that find their partners through ZooKeeper: Registry.java of ../java.
import { build, Jvm } from '../java/harness.js';

export interface JavaService {
  /** `host:port/root`, as Java is told of ZooKeeper. */
  readonly registry: string;
  readonly version?: string;
  readonly uniqueId?: string;
}

/** One JVM with as many providers and consumers of com.lab.GreetService as a test wants, by name. */
export class JavaPeer {
  private constructor(private readonly jvm: Jvm) {}

  static async start(): Promise<JavaPeer> {
    await build();
    const jvm = new Jvm('registry');
    await jvm.ready;
    return new JavaPeer(jvm);
  }

  /** A provider that answers by its name. Resolves to its port when it is in the registry. */
  async export(
    name: string,
    service: JavaService & { weight?: number; parameters?: Record<string, string> },
  ): Promise<number> {
    return (await this.jvm.value({ cmd: 'export', name, ...service })) as number;
  }

  /** Takes a provider out of the registry and ends it. */
  async unexport(name: string): Promise<void> {
    await this.jvm.value({ cmd: 'unexport', name });
  }

  /** A consumer, which need not find anybody yet. */
  async refer(
    name: string,
    service: JavaService & { timeout?: number; loadBalancer?: string },
  ): Promise<void> {
    await this.jvm.value({ cmd: 'refer', name, ...service });
  }

  async unrefer(name: string): Promise<void> {
    await this.jvm.value({ cmd: 'unrefer', name });
  }

  /** The addresses that a consumer was told of: `host:port weight`. */
  async known(name: string): Promise<string[]> {
    return (await this.jvm.value({ cmd: 'known', name })) as string[];
  }

  /** Calls of a consumer, one after another: how often each provider answered, or which exceptions were thrown. */
  async call(name: string, times = 1): Promise<Record<string, number>> {
    return (await this.jvm.value({ cmd: 'call', name, times })) as Record<string, number>;
  }

  stop(): Promise<void> {
    return this.jvm.stop();
  }
}
