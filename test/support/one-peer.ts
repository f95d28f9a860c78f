import { MeshClient } from '../../src/client/mesh-client.js';
import type { MeshClientOptions } from '../../src/client/options.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { Network } from './network.js';
import { People } from './people.js';

/** One attempt a call, each provider in turn: for tests of what lies below. */
export const plain: Partial<MeshClientOptions> = { balancer: 'roundRobin', retry: false };

/** A client in simulated time whose only provider, `a:1`, is a raw peer: the test writes every byte of its answers. */
export function onePeer(options: Partial<MeshClientOptions> = {}) {
  const clock = new FakeClock();
  const network = new Network();
  const peers = network.raw('a:1');
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: 'bolt://a:1',
    connect: network.connect,
    clock,
    ...plain,
    ...options,
  });
  return { clock, network, peers, client, service: client.service(People) };
}
