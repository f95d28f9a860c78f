import { describe, expect, onTestFinished, test } from 'vitest';
import { RpcServer } from '../../../src/compat/server/rpc-server.js';
import type { RpcServerOptions } from '../../../src/compat/server/rpc-server-options.js';
import { RpcService } from '../../../src/compat/server/rpc-service.js';
import type { Registered, ServerRegistry } from '../../../src/compat/server/types.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { FakeSession } from '../../server/fake-session.js';
import { watched } from '../../support/network.js';
import { later } from '../../support/people.js';
import { keptLines } from './serve.js';

/** A registry in memory that does what a test tells it. */
class FakeRegistry implements ServerRegistry {
  readonly urls = new Set<string>();
  readonly asked: string[] = [];
  /** Everything fails with this. */
  down: Error | undefined;
  /** Nothing is ever answered. */
  mute = false;
  /** What it is asked does not happen before this. */
  gate: { readonly asked: 'register' | 'unRegister'; readonly opens: Promise<unknown> } | undefined;
  private readonly listeners = new Set<(addresses: string[]) => void>();

  async register({ url, interfaceName }: Registered): Promise<void> {
    await this.answer(`register ${interfaceName}`);
    this.urls.add(url);
    for (const listener of this.listeners) listener([...this.urls]);
  }

  async unRegister({ url, interfaceName }: Registered): Promise<void> {
    await this.answer(`unRegister ${interfaceName}`);
    this.urls.delete(url);
  }

  subscribe(_: object, listener: (addresses: string[]) => void): void {
    this.listeners.add(listener);
    setImmediate(() => listener([...this.urls]));
  }

  unSubscribe(_: object, listener?: (addresses: string[]) => void): void {
    if (listener !== undefined) this.listeners.delete(listener);
  }

  get listening(): number {
    return this.listeners.size;
  }

  private async answer(asked: string): Promise<void> {
    this.asked.push(asked);
    if (this.gate !== undefined && asked.startsWith(this.gate.asked)) await this.gate.opens;
    if (this.mute) await new Promise(() => undefined);
    if (this.down) throw this.down;
  }
}

function setUp(options: Partial<RpcServerOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const { logger, lines } = keptLines();
  const registry = new FakeRegistry();
  const session = new FakeSession();
  const server = new RpcServer({
    logger,
    clock,
    random: seededRandom(1),
    registry: registry as unknown as ServerRegistry,
    sidecar: session.asSidecar,
    publishAddress: '10.0.0.1',
    ...options,
  });
  server.addService('a.A', {});
  server.addService({ interfaceName: 'a.B', uniqueId: 'blue' }, {});
  onTestFinished(async () => {
    void server.close();
    await clock.advance(10_000);
  });
  /** How it stands after so many milliseconds. */
  const soon = async <T>(ms: number, promise: Promise<T>) => {
    const seen = watched(promise);
    await clock.advance(ms);
    return seen;
  };
  return { server, clock, lines, registry, session, soon };
}

const urlOf = (name: string, at = 1_700_000_000_000, more = '') =>
  `bolt://10.0.0.1:12200?startTime=${at}&pid=${process.pid}&uniqueId=${name === 'a.B' ? 'blue' : ''}&dynamic=true&appName=&timeout=3000&serialization=hessian2&weight=100&accepts=100000&language=nodejs&rpcVer=50400&protocol=&interface=${name}&version=1.0&group=SOFA${more}`;

describe('without a sidecar', () => {
  const direct = { mode: 'direct' } as const;

  test('the registry is told what it always was, and is asked to forget it', async () => {
    const { server, registry, soon, session } = setUp(direct);
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
    expect([...registry.urls]).toEqual([urlOf('a.A'), urlOf('a.B')]);
    expect([registry.listening, session.isStarted]).toEqual([0, false]);
    expect(await soon(0, server.unPublish())).toMatchObject({ state: 'resolved' });
    expect(registry.urls.size).toBe(0);
    expect(registry.asked).toEqual(['register a.A', 'register a.B', 'unRegister a.A', 'unRegister a.B']);
  });

  test('publish() again tells what was added, and nothing twice', async () => {
    const { server, registry, soon } = setUp(direct);
    await soon(0, server.publish());
    server.addService('a.C', {});
    expect(await soon(20, server.publish())).toMatchObject({ state: 'resolved' });
    expect(registry.asked).toEqual(['register a.A', 'register a.B', 'register a.C']);
  });

  test('it may be published again once it was taken back, also where that is still on its way', async () => {
    const { server, registry, clock, soon } = setUp(direct);
    await soon(0, server.publish());
    await clock.advance(500);
    const leaving = server.unPublish();
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
    await leaving;
    expect([...registry.urls]).toEqual([urlOf('a.A', 1_700_000_000_500), urlOf('a.B', 1_700_000_000_500)]);
  });

  test('what is taken back slowly is not announced before', async () => {
    const { server, registry, soon } = setUp(direct);
    await soon(0, server.publish());
    const gate = later<void>();
    registry.gate = { asked: 'unRegister', opens: gate.promise };
    const leaving = server.unPublish();
    const publishing = await soon(500, server.publish());
    registry.gate = undefined;
    gate.resolve();
    await soon(0, leaving);
    expect(publishing.state).toBe('resolved');
    expect([...registry.urls]).toEqual([urlOf('a.A', 1_700_000_000_500), urlOf('a.B', 1_700_000_000_500)]);
    expect(registry.asked.slice(2).map((asked) => asked.slice(0, 5))).toEqual([
      'unReg',
      'unReg',
      'regis',
      'regis',
    ]);
  });

  test('a try that ends when the server was announced anew takes back its own address', async () => {
    const { server, registry, soon } = setUp(direct);
    const gate = later<void>();
    registry.gate = { asked: 'register', opens: gate.promise };
    const first = await soon(4_000, server.publish());
    expect(await soon(3_000, server.unPublish())).toMatchObject({ state: 'resolved' });
    registry.gate = undefined;
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
    gate.resolve();
    await soon(0, Promise.resolve());
    expect(first.state).toBe('rejected');
    expect([...registry.urls]).toEqual([urlOf('a.A', 1_700_000_007_000), urlOf('a.B', 1_700_000_007_000)]);
  });

  test('a registry that fails makes publish() fail; it is tried again, with the same address', async () => {
    const { server, registry, clock, lines, soon } = setUp(direct);
    registry.down = new Error('registry is down');
    expect(await soon(0, server.publish())).toMatchObject({ state: 'rejected', error: registry.down });
    expect(lines.at(-1)).toMatch(
      /^warn: \[RpcServer\] cannot announce a.A:1.0 and 1 more at .*: registry is down; /,
    );
    expect(await soon(0, server.publish())).toMatchObject({ state: 'rejected', error: registry.down });
    registry.down = undefined;
    await clock.advance(10_000);
    expect([...registry.urls]).toEqual([urlOf('a.A'), urlOf('a.B')]);
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
  });

  test('a registry that does not answer holds unPublish() for seconds at most', async () => {
    const { server, registry, soon, lines } = setUp(direct);
    registry.mute = true;
    await soon(4_000, server.publish());
    expect(await soon(3_000, server.unPublish())).toMatchObject({ state: 'resolved' });
    expect(lines.at(-1)).toContain('did not confirm within 1000 ms that the services were withdrawn');
  });

  test('a registry that is slow is waited for, until the server is taken back', async () => {
    const { server, registry, soon } = setUp(direct);
    registry.mute = true;
    const publishing = await soon(60_000, server.publish());
    expect(publishing.state).toBe('pending');
    expect(await soon(2_000, server.unPublish())).not.toBe('pending');
    expect(publishing).toMatchObject({ state: 'rejected', error: { code: 'NO_ENDPOINT' } });
  });

  test('without a registry there is nothing to wait for', async () => {
    const { server, soon } = setUp({ ...direct, registry: undefined });
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
    expect(await soon(0, server.unPublish())).toMatchObject({ state: 'resolved' });
  });

  test('services that were not announced by the server are taken back, too', async () => {
    const { server, registry, soon } = setUp(direct);
    await soon(0, server.services.get('a.A:1.0')?.publish(server.url) as Promise<void>);
    expect(registry.urls.size).toBe(1);
    await soon(0, server.unPublish());
    expect(registry.urls.size).toBe(0);
  });

  test('a service class that announces in its own way is asked, also without a registry', async () => {
    const told: string[] = [];
    class Own extends RpcService {
      override async publish(url: string): Promise<void> {
        told.push(`publish ${this.id} at ${url.slice(0, 21)}`);
      }
      override async unPublish(): Promise<void> {
        told.push(`unPublish ${this.id}`);
      }
    }
    const { server, soon } = setUp({ ...direct, registry: undefined, serviceClass: Own });
    await soon(0, server.publish());
    await soon(0, server.unPublish());
    expect(told).toEqual([
      'publish a.A:1.0 at bolt://10.0.0.1:12200',
      'publish a.B:1.0:blue at bolt://10.0.0.1:12200',
      'unPublish a.A:1.0',
      'unPublish a.B:1.0:blue',
    ]);
  });

  test('close() takes it back; a registry that does not answer costs it seconds', async () => {
    const { server, registry, soon, lines } = setUp(direct);
    await soon(0, server.publish());
    registry.mute = true;
    expect(await soon(5_000, server.close())).toMatchObject({ state: 'resolved' });
    expect(lines.join('\n')).toContain('did not confirm within 1000 ms that this server was withdrawn');
  });

  test('close() closes also where it cannot be taken back, and says so', async () => {
    class Own extends RpcService {
      override async unPublish(): Promise<void> {
        throw new Error('not now');
      }
    }
    const { server, soon } = setUp({ ...direct, serviceClass: Own });
    let closed = 0;
    server.on('close', () => closed++);
    expect(await soon(5_000, server.close())).toMatchObject({
      state: 'rejected',
      error: { message: 'not now' },
    });
    expect(closed).toBe(1);
  });

  test('an application that goes down may say so', async () => {
    const { server, registry, soon, lines } = setUp(direct);
    await soon(0, server.publish());
    server._handleUncaughtError();
    await soon(0, Promise.resolve());
    expect(registry.urls.size).toBe(0);
    expect(lines.at(-1)).toBe(
      `warn: [RpcServer] server is down, cause by uncaughtException in this process ${process.pid}`,
    );
  });
});

describe('where a sidecar is looked for', () => {
  test('it is told instead of the registry', async () => {
    const { server, registry, session, soon } = setUp({ appName: 'shop', codecType: 'protobuf' });
    const publishing = await soon(0, server.publish());
    expect([publishing.state, registry.asked]).toEqual(['pending', []]);
    session.become('ready');
    await soon(0, Promise.resolve());
    expect([publishing.state, registry.asked]).toEqual(['resolved', []]);
    expect(session.announcements.listed.get('a.B:1.0:blue')).toMatchObject({
      host: '10.0.0.1',
      port: 12200,
      attributes: { serialization: 'protobuf', group: 'SOFA', weight: '100' },
    });
    await soon(0, server.unPublish());
    expect([session.announcements.listed.size, registry.asked]).toEqual([0, []]);
  });

  test('and is not there, the registry is told', async () => {
    const { server, registry, session, soon } = setUp();
    session.become('absent');
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
    expect([...registry.urls]).toEqual([urlOf('a.A'), urlOf('a.B')]);
  });

  test('and nothing else may be told, publish() fails without one', async () => {
    const { server, registry, session, soon } = setUp({ mode: 'mesh' });
    session.become('absent');
    const publishing = await soon(3_000, server.publish());
    expect(publishing).toMatchObject({ state: 'rejected', error: { code: 'NO_ENDPOINT' } });
    expect((publishing.error as Error).message).toMatch(
      /^cannot announce a.A:1.0: .*the sidecar at .* is absent/,
    );
    expect(registry.asked).toEqual([]);
  });

  test('and does not take the services, publish() fails where there is no registry', async () => {
    const { server, session, soon } = setUp({ registry: undefined });
    session.become('ready');
    session.untaken.add('a.A:1.0');
    expect(await soon(3_000, server.publish())).toMatchObject({
      state: 'rejected',
      error: { code: 'NO_ENDPOINT', message: expect.stringContaining('refused for now') },
    });
  });

  test('both are told where that is wanted', async () => {
    const { server, registry, session, soon } = setUp({ announce: 'both' });
    session.become('ready');
    expect(await soon(0, server.publish())).toMatchObject({ state: 'resolved' });
    expect([session.announcements.listed.size, registry.urls.size]).toEqual([2, 2]);
  });
});
