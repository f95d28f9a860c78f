import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { RpcClient } from '../../src/compat/client/rpc-client.js';
import { RpcServer } from '../../src/compat/server/rpc-server.js';
import type { RpcServerOptions } from '../../src/compat/server/rpc-server-options.js';
import { MODE_VARIABLE } from '../../src/mesh/mode.js';
import { Sidecar } from '../../src/mesh/sidecar.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { Log } from './client/client-world.js';

const ECHO = 'com.acme.Echo';
const ID = `${ECHO}:1.0`;

/** What a server tells its registry. */
class Told {
  readonly registered: string[] = [];
  readonly unregistered: string[] = [];
  private readonly urls = new Set<string>();
  private readonly listeners = new Set<(urls: string[]) => void>();

  async ready(): Promise<void> {}

  async register({ url }: { url: string }): Promise<void> {
    this.registered.push(url);
    this.urls.add(url);
    this.tell();
  }

  async unRegister({ url }: { url: string }): Promise<void> {
    this.unregistered.push(url);
    this.urls.delete(url);
    this.tell();
  }

  subscribe(_config: object, listener: (urls: string[]) => void): void {
    this.listeners.add(listener);
    listener([...this.urls]);
  }

  unSubscribe(_config: object, listener?: (urls: string[]) => void): void {
    this.listeners.delete(listener as (urls: string[]) => void);
  }

  private tell(): void {
    for (const listener of this.listeners) listener([...this.urls]);
  }
}

/** A sidecar on loopback, and a server of the old interface beside it. */
async function served(own: Partial<RpcServerOptions> = {}, { hasSidecar = true } = {}) {
  const dev = await DevSidecar.start({ subscribeWaitMs: 500 });
  if (!hasSidecar) await dev.kill();
  const log = new Log();
  const session = () => {
    const { api, egress } = dev;
    const made = new Sidecar({ app: 'test', api, egress, logger: log, env: {} });
    onTestFinished(() => made.close());
    return made;
  };
  const registry = new Told();
  const server = new RpcServer({
    logger: log,
    port: 0,
    host: '127.0.0.1',
    publishAddress: '127.0.0.1',
    appName: 'people',
    registry,
    sidecar: session(),
    ...own,
  });
  server.addService(ECHO, { echo: async (value: unknown) => value });
  const client = new RpcClient({ logger: log, registry: registry as never, sidecar: session() });
  onTestFinished(async () => {
    await client.close();
    await server.close();
    await dev.close();
  });
  await server.start();
  return { dev, log, server, registry, client };
}

describe('a server', () => {
  test('announces its services at the sidecar, and not in the registry', async () => {
    const { dev, server, registry } = await served();
    await server.publish();
    expect(dev.published).toMatchObject([{ service: ID, port: server.publishPort }]);
    expect(dev.application).toMatchObject({ appName: 'test' });
    expect(registry.registered).toEqual([]);
    await server.unPublish();
    expect(dev.published).toEqual([]);
    expect(registry.unregistered).toEqual([]);
  });

  test('and a client find each other through it, with no registry in between', async () => {
    const { dev, server, client } = await served();
    await server.publish();
    const consumer = client.createConsumer({ interfaceName: ECHO });
    await consumer.ready();
    expect(await consumer.invoke('echo', [{ a: [1, 'x'] }])).toEqual({ a: [1, 'x'] });
    await expect(consumer.invoke('none', [])).rejects.toThrow(
      /Can not find method: com\.acme\.Echo:1\.0#none\(\)/,
    );
    expect(dev.calls).toBe(2);
    expect(client.mesh.status().services).toMatchObject([{ service: ID, path: 'mesh' }]);
  });

  test('that closes is not announced there any more', async () => {
    const { dev, server } = await served();
    await server.publish();
    await server.close();
    expect(dev.published).toEqual([]);
  });

  test('is announced again by itself where the sidecar was restarted', async () => {
    const { dev, server } = await served();
    await server.publish();
    await dev.kill();
    await dev.start();
    await vi.waitFor(() => expect(dev.published).toMatchObject([{ service: ID }]), 10_000);
  });

  test('without a sidecar, or when it is gone, the registry is told', async () => {
    const { dev, server, registry, client } = await served({}, { hasSidecar: false });
    await server.publish();
    expect(registry.registered).toEqual([
      expect.stringMatching(`^bolt://127.0.0.1:${server.publishPort}\\?`),
    ]);
    const consumer = client.createConsumer({ interfaceName: ECHO });
    expect(await consumer.invoke('echo', ['x'])).toBe('x');
    expect(dev.calls).toBe(0);
    await server.unPublish();
    expect(registry.unregistered).toEqual(registry.registered);
  });

  test.each<[string, Partial<RpcServerOptions>, string | undefined]>([
    ['by the option', { mode: 'direct' }, undefined],
    [`by ${MODE_VARIABLE}`, {}, 'direct'],
  ])('opts out %s: the registry is told, and no sidecar is looked for', async (_case, own, variable) => {
    vi.stubEnv(MODE_VARIABLE, variable);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { dev, server, registry } = await served(own);
    await server.publish();
    expect([registry.registered.length, dev.published, dev.requests]).toEqual([1, [], []]);
  });

  test('announces in both where it is told to', async () => {
    const { dev, server, registry } = await served({ announce: 'both' });
    await server.publish();
    expect([registry.registered.length, dev.published.length]).toEqual([1, 1]);
  });
});
