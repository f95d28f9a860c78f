// A worker of several stops: the sidecar goes on to send calls to their port, and is not told otherwise than by a go-away.
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { RpcServer } from '../../src/compat/server/rpc-server.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { keptLines, type Opened } from '../compat/server/serve.js';
import { watched } from '../support/network.js';
import { later, People, people } from '../support/people.js';
import { bodyOf, RawPeer, request } from '../support/raw-peer.js';
import { FakeName } from './fake-name.js';
import { FakePublisher } from './fake-publisher.js';
import { FakeSession } from './fake-session.js';

const machine = vi.hoisted(() => ({ name: undefined as FakeName | undefined }));
vi.mock(import('../../src/server/local-name.js'), async (original) => ({
  ...(await original()),
  meetingOf: () => machine.name?.process(),
}));

const SIDECAR = '127.0.0.1';
const ELSEWHERE = '10.0.0.9';
/** What asks a client to leave. */
const GO_AWAY = 100;

let clock: FakeClock;
let gate: ReturnType<typeof later<string>>;

beforeEach(() => {
  machine.name = new FakeName();
  clock = new FakeClock(1_700_000_000_000);
  gate = later<string>();
});

/** Lets simulated time pass until it has happened; sockets take turns of the event loop. */
const until = (isSo: () => boolean) =>
  vi.waitFor(
    async () => {
      await clock.advance(20);
      expect(isSo()).toBe(true);
    },
    { timeout: 10_000, interval: 1 },
  );

const slow = (requestId: number) =>
  request({
    method: 'slow',
    fields: { requestId, timeout: 60_000 },
    header: [
      ['service', People.id],
      ['sofa_head_method_name', 'slow'],
    ],
  });

/** One of the processes of a port, with clients that have a call under way and do not say that they understand go-away. */
interface Worker {
  connect(host: string): RawPeer;
  stop(): Promise<void>;
}

async function meshWorker(state: 'ready' | 'absent' = 'ready'): Promise<Worker> {
  const session = new FakeSession();
  const places = { registry: new FakePublisher(), sidecar: session.asSidecar };
  const logger = { warn: () => undefined };
  const listening = { host: '127.0.0.1', port: 0 };
  const server = new MeshServer({ app: 'people', mode: 'auto', ...listening, ...places, clock, logger });
  server.add(People, people({ slow: () => gate.promise }));
  onTestFinished(async () => {
    void server.stop({ timeoutMs: 0 });
    await clock.advance(10_000);
  });
  const starting = watched(server.start());
  session.become(state);
  await until(() => starting.state === 'resolved');
  const connect = (host: string) => {
    const [near, far] = duplexPair();
    server.accept(near, host.includes(':') ? `[${host}]:40000` : `${host}:40000`);
    const peer = new RawPeer(far);
    peer.write(slow(1));
    return peer;
  };
  return { connect, stop: () => server.stop() };
}

async function compatWorker(): Promise<Worker> {
  const session = new FakeSession();
  const { logger } = keptLines();
  const server = new RpcServer({
    logger,
    clock,
    mode: 'mesh',
    sidecar: session.asSidecar,
    publishAddress: '10.0.0.1',
  });
  server.addService('com.acme.PersonService', { slow: async () => gate.promise });
  onTestFinished(async () => {
    void server.close();
    await clock.advance(10_000);
  });
  const publishing = watched(server.publish());
  session.become('ready');
  await until(() => publishing.state === 'resolved');
  const connect = (host: string) => {
    const [near, far] = duplexPair();
    far.on('end', () => far.end());
    const socket = Object.assign(near, { remoteAddress: host, remotePort: 40_000 }) as unknown as Socket;
    (server as unknown as Opened<RpcServer>)._handleSocket(socket);
    const peer = new RawPeer(far);
    peer.write(slow(1));
    return peer;
  };
  return { connect, stop: () => server.close() };
}

const isToldToGo = ({ frames }: RawPeer) => frames.some(({ cmdCode }) => cmdCode === GO_AWAY);

describe.each([
  ['MeshServer', () => meshWorker()],
  ["compat's RpcServer", compatWorker],
] as const)('%s', (_name, start) => {
  test.each([
    ['leads', 0],
    ['stands by', 1],
  ])(
    'one that %s asks the sidecar alone to leave, and answers the calls that it has',
    async (_how, which) => {
      const workers = [await start(), await start()];
      const worker = workers[which] as Worker;
      const [sidecar, mapped, client] = [SIDECAR, `::ffff:${SIDECAR}`, ELSEWHERE].map(worker.connect);
      const stopping = watched(worker.stop());
      await until(() => isToldToGo(sidecar) && isToldToGo(mapped));
      expect(isToldToGo(client)).toBe(false);
      await clock.advance(1_000);
      expect(stopping.state).toBe('pending');
      gate.resolve('finished');
      await until(() => stopping.state === 'resolved');
      for (const { frames } of [sidecar, mapped, client])
        expect(bodyOf(frames.at(-1) as never).appResponse).toBe('finished');
    },
  );

  test('a client that knows no go-away is served until it is silent, or else for a while: none of its calls is refused', async () => {
    gate.resolve('finished');
    const worker = await start();
    await start();
    const [silent, busy] = [worker.connect(ELSEWHERE), worker.connect(ELSEWHERE)];
    const stopping = watched(worker.stop());
    let calls = 1;
    let whenSilentLeft = 0;
    await until(() => {
      if (silent.ended) whenSilentLeft ||= calls;
      if (!busy.ended) busy.write(slow(++calls));
      return stopping.state === 'resolved';
    });
    expect(busy.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(busy.frames.map(() => 'finished'));
    // What crosses the end of its connection is lost.
    expect(busy.frames.length).toBeGreaterThanOrEqual(calls - 2);
    expect(whenSilentLeft).toBeGreaterThan(0);
    expect(calls - whenSilentLeft).toBeGreaterThan(20);
  });

  test('the last one asks nobody: it takes the service off the sidecar', async () => {
    const worker = await start();
    const sidecar = worker.connect(SIDECAR);
    const stopping = watched(worker.stop());
    gate.resolve('finished');
    await until(() => stopping.state === 'resolved');
    expect(isToldToGo(sidecar)).toBe(false);
  });
});

test('where no sidecar sends the calls, whoever is on this machine may be a Java client: it is not asked', async () => {
  const worker = await meshWorker('absent');
  await meshWorker('absent');
  const client = worker.connect(SIDECAR);
  const stopping = watched(worker.stop());
  gate.resolve('finished');
  await until(() => stopping.state === 'resolved');
  expect(isToldToGo(client)).toBe(false);
});
