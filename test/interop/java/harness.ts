// Builds the Maven project once and starts its JVMs: one provider and one peer (Java caller and judge) a suite at most.
// A JVM ends with the test run, however that ends.
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Guarded } from '../../support/guarded.js';
import { type Command, type Answer as LineAnswer, LineProcess } from '../../support/line-process.js';
import { buildMaven, libraries } from '../../support/maven.js';

const PROJECT = dirname(fileURLToPath(import.meta.url));
const TARGET = join(PROJECT, 'target');
const JAR = 'interop-java.jar';
const OPENED = ['java.lang', 'java.math', 'java.net', 'java.util'];

/** An exception as a Java caller sees it. */
export interface Thrown {
  readonly class: string;
  readonly message: string | null;
  readonly top: string | null;
  /** SofaRpcException's. */
  readonly errorType?: number;
  readonly fields?: Record<string, unknown>;
  readonly cause?: Thrown;
}

export type Answer = LineAnswer<Thrown>;

export class Jvm extends LineProcess<Thrown> {
  readonly #logs: string;

  /** A mode of the program in com.lab.run.Main. The project must be built. */
  constructor(mode: 'provider' | 'peer' | 'registry' | 'application') {
    const logs = mkdtempSync(join(tmpdir(), 'sofa-interop-'));
    const opens = OPENED.flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]);
    const options = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8'];
    const classpath = `${join(TARGET, JAR)}:${libraries(PROJECT)}`;
    const program = ['-cp', classpath, 'com.lab.run.Main', mode];
    super(new Guarded('Java', 'java', [...opens, ...options, `-Dlogging.path=${logs}`, ...program]));
    this.#logs = logs;
  }

  /** What a Java caller sees where a call must fail. */
  async failure(command: Command): Promise<Thrown> {
    const answer = await this.ask(command);
    if (answer.thrown === undefined)
      throw new Error(`expected an exception in Java, got ${JSON.stringify(answer)}`);
    return answer.thrown;
  }

  override async stop(): Promise<void> {
    await super.stop();
    rmSync(this.#logs, { recursive: true, force: true });
  }
}

/** The provider program's ports and lines. */
export interface Provider {
  readonly jvm: Jvm;
  /** `127.0.0.1:port` of every service. */
  readonly address: string;
  /** The same services where one call at a time is taken and none waits. */
  readonly busyAddress: string;
}

export async function startProvider(): Promise<Provider> {
  await build();
  const jvm = new Jvm('provider');
  const ports = (await jvm.ready) as { main: number; busy: number };
  return { jvm, address: `127.0.0.1:${ports.main}`, busyAddress: `127.0.0.1:${ports.busy}` };
}

export async function startPeer(): Promise<Jvm> {
  await build();
  const jvm = new Jvm('peer');
  await jvm.ready;
  return jvm;
}

/** A provider and a caller in one process, as an application is: what it provides and calls is told by commands. */
export async function startApplication(): Promise<Jvm> {
  await build();
  const jvm = new Jvm('application');
  await jvm.ready;
  return jvm;
}

let building: Promise<void> | undefined;

/** Builds the project, unless what is in target/ was made of the same sources and its libraries are still there. */
export function build(): Promise<void> {
  building ??= buildMaven(PROJECT, JAR);
  return building;
}

/** A TCP relay to a server: it keeps what passed, and adds bytes or cuts its connections on request. */
export interface Relay {
  readonly address: string;
  /** Everything that callers sent, in order. */
  readonly sent: Buffer[];
  /** Everything that the server answered, in order. */
  readonly answered: Buffer[];
  /** Resolves once it is true; asked again whenever bytes passed. */
  until(condition: () => boolean): Promise<void>;
  /** How many connections were made. */
  connections(): number;
  /** Sends bytes to every caller, as if the server had. */
  inject(bytes: Buffer): void;
  cut(): void;
  close(): Promise<void>;
}

/** `at`: where it listens; a free port of 127.0.0.1 where it is left out. */
export async function startRelay(target: string, at = '127.0.0.1:0'): Promise<Relay> {
  const [host, port] = target.split(':');
  const [ownHost, ownPort] = at.split(':');
  const sockets = new Set<Socket>();
  const callers = new Set<Socket>();
  let connections = 0;
  const passed = new EventEmitter();
  const sent: Buffer[] = [];
  const answered: Buffer[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    connections += 1;
    callers.add(near);
    near.once('close', () => callers.delete(near));
    for (const [from, to, kept] of [
      [near, far, sent],
      [far, near, answered],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        kept.push(chunk);
        to.write(chunk);
        passed.emit('bytes');
      });
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(Number(ownPort), ownHost, resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `${ownHost}:${(server.address() as AddressInfo).port}`,
    sent,
    answered,
    until: async (condition) => {
      while (!condition()) await once(passed, 'bytes');
    },
    connections: () => connections,
    inject: (bytes) => {
      for (const caller of callers) caller.write(bytes);
    },
    cut,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
