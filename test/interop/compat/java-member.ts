// One library among Java: `java-member.ts <old|new>`, a provider of the services of com.lab and a consumer of them in one
// process, driven by lines of JSON (../../support/line-process.ts).

import { CALLS } from './java-calls.js';
import { PROTO } from './java-proto.js';
import { greeter, javaServices, type Services } from './java-services.js';
import { CLASS_MAP, VALUES } from './java-values.js';
import {
  libraryOf,
  logger,
  loopbackServer,
  type RpcConsumer,
  type SideName,
  takeCommands,
} from './mixed-library.js';
import { Mask } from './world/mask.mjs';
import { plain } from './world/plain.mjs';

const side = process.argv[2] as SideName;
const lib = await libraryOf(side);
const mask = new Mask();
const given = new Map<string, unknown>();
/** The ends of the providers, by name. */
const closing = new Map<string, () => Promise<void>>();

async function registryAt(address: string) {
  const registry = new lib.registry.ZookeeperRegistry({ logger, address });
  await registry.ready();
  return registry;
}

async function serve(name: string, zookeeper: string | undefined, services: Services): Promise<number> {
  const registry = zookeeper === undefined ? undefined : await registryAt(zookeeper);
  const server = loopbackServer(side, lib, {
    registry,
    classMap: CLASS_MAP,
    proto: PROTO,
    appName: `${side}-provider`,
  });
  // Each failure of a service is one.
  server.on('error', () => {});
  for (const [info, delegate] of services) server.addService(info, delegate);
  await server.start();
  if (registry !== undefined) await server.publish();
  closing.set(name, async () => {
    await server.close();
    await registry?.close();
  });
  return server.publishPort;
}

/** By name. */
const consumers = new Map<string, RpcConsumer>();
const newClient = () =>
  new lib.client.RpcClient({ logger, connectionOpts: { classMap: CLASS_MAP, proto: PROTO } });
/** Two: in the old library, the first call of a connection says in which codec all others are. */
const [client, protobufClient] = [newClient(), newClient()];

function consumerAt(address: string, service: string, more = {}, isProtobuf = false): RpcConsumer {
  const serverHost = isProtobuf ? `${address}?serialization=protobuf` : address;
  const options = { interfaceName: `com.lab.${service}`, serverHost, responseTimeout: 10_000, ...more };
  return (isProtobuf ? protobufClient : client).createConsumer(options);
}

/** What a call answers, or how it fails, in plain form. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  const { value, error } = await call.then(
    (value) => ({ value, error: undefined }),
    (error: Error) => ({ value: undefined, error }),
  );
  return plain(error ?? value, mask);
}

takeCommands(
  {
    /** A provider of everything, announced where `zookeeper` is said. Its port. */
    serve: ({ name = '', zookeeper }: { name?: string; zookeeper?: string }) =>
      serve(name, zookeeper, javaServices(given)),

    /** An announced provider of GreetService alone, which answers by its name. */
    greeter({ name, zookeeper, ...more }: { name: string; zookeeper: string; uniqueId?: string }) {
      return serve(name, zookeeper, [[{ interfaceName: 'com.lab.GreetService', ...more }, greeter(name)]]);
    },

    /** The end of a provider, if it still runs. */
    async close({ name }: { name: string }) {
      const close = closing.get(name);
      closing.delete(name);
      await close?.();
    },

    /** What the checks were given since the last time, in plain form. */
    given() {
      const all = Object.fromEntries([...given].map(([key, value]) => [key, plain(value, mask)]));
      given.clear();
      return all;
    },

    /** What Java makes, kind by kind. */
    async make({ address, type, kinds }: { address: string; type: string; kinds: string[] }) {
      const values = consumerAt(address, 'ValueService');
      const all: Record<string, unknown> = {};
      for (const kind of kinds) all[kind] = await outcome(values.invoke(`make${type}`, [kind]));
      return all;
    },

    /** What Java says of ours. */
    async check({ address, type }: { address: string; type: string }) {
      const values = consumerAt(address, 'ValueService');
      const all: Record<string, unknown> = {};
      for (const [kind, value] of Object.entries(VALUES[type]))
        all[kind] = await outcome(values.invoke(`check${type}`, [kind, value]));
      return all;
    },

    /** One of the calls of java-calls.ts. */
    call({ address, name }: { address: string; name: string }) {
      const { service, method, args, consumer, protobuf } = CALLS[name];
      return outcome(consumerAt(address, service, consumer, protobuf).invoke(method, [...args]));
    },

    /** A consumer of GreetService that finds its providers. It need not find any yet. */
    async refer({ name, zookeeper, ...more }: { name: string; zookeeper: string; uniqueId?: string }) {
      const found = new lib.client.RpcClient({ logger, registry: await registryAt(zookeeper) });
      consumers.set(name, found.createConsumer({ interfaceName: 'com.lab.GreetService', ...more }));
    },

    /** Calls of that consumer, one after another: how often each provider answered, or which errors were thrown. */
    async greet({ name, times = 1 }: { name: string; times?: number }) {
      const consumer = consumers.get(name) as RpcConsumer;
      const answers: Record<string, number> = {};
      for (let i = 0; i < times; i++) {
        const answer = await consumer.invoke('greet', ['node']).then(
          (text: string) => text.replace(/ greets .*/, ''),
          (error: Error) => `${error.name}: ${error.message}`,
        );
        answers[answer] = (answers[answer] ?? 0) + 1;
      }
      return answers;
    },
  },
  side,
);
