/** A balancer of one's own: the nearest zone first. Run: npx tsx examples/custom-balancer.ts */
import { type Balancer, type Candidate, defineService, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';
import { DevRegistry } from 'sofa-mesh-sdk/testing';

/**
 * Of the endpoints that are ready, one in the nearest zone; there, the one with the fewest calls in flight. A balancer makes
 * a picker of a list, again on every change of it. What is known of an endpoint is in its candidate, not in the picker.
 */
function nearest(zones: readonly string[]): Balancer {
  const distance = ({ endpoint }: Candidate) =>
    zones.indexOf(endpoint.attributes.zone) + 1 || zones.length + 1;
  return (candidates, { clock }) => {
    const order = candidates.map((candidate) => ({ candidate, distance: distance(candidate) }));
    return {
      pick(call) {
        order.sort((a, b) => a.distance - b.distance || a.candidate.inFlight - b.candidate.inFlight);
        for (const { candidate } of order) {
          // Undefined where it is not connected, is ejected, or this call was there before.
          const lease = candidate.leaseFor(call, clock.now());
          if (lease !== undefined) return lease;
        }
        // All that are ready were tried before.
        return order.find(({ candidate }) => candidate.admits(clock.now()))?.candidate.lease();
      },
      // What the client waits for where none is ready.
      targets: () => candidates,
    };
  };
}

const Greetings = defineService('com.acme.GreetingService', {
  greet: { args: [t.String.notNull()], returns: t.String },
});
const registry = new DevRegistry();

async function serve(zone: string): Promise<MeshServer> {
  const options = { app: 'greeter', host: '127.0.0.1', port: 0, publishHost: '127.0.0.1', registry };
  const server = new MeshServer({ ...options, attributes: { zone } });
  server.add(Greetings, { greet: async (name) => `hello ${name}, from the ${zone}` });
  await server.start();
  return server;
}

const north = await serve('north');
const south = await serve('south');
const mesh = new MeshClient({
  app: 'caller',
  mode: 'direct',
  registry,
  balancer: nearest(['south', 'north']),
});
const greetings = mesh.service(Greetings);
// The first call waits for any connection, and not for all of them.
while ((await greetings.greet('Grace')) !== 'hello Grace, from the south');

console.log('near ', await greetings.greet('Ada'));
await south.stop();
console.log('far  ', await greetings.greet('Ada'));

await mesh.close();
await north.stop();
