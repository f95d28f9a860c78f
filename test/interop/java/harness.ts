// Builds the Maven project once and starts its JVMs: one provider and one peer (Java caller and judge) a suite at most.
// A JVM ends by itself when its stdin ends, so nothing is left behind where a test run dies.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROJECT = dirname(fileURLToPath(import.meta.url));
const TARGET = join(PROJECT, 'target');
const CLASSPATH = join(TARGET, 'classpath.txt');
const STAMP = join(TARGET, 'built.sha256');
const OPENED = ['java.lang', 'java.math', 'java.net', 'java.util'];
const KEPT_STDERR = 64 * 1024;

/** What the JVM answers: a value, an exception in Java, or what Java found wrong with the other side's answer. */
export interface Answer {
  readonly value?: unknown;
  readonly thrown?: Thrown;
  readonly wrong?: string;
}

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

export type Command = { readonly cmd: string } & Record<string, unknown>;

export class Jvm {
  readonly #process: ChildProcess;
  readonly #logs = mkdtempSync(join(tmpdir(), 'sofa-interop-'));
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #gone: Promise<void>;
  readonly #ready: Promise<unknown>;
  #stderr = '';
  #next = 0;
  #ended: string | undefined;

  constructor(mode: 'provider' | 'peer') {
    const opens = OPENED.flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]);
    const classpath = [join(TARGET, 'interop-java.jar'), readFileSync(CLASSPATH, 'utf8').trim()].join(':');
    const options = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8'];
    this.#process = spawn(
      'java',
      [...opens, ...options, `-Dlogging.path=${this.#logs}`, '-cp', classpath, 'com.lab.run.Main', mode],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    this.#process.stdin?.on('error', () => {});
    this.#ready = new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stdout! }).on('line', (line) => {
        const { id, ready, ...answer } = JSON.parse(line);
        if (ready !== undefined) resolve(ready);
        this.#waiting.get(id)?.(answer);
        this.#waiting.delete(id);
      });
      this.#process.once('error', reject);
      this.#process.once('exit', () =>
        reject(new Error(`java ${mode} ended before it was ready:\n${this.#stderr}`)),
      );
    });
    this.#ready.catch(() => {});
    this.#gone = new Promise((resolve) => {
      this.#process.once('close', (code, signal) => {
        this.#ended = `java ${mode} ended (${signal ?? code}):\n${this.#stderr}`;
        for (const answer of this.#waiting.values()) answer({ wrong: this.#ended });
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** What it printed when it was ready: a provider's ports. */
  get ready(): Promise<unknown> {
    return this.#ready;
  }

  /** Runs one command; commands run side by side. */
  ask(command: Command): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.resolve({ wrong: this.#ended });
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  /** The value of a command; an error where Java threw or disagreed. */
  async value(command: Command): Promise<unknown> {
    const answer = await this.ask(command);
    if (answer.wrong !== undefined) throw new Error(`Java disagrees: ${answer.wrong}`);
    if (answer.thrown !== undefined) throw new Error(`Java threw ${JSON.stringify(answer.thrown)}`);
    return answer.value;
  }

  /** What a Java caller sees where a call must fail. */
  async failure(command: Command): Promise<Thrown> {
    const answer = await this.ask(command);
    if (answer.thrown === undefined)
      throw new Error(`expected an exception in Java, got ${JSON.stringify(answer)}`);
    return answer.thrown;
  }

  /** Ends the JVM: its stdin first, the process where that does not help. */
  async stop(): Promise<void> {
    this.#process.stdin?.end();
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), 5_000);
    await this.#gone;
    clearTimeout(kill);
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

let building: Promise<void> | undefined;

/** Builds the project, unless what is in target/ was made of the same sources and its libraries are still there. */
export function build(): Promise<void> {
  building ??= buildIfNeeded();
  return building;
}

async function buildIfNeeded(): Promise<void> {
  const stamp = sourcesHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp && librariesArePresent()) return;
  const maven = (...args: string[]) =>
    promisify(execFile)('mvn', ['-q', '-B', ...args, 'package'], { cwd: PROJECT, maxBuffer: 1 << 24 });
  await maven('-o').catch(() => maven());
  writeFileSync(STAMP, stamp);
}

function librariesArePresent(): boolean {
  return (
    existsSync(join(TARGET, 'interop-java.jar')) &&
    readFileSync(CLASSPATH, 'utf8').trim().split(':').every(existsSync)
  );
}

function sourcesHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(PROJECT, 'pom.xml')));
  const files = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
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

export async function startRelay(target: string): Promise<Relay> {
  const [host, port] = target.split(':');
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
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
