/** A service whose arguments and results are protobuf messages. Run: npx tsx examples/protobuf.ts */
import { fileURLToPath } from 'node:url';
import { defineService, loadProtobuf, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';

const serialization = await loadProtobuf(fileURLToPath(new URL('greeter.proto', import.meta.url)));

// The shapes of the messages: 64-bit integers are bigints, absent fields have their defaults.
interface HelloRequest {
  name: string;
  number: bigint;
}
interface HelloReply {
  text: string;
  next: bigint;
  letters: string[];
}

const Greeter = defineService(
  'com.acme.GreeterService',
  {
    // Over protobuf a method takes one message and returns one, as in Java's SOFARPC.
    hello: {
      args: [t.message<HelloRequest>('acme.HelloRequest')],
      returns: t.message<HelloReply>('acme.HelloReply'),
    },
  },
  { serialization },
);

const server = new MeshServer({ app: 'greeter', host: '127.0.0.1', port: 0 });
server.add(Greeter, {
  async hello({ name, number }) {
    return { text: `Hello, ${name}!`, next: number + 1n, letters: [...name] };
  },
});
const { port } = await server.start();

const mesh = new MeshClient({ app: 'guest', registry: `bolt://127.0.0.1:${port}` });
const greeter = mesh.service(Greeter);

console.log(await greeter.hello({ name: 'Ada', number: 9_007_199_254_740_993n }));

// A wrong value is refused before a byte is sent.
const wrong = { name: 'Ada', number: 'nine' as unknown as bigint };
console.log(await greeter.hello(wrong).catch((error: Error) => error.message));

await mesh.close();
await server.stop();
