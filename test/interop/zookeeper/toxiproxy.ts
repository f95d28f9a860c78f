// Bad networks: a real toxiproxy on loopback, in front of whatever a test wants to be slow or silent.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Guarded } from '../../support/guarded.js';
import { freePort } from './ports.js';

const VERSION = '2.5.0';
const FOLDER = fileURLToPath(new URL(`target/toxiproxy-${VERSION}`, import.meta.url));
const PROGRAM = `${FOLDER}/server`;
const START_LIMIT_MS = 10_000;

let building: Promise<unknown> | undefined;

function build(): Promise<unknown> {
  if (existsSync(PROGRAM)) return Promise.resolve();
  building ??= promisify(execFile)(
    'go',
    ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`],
    {
      env: { ...process.env, GOBIN: FOLDER },
    },
  );
  return building;
}

export class Toxiproxy {
  private constructor(
    private readonly process: Guarded,
    private readonly api: string,
  ) {}

  static async start(): Promise<Toxiproxy> {
    await build();
    const port = await freePort();
    const server = new Guarded('toxiproxy', PROGRAM, ['-host', '127.0.0.1', '-port', String(port)]);
    server.stdout.resume();
    const api = `http://127.0.0.1:${port}`;
    const until = performance.now() + START_LIMIT_MS;
    while (!(await fetch(`${api}/version`).catch(() => undefined))?.ok) {
      if (server.end !== undefined) throw new Error(server.end);
      if (performance.now() > until) throw new Error(`not ready: ${server.said}`);
      await sleep(20);
    }
    return new Toxiproxy(server, api);
  }

  /** A way to `upstream` (`host:port`) that can be spoilt. It is clean at first. */
  async proxy(name: string, upstream: string): Promise<ToxicProxy> {
    const listen = `127.0.0.1:${await freePort()}`;
    await request('POST', `${this.api}/proxies`, { name, upstream, listen, enabled: true });
    return new ToxicProxy(listen, `${this.api}/proxies/${name}`);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}

/** One way through toxiproxy. */
export class ToxicProxy {
  /**
   * @param address `127.0.0.1:port`, to connect to instead of the upstream.
   * @param api where toxiproxy is told about it.
   */
  constructor(
    readonly address: string,
    private readonly api: string,
  ) {}

  get port(): number {
    return Number(this.address.split(':')[1]);
  }

  /** Answers take `ms` longer. */
  async latency(ms: number): Promise<void> {
    await this.#spoil('latency', 'downstream', { latency: ms });
  }

  /**
   * Bytes vanish in both directions and nothing is closed: a half-open connection. A new connection opens as well, and
   * is as silent: toxiproxy answers the handshake itself.
   */
  async blackhole(): Promise<void> {
    await this.#spoil('timeout', 'upstream', { timeout: 0 });
    await this.#spoil('timeout', 'downstream', { timeout: 0 });
  }

  /** Clean again. Connections that lost bytes in a blackhole are closed. */
  async heal(): Promise<void> {
    const toxics = (await request('GET', `${this.api}/toxics`)) as { name: string }[];
    await Promise.all(toxics.map(({ name }) => request('DELETE', `${this.api}/toxics/${name}`)));
  }

  /** Nobody listens there any more, and its connections are closed. */
  async close(): Promise<void> {
    await request('DELETE', this.api);
  }

  async #spoil(type: string, stream: 'upstream' | 'downstream', attributes: object): Promise<void> {
    await request('POST', `${this.api}/toxics`, { type, stream, attributes });
  }
}

async function request(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`toxiproxy: ${method} ${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
