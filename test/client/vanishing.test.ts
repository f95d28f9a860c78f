import { expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { type Endpoint, parseEndpoint } from '../../src/core/endpoint.js';
import type { Resolver } from '../../src/discovery/resolver.js';
import { encode } from '../../src/hessian/public.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { java } from '../../src/values/java.js';
import { Network, watched } from '../support/network.js';
import { People } from '../support/people.js';
import { frameOf, RESPONSE, response } from '../support/raw-peer.js';

/** A registry whose list a test replaces, for each service on its own. */
class Listed implements Resolver {
  private readonly lists = new Map<string, readonly Endpoint[]>();
  private readonly waiting = new Set<() => void>();

  tell(service: string, ...addresses: string[]): void {
    this.lists.set(service, addresses.map(parseEndpoint));
    for (const wake of this.waiting) wake();
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<readonly Endpoint[]> {
    let told: readonly Endpoint[] | undefined;
    while (!signal.aborted) {
      const list = this.lists.get(service);
      if (list !== told && list !== undefined) yield list;
      told = list;
      if (this.lists.get(service) !== told) continue;
      await new Promise<void>((resolve) => {
        this.waiting.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

const OTHER = 'com.acme.OtherService:1.0';

function setUp() {
  const network = new Network();
  const clock = new FakeClock();
  const registry = new Listed();
  const a = network.raw('a:1');
  const b = network.raw('b:2');
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry,
    connect: network.connect,
    clock,
    retry: false,
  });
  return { network, clock, registry, a, b, client, service: client.service(People) };
}

test('an address that vanishes is drained, not cut: its calls are answered, then its connection closes', async () => {
  const { clock, registry, a, b, service } = setUp();
  registry.tell(People.id, 'a:1');
  const inFlight = watched(service.echo('old'));
  await settled();
  registry.tell(People.id, 'b:2');
  await clock.advance(10);
  const next = watched(service.echo('new'));
  await settled();
  expect(b[0].frames).toHaveLength(1);
  expect(a[0].ended).toBe(false);
  a[0].write(response(a[0].frames[0].requestId, 'from a'));
  b[0].write(response(b[0].frames[0].requestId, 'from b'));
  await settled();
  expect([inFlight.value, next.value]).toEqual(['from a', 'from b']);
  expect(a[0].ended).toBe(true);
});

test('it is not connected again, and leaves no timer behind', async () => {
  const { network, clock, registry, client, service } = setUp();
  registry.tell(People.id, 'a:1');
  watched(service.echo(''));
  await settled();
  registry.tell(People.id, 'b:2');
  await clock.advance(10_000);
  expect(network.attempts).toEqual(['a:1', 'b:2']);
  await client.close();
  // What looks at connections, and what waits for the other side to end its stream, are timers, too.
  await clock.advance(5_000);
  expect(clock.pendingTimers).toBe(0);
});

test('an address that appears when no call waits for it is connected, too', async () => {
  const { network, clock, registry, a, b, client } = setUp();
  const service = client.service(People, { balancer: 'roundRobin' });
  registry.tell(People.id);
  await expect(service.echo('')).rejects.toMatchObject({ code: 'NO_ENDPOINT' });
  registry.tell(People.id, 'a:1');
  await clock.advance(10);
  registry.tell(People.id, 'a:1', 'b:2');
  await clock.advance(10);
  expect(network.attempts).toEqual(['a:1', 'b:2']);
  const calls = [watched(service.echo('1')), watched(service.echo('2'))];
  await settled();
  expect([a[0].requests.length, b[0].requests.length]).toEqual([1, 1]);
  expect(calls.map(({ state }) => state)).toEqual(['pending', 'pending']);
});

test('a call that waited for an address that vanishes goes where the new list says', async () => {
  const { network, clock, registry, b, service } = setUp();
  network.swallow('a:1');
  registry.tell(People.id, 'a:1');
  const call = watched(service.echo(''));
  await clock.advance(100);
  registry.tell(People.id, 'b:2');
  await clock.advance(100);
  b[0].write(response(b[0].requests[0].requestId, 'from b'));
  await settled();
  expect(call.value).toBe('from b');
});

test('one that another service still uses keeps its connection', async () => {
  const { clock, registry, a, client, service } = setUp();
  registry.tell(People.id, 'a:1');
  registry.tell(OTHER, 'a:1');
  watched(service.echo(''));
  watched(client.invoke(OTHER, 'ping', []));
  await settled();
  for (const { requestId } of a[0].requests) a[0].write(response(requestId, null));
  registry.tell(People.id, 'b:2');
  await clock.advance(1_000);
  expect(a).toHaveLength(1);
  expect(a[0].ended).toBe(false);
  registry.tell(OTHER, 'b:2');
  await clock.advance(1_000);
  expect(a[0].ended).toBe(true);
});

/** As a Java server answers that was stopped (facts of the wire). */
function stoppedResponse(requestId: number, errorMsg: string): Buffer {
  const body = java.object(RESPONSE, { isError: true, errorMsg, appResponse: null, responseProps: null });
  return frameOf(
    { proto: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 0 },
    RESPONSE,
    [],
    encode(body),
  );
}

test('a server that answers that it is stopping gets no more calls on that connection', async () => {
  const { clock, registry, a, b, service } = setUp();
  registry.tell(People.id, 'a:1');
  const first = watched(service.echo(''));
  await settled();
  const stopped = 'RPC-019990009: RPC server stopped: [a:1]';
  a[0].write(stoppedResponse(a[0].frames[0].requestId, stopped));
  await settled();
  expect(first.error).toMatchObject({ code: 'SHUTTING_DOWN', retry: 'safe' });
  expect(a[0].ended).toBe(true);
  registry.tell(People.id, 'a:1', 'b:2');
  await clock.advance(50);
  expect(b).toHaveLength(1);
});
