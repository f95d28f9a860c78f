import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { endpointOf } from '../../src/core/endpoint.js';
import { Sidecar } from '../../src/mesh/sidecar.js';
import type { SidecarOptions } from '../../src/mesh/sidecar-options.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { Connect } from '../../src/transport/socket.js';
import { FakeApi, SUCCESS } from './fake-api.js';

export const PEOPLE = 'com.acme.PersonService:1.0';
export const ORDERS = 'com.acme.OrderService:1.0';

/** What the mesh API answers instead of the dev sidecar's; undefined: it hangs. */
export type ApiScript = (path: string) => string | undefined | Promise<string>;

export const refusal = (errorMessage: string) => JSON.stringify({ success: false, errorMessage });
export const success = SUCCESS;
export const hangs: ApiScript = () => undefined;

/** A session with a dev sidecar, in memory and simulated time. */
export interface Rig {
  readonly clock: FakeClock;
  readonly dev: DevSidecar;
  readonly session: Sidecar;
  readonly warnings: string[];
  /** Requests to the mesh API since the sidecar started, and then all to scripted ones: `publish com.acme.PersonService:1.0`. */
  asked(): string[];
  /** The streams that were opened, and how many are open now. */
  readonly opened: Duplex[];
  open(): number;
  /** Another mesh API in place of the sidecar's; undefined gives it back. */
  script(api: ApiScript | undefined): void;
  /** Lets time pass in small steps: what is under way gets somewhere meanwhile. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until something is so. */
  until(condition: () => boolean, withinMs: number): Promise<number>;
  publish(service?: string, port?: number, signal?: AbortSignal): Promise<() => Promise<void>>;
  /** Started, found, and used. */
  ready(): Promise<void>;
}

const STEP_MS = 10;

export async function rig(options: Partial<SidecarOptions> & { isAbsent?: boolean } = {}): Promise<Rig> {
  const { isAbsent = false, ...more } = options;
  const clock = new FakeClock(1_700_000_000_000);
  const dev = await DevSidecar.start({ memory: true, clock, random: seededRandom(1), subscribeWaitMs: 0 });
  for (const service of [PEOPLE, ORDERS]) dev.provide(service, ['10.0.0.9:12200']);
  if (isAbsent) await dev.kill();
  let scripted: ApiScript | undefined;
  const fake = new FakeApi(async ({ path }, response) => {
    const answer = await scripted?.(path);
    if (answer !== undefined) response.end(answer);
  });
  const opened: Duplex[] = [];
  const connect: Connect = async (endpoint, signal) => {
    let stream: Duplex;
    if (scripted !== undefined && endpoint.address === dev.api) {
      const [near, far] = duplexPair();
      fake.server.emit('connection', far);
      stream = near;
    } else stream = await dev.connect(endpoint, signal);
    opened.push(stream);
    return stream;
  };
  const warnings: string[] = [];
  const session = new Sidecar({
    app: 'shop',
    api: dev.api,
    egress: dev.egress,
    clock,
    random: seededRandom(2),
    logger: { warn: (text: string) => warnings.push(text) },
    env: {},
    connect,
    ...more,
  });
  const named = (path: string, body: unknown) => {
    const { serviceName = '' } = (body ?? {}) as { serviceName?: string };
    return `${path.split('/').at(-1)} ${serviceName}`.trim();
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await clock.advance(Math.min(left, STEP_MS));
      await quiet();
    }
  };
  const until = async (condition: () => boolean, withinMs: number) => {
    const from = clock.now();
    await quiet();
    while (!condition()) {
      if (clock.now() - from > withinMs) throw new Error(`not so after ${withinMs} ms`);
      await pass(STEP_MS);
    }
    return clock.now() - from;
  };
  onTestFinished(async () => {
    const closed = session.close();
    await pass(1_100);
    await closed;
    await dev.close();
    fake.server.close();
  });
  return {
    clock,
    dev,
    session,
    warnings,
    opened,
    open: () => opened.filter(({ destroyed }) => !destroyed).length,
    asked: () => [
      ...dev.requests.map(({ path, body }) => named(path, body)),
      ...fake.requests.map(({ path, body }) => named(path, JSON.parse(body))),
    ],
    script: (api) => {
      scripted = api;
    },
    pass,
    until,
    publish: (service = PEOPLE, port = 12_200, signal = new AbortController().signal) =>
      session
        .publisher()
        .publish(service, endpointOf('10.0.0.1', port, { weight: '7', startTime: '99' }), signal),
    ready: async () => {
      session.start();
      await until(() => session.state === 'ready', 1_000);
    },
  };
}

/** An HTTP exchange in memory takes more turns of the event loop than other work. */
async function quiet(): Promise<void> {
  await settled();
  await settled();
}
