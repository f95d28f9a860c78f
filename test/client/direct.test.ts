import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { roundRobin } from '../../src/balancing/round-robin.js';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { MeshClientOptions } from '../../src/client/options.js';
import { type Endpoint, parseEndpoint } from '../../src/core/endpoint.js';
import { Registries } from '../../src/discovery/registries.js';
import type { Resolver } from '../../src/discovery/resolver.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Network, watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { frameOf, type RawPeer, response } from '../support/raw-peer.js';

/** A client with everything on, and servers that answer by their name. */
function setUp(options: Partial<MeshClientOptions> = {}, names: readonly string[] = ['a:1', 'b:2', 'c:3']) {
  const network = new Network();
  const clock = new FakeClock();
  const warnings: string[] = [];
  for (const name of names) {
    const server = new MeshServer({ app: name, clock }).add(People, people({ echo: () => name }));
    network.serve(name, server);
  }
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: names.map((name) => `bolt://${name}`),
    connect: network.connect,
    clock,
    random: seededRandom(3),
    logger: { warn: (text: string) => warnings.push(text) },
    ...options,
  });
  return { network, clock, client, warnings, service: client.service(People) };
}

function busy(peer: RawPeer): void {
  const { requestId } = peer.requests[peer.requests.length - 1];
  peer.write(frameOf({ proto: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 4 }));
}

/** Lets backoffs and deadlines pass until it is settled. */
async function outcomeOf<T>(clock: FakeClock, promise: Promise<T>, limitMs = 10_000) {
  const seen = watched(promise);
  for (let ms = 0; seen.state === 'pending' && ms < limitMs; ms += 10) await clock.advance(10);
  return seen;
}

describe('retry', () => {
  function twoRawPeers(options: Partial<MeshClientOptions> = {}) {
    const network = new Network();
    const clock = new FakeClock();
    const peers = [network.raw('a:1'), network.raw('b:2')];
    const registry = ['bolt://a:1', 'bolt://b:2'];
    const common = { app: 'test', registry, connect: network.connect, clock, random: seededRandom(1) };
    const client = new MeshClient({ mode: 'direct', ...common, balancer: 'roundRobin', ...options });
    return { clock, client, all: () => peers.flat(), service: client.service(People) };
  }

  test('by default a call that one provider was too busy for is made at another', async () => {
    const { clock, service, all } = twoRawPeers();
    const call = watched(service.add(1, 2));
    await settled();
    const first = all().find((peer) => peer.requests.length === 1) as RawPeer;
    busy(first);
    await clock.advance(20);
    const second = all().find((peer) => peer !== first) as RawPeer;
    expect(second.requests).toHaveLength(1);
    second.write(response(second.requests[0].requestId, 3));
    await settled();
    expect(call.value).toBe(3);
    expect(first.requests).toHaveLength(1);
  });

  test.each(['failfast', false] as const)('%s: it is not', async (retry) => {
    const { clock, service, all } = twoRawPeers({ retry });
    const call = watched(service.add(1, 2));
    await settled();
    busy(all().find((peer) => peer.requests.length === 1) as RawPeer);
    await clock.advance(500);
    expect(call.error).toMatchObject({ code: 'OVERLOADED', retry: 'safe' });
    expect(all().flatMap((peer) => peer.requests)).toHaveLength(1);
  });

  test('a call that may have been executed is made again only where its method is idempotent', async () => {
    const { clock, service, all } = twoRawPeers();
    const [once, again] = [watched(service.add(1, 2)), watched(service.echo('x'))];
    await settled();
    const requests = all().flatMap((peer) => peer.requests).length;
    for (const peer of all()) peer.stream.destroy();
    await clock.advance(2_000);
    expect(once.error).toMatchObject({ code: 'CONNECTION_LOST', sent: true });
    expect(again.state).toBe('pending');
    expect(all().flatMap((peer) => peer.requests)).toHaveLength(requests + 1);
  });

  test('a service may have its own', async () => {
    const { clock, client, all } = twoRawPeers();
    const call = watched(client.service(People, { retry: false }).add(1, 2));
    await settled();
    busy(all().find((peer) => peer.requests.length === 1) as RawPeer);
    await clock.advance(500);
    expect(call.error).toMatchObject({ code: 'OVERLOADED' });
  });
});

describe('balancer', () => {
  test('by name, or as a function of its own', async () => {
    for (const balancer of ['roundRobin', roundRobin] as const) {
      const { service } = setUp({ balancer });
      await service.ping();
      await settled();
      const answers = await Promise.all(Array.from({ length: 6 }, () => service.echo('')));
      expect(answers.sort()).toEqual(['a:1', 'a:1', 'b:2', 'b:2', 'c:3', 'c:3']);
    }
  });

  test('an unknown name is refused when the client is made', () => {
    expect(() => setUp({ balancer: 'best' as 'p2c' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('p2c') }),
    );
  });

  test('a service may have its own: consistentHash sends the same key to the same provider', async () => {
    const { client } = setUp();
    const service = client.service(People, { balancer: 'consistentHash' });
    await service.ping();
    await settled();
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.echo('the same key')));
    expect(new Set(answers).size).toBe(1);
  });
});

test('localPref: a provider on this machine before all others', async () => {
  const { service } = setUp({ balancer: 'localPref' }, ['a:1', '127.0.0.1:2', 'c:3']);
  await service.ping();
  await settled();
  for (let i = 0; i < 9; i++) expect(await service.echo('')).toBe('127.0.0.1:2');
});

describe('router', () => {
  const zone = (text: string) => `bolt://${text}`;

  test('narrows the endpoints of each call', async () => {
    const { service } = setUp({
      registry: [zone('a:1?zone=red'), zone('b:2?zone=blue'), zone('c:3?zone=blue')],
      router: ({ metadata }, endpoints) =>
        metadata.zone === undefined
          ? endpoints
          : endpoints.filter((one) => one.attributes.zone === metadata.zone),
    });
    for (let i = 0; i < 5; i++) expect(await service.echo('', { metadata: { zone: 'red' } })).toBe('a:1');
    for (let i = 0; i < 5; i++)
      expect(await service.echo('', { metadata: { zone: 'blue' } })).not.toBe('a:1');
  });

  test('that leaves none is NO_ENDPOINT, at once, and says so', async () => {
    const { service } = setUp({ router: () => [] });
    await expect(service.echo('')).rejects.toMatchObject({
      code: 'NO_ENDPOINT',
      service: People.id,
      method: 'echo',
      message: expect.stringContaining('the router leaves none of the 3 endpoints'),
    });
  });

  test('that fails is INVALID_ARGUMENT, before and after there are connections', async () => {
    let fails = true;
    const { service } = setUp({
      router: (_call, endpoints) => {
        if (fails) throw new Error('no zone is set');
        return endpoints;
      },
    });
    const failure = {
      code: 'INVALID_ARGUMENT',
      retry: 'never',
      message: expect.stringContaining('no zone is set'),
    };
    await expect(service.echo('')).rejects.toMatchObject(failure);
    fails = false;
    await service.ping();
    fails = true;
    await expect(service.echo('')).rejects.toMatchObject(failure);
  });
});

describe('outlierEjection', () => {
  test('an endpoint that fails in a row is left alone', async () => {
    const { network, clock, service } = setUp(
      {
        retry: false,
        balancer: 'roundRobin',
        circuitBreaker: false,
        outlierEjection: { consecutiveFailures: 3 },
      },
      ['a:1', 'b:2'],
    );
    const failing = network.raw('a:1');
    await service.ping().catch(() => undefined);
    await settled();
    const answer = () => {
      for (const peer of failing) if (peer.requests.length > 0) busy(peer);
    };
    for (let i = 0; i < 12; i++) {
      const call = watched(service.echo(''));
      await settled();
      answer();
      await settled();
      expect(call.state).not.toBe('pending');
    }
    const before = failing[0].requests.length;
    expect(before).toBeLessThanOrEqual(4);
    for (let i = 0; i < 6; i++) expect(await service.echo('')).toBe('b:2');
    expect(failing[0].requests).toHaveLength(before);
    // When its time is over, one call finds out how it is.
    await clock.advance(6_000);
    const calls = Array.from({ length: 6 }, () => watched(service.echo('')));
    await settled();
    expect(failing[0].requests).toHaveLength(before + 1);
    failing[0].write(response(failing[0].requests[before].requestId, 'well'));
    await settled();
    expect(calls.filter(({ value }) => value === 'well')).toHaveLength(1);
  });

  test('one that was ejected and started anew is tried at once', async () => {
    const { network, clock, service } = setUp(
      {
        retry: false,
        balancer: 'roundRobin',
        circuitBreaker: false,
        outlierEjection: { consecutiveFailures: 1 },
      },
      ['a:1', 'b:2'],
    );
    const failing = network.raw('a:1');
    await service.ping().catch(() => undefined);
    await settled();
    const failed = [watched(service.echo('')), watched(service.echo(''))];
    await settled();
    busy(failing[0]);
    await settled();
    expect(failed.map(({ state }) => state).sort()).toEqual(['rejected', 'resolved']);
    failing[0].stream.destroy();
    await clock.advance(500);
    expect(failing).toHaveLength(2);
    const calls = [watched(service.echo('')), watched(service.echo(''))];
    await settled();
    expect(failing[1].requests).toHaveLength(1);
    failing[1].write(response(failing[1].requests[0].requestId, 'new'));
    await settled();
    expect(calls.map(({ value }) => value).sort()).toEqual(['b:2', 'new']);
  });

  test('where all that are connected are ejected, calls go there all the same', async () => {
    const { network, service } = setUp({ retry: false, circuitBreaker: false }, ['a:1', 'b:2']);
    network.refuse('b:2');
    const [failing] = [network.raw('a:1')];
    for (let i = 0; i < 12; i++) {
      const call = watched(service.echo(''));
      await settled();
      busy(failing[0]);
      await settled();
      expect(call.error).toMatchObject({ code: 'OVERLOADED' });
    }
  });

  test('a number out of range is refused when the client is made', () => {
    expect(() => setUp({ outlierEjection: { consecutiveFailures: 0 } })).toThrow(/consecutiveFailures/);
  });
});

describe('circuitBreaker', () => {
  async function failures(options: Partial<MeshClientOptions>): Promise<string[]> {
    const { network, service } = setUp({ retry: false, outlierEjection: false, ...options }, ['a:1']);
    const failing = network.raw('a:1');
    const codes: string[] = [];
    for (let i = 0; i < 6; i++) {
      const call = watched(service.echo(''));
      await settled();
      if (failing[0].requests.length > codes.filter((code) => code === 'OVERLOADED').length) busy(failing[0]);
      await settled();
      codes.push((call.error as { code: string }).code);
    }
    return codes;
  }

  test('refuses calls of a method that fails at an endpoint', async () => {
    const codes = await failures({ circuitBreaker: { minimumCalls: 4 } });
    expect(codes).toEqual([...Array(4).fill('OVERLOADED'), 'CIRCUIT_OPEN', 'CIRCUIT_OPEN']);
  });

  test('false: never', async () => {
    expect(await failures({ circuitBreaker: false })).toEqual(Array(6).fill('OVERLOADED'));
  });
});

test('maxConcurrency: one call more is RATE_LIMITED, whatever service it is of', async () => {
  const { client, clock, network, service } = setUp({ maxConcurrency: 2 }, ['a:1']);
  const peers = network.raw('a:1');
  const running = [watched(service.echo('1')), watched(client.invoke('com.acme.Other:1.0', 'x', []))];
  await settled();
  await expect(service.echo('3')).rejects.toMatchObject({ code: 'RATE_LIMITED', sent: false, retry: 'safe' });
  peers[0].write(response(peers[0].frames[0].requestId, 'done'));
  await settled();
  expect(running[0].state).toBe('resolved');
  const fourth = await outcomeOf(clock, service.echo('4', { timeoutMs: 50 }));
  expect(fourth.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('propagateDeadline: the provider is told how much time is left; by default it is not', async () => {
  for (const propagateDeadline of [true, undefined]) {
    const { network, service } = setUp({ propagateDeadline }, ['a:1']);
    const peers = network.raw('a:1');
    watched(service.echo('', { timeoutMs: 700 }));
    await settled();
    const header = Object.fromEntries(peers[0].frames[0].header);
    expect(header.sofa_head_deadline_remain_time).toBe(propagateDeadline ? '700' : undefined);
  }
});

describe('registries', () => {
  /** A registry that lists what the test says; undefined makes it fail. */
  class Listing implements Resolver {
    list: readonly string[] | undefined;
    private wake: () => void = () => undefined;

    tell(list: readonly string[] | undefined): void {
      this.list = list;
      this.wake();
    }

    async *watch(): AsyncGenerator<readonly Endpoint[]> {
      for (;;) {
        if (this.list === undefined) throw new Error('the registry is down');
        yield this.list.map((text) => parseEndpoint(text));
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  function withRegistry(options: Partial<MeshClientOptions> = {}) {
    const registry = new Listing();
    return { registry, ...setUp({ registry, ...options }) };
  }

  test('several are asked, and what one of them lists is enough', async () => {
    const down = new Listing();
    const { service, warnings } = setUp({ registry: ['bolt://a:1', down] });
    expect(await service.echo('')).toBe('a:1');
    expect(warnings.join()).toContain('the registry is down');
  });

  test('emptyGraceMs: a registry that suddenly lists nothing is not believed for so long', async () => {
    const { registry, clock, service, warnings } = withRegistry({ emptyGraceMs: 5_000 });
    registry.tell(['a:1']);
    expect(await service.echo('')).toBe('a:1');
    registry.tell([]);
    await clock.advance(4_900);
    expect(await service.echo('')).toBe('a:1');
    expect(warnings).toHaveLength(1);
    await clock.advance(200);
    await expect(service.echo('')).rejects.toMatchObject({ code: 'NO_ENDPOINT' });
  });

  test('one that goes down says so, again and again, and the addresses stay in use', async () => {
    const { registry, clock, service, warnings } = withRegistry();
    registry.tell(['a:1']);
    await service.ping();
    registry.tell(undefined);
    await clock.advance(60_000);
    expect(await service.echo('')).toBe('a:1');
    // Some 17 tries: a line for the 1st, 2nd, 4th, 8th and 16th.
    expect(warnings).toHaveLength(5);
  });

  test('snapshotDir: a client that starts without its registry uses what an earlier one was told', async () => {
    const snapshotDir = mkdtempSync(join(tmpdir(), 'sofa-snapshot-'));
    const first = withRegistry({ snapshotDir });
    first.registry.tell(['b:2']);
    expect(await first.service.echo('')).toBe('b:2');
    await first.client.close();
    expect(readdirSync(snapshotDir)).toHaveLength(1);

    const second = withRegistry({ snapshotDir });
    const watch = vi.spyOn(second.registry, 'watch');
    const calling = second.service.echo('');
    // The file is read in real time, and the registry asked after that: until then the clock must stand still.
    await vi.waitFor(() => expect(watch).toHaveBeenCalled());
    const call = await outcomeOf(second.clock, calling);
    expect(call.value).toBe('b:2');
    expect(second.warnings.join()).toContain('snapshot');
    await second.client.close();
    rmSync(snapshotDir, { recursive: true });
  });

  test('what was opened from a URL is closed with the client', async () => {
    const close = vi.spyOn(Registries.prototype, 'close');
    const { client } = setUp({ registry: 'dns://localhost:12200' });
    await client.close();
    expect(close).toHaveBeenCalledOnce();
    close.mockRestore();
  });

  test('one that only announces is refused: a client needs to be told', () => {
    const publisher = { publish: async () => async () => undefined };
    expect(() => setUp({ registry: publisher as unknown as Resolver })).toThrow(/tells no endpoints/);
  });
});
