// A balancer of the user's, which sees the public Candidate and Lease alone.
import { type Balancer, type Call, type Candidate, type Lease, MeshClient, MeshServer } from 'sofa-mesh-sdk';
import { describe, expect, test } from 'vitest';
import { Network } from '../support/network.js';
import { People, people } from '../support/people.js';

/** A client of two servers, `a:1` and `b:1`, whose echo says which of them it was. */
function clientOf(balancer: Balancer) {
  const network = new Network();
  for (const address of ['a:1', 'b:1']) {
    const server = new MeshServer({ app: 'test', mode: 'direct' });
    server.add(People, people({ echo: () => address }));
    network.serve(address, server);
  }
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: ['bolt://a:1', 'bolt://b:1'],
    connect: network.connect,
    balancer,
  });
  return client.service(People);
}

describe("a balancer of the user's", () => {
  test('chooses by what a candidate says of its endpoint', async () => {
    let listed: readonly Candidate[] = [];
    const inFlight: number[] = [];
    const last: Balancer = (candidates, { clock }) => ({
      pick: (call) => {
        listed = candidates;
        inFlight.push(candidates[1].inFlight);
        return candidates[1].leaseFor(call, clock.now());
      },
      targets: () => candidates,
    });
    const service = clientOf(last);
    while ((await service.echo('')) !== 'b:1');
    inFlight.length = 0;
    expect(await Promise.all([service.echo(''), service.echo('')])).toEqual(['b:1', 'b:1']);
    expect(inFlight).toEqual([0, 1]);
    expect(listed.map(({ endpoint }) => endpoint.address)).toEqual(['a:1', 'b:1']);
    expect(listed[0].weight).toEqual({ full: 100, warmingUp: 100, warmUntil: 0 });
    expect(listed[0].admits(0)).toBe(true);
    expect(listed[0].cost(0, 0)).toBe(0);
  });

  test.each<[string, (call: Call, candidate: Candidate) => unknown, string]>([
    ['a lease of its own', (_, { endpoint }): Lease => ({ endpoint }), 'what is no lease'],
    ['a copy of a lease', (_, candidate) => ({ ...candidate.lease() }), 'what is no lease'],
    ['a candidate', (_, candidate) => candidate, 'what is no lease'],
    ['null', () => null, 'what is no lease'],
    ['a promise', async (call, candidate) => candidate.leaseFor(call, 0), 'a promise'],
  ])('one whose picker returns %s fails the call and says what it must return', async (_, pick, what) => {
    let made: readonly Candidate[] = [];
    let isBroken = false;
    const service = clientOf((candidates, { clock }) => {
      made = candidates;
      return {
        pick: (call) =>
          isBroken ? (pick(call, candidates[0]) as Lease) : candidates[0].leaseFor(call, clock.now()),
        targets: () => candidates,
      };
    });
    isBroken = true;
    const refusal = {
      code: 'INVALID_ARGUMENT',
      retry: 'never',
      sent: false,
      message: `the balancer's picker returned ${what}: pick(call) must return at once, with what lease() or leaseFor(call, now) of one of its candidates gave, or with undefined where none is ready`,
    };
    // Before an endpoint is connected, and after.
    await expect(service.echo('')).rejects.toMatchObject(refusal);
    isBroken = false;
    expect(await service.echo('')).toBe('a:1');
    expect(made[0].inFlight).toBe(0);
    isBroken = true;
    await expect(service.echo('')).rejects.toMatchObject(refusal);
  });

  test('one that finds nobody ready makes the call wait, and where nobody is better it goes to any target', async () => {
    const nobody: Balancer = (candidates) => ({ pick: () => undefined, targets: () => candidates });
    expect(await clientOf(nobody).echo('')).toMatch(/^[ab]:1$/);
  });
});
