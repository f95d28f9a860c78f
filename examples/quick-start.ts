/** A contract, a server that implements it, a client that calls it. Run: npx tsx examples/quick-start.ts */
import { Decimal, defineClass, defineEnum, defineService, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';

// The contract: Java's names and Java's types. Both sides use it, and every type below is inferred from it.
const Level = defineEnum('com.acme.shop.Level', ['BASIC', 'GOLD']);

const Customer = defineClass('com.acme.shop.Customer', {
  id: t.long,
  name: t.String.notNull(),
  level: Level.notNull(),
  balance: t.BigDecimal,
  tags: t.List(t.String.notNull()).notNull(),
  get referredBy() {
    return Customer; // a class that contains itself: through a getter
  },
});

const Customers = defineService('com.acme.shop.CustomerService', {
  find: { args: [t.long], returns: Customer, idempotent: true },
  rename: { args: [t.long, t.String.notNull()], returns: t.void },
});

// The server. A Java client calls it in the same way.
const ada = { id: 1n, name: 'Ada', level: 'GOLD', balance: Decimal.of('12.50'), tags: ['first'] } as const;
const names = new Map([[42n, 'Grace']]);

const server = new MeshServer({ app: 'shop', host: '127.0.0.1', port: 0 });
server.add(Customers, {
  async find(id) {
    const name = names.get(id);
    return name === undefined ? null : { id, name, level: 'BASIC', tags: ['new'], referredBy: ada };
  },
  async rename(id, name) {
    names.set(id, name);
  },
});
const { port } = await server.start();

// The client. It connects with the first call.
const mesh = new MeshClient({ app: 'checkout', registry: `bolt://127.0.0.1:${port}` });
const customers = mesh.service(Customers);

await customers.rename(42n, 'Grace Hopper');
const found = await customers.find(42n, { timeoutMs: 500 });
console.log('find(42)    ', found?.name, found?.level, found?.tags);
console.log('referred by ', found?.referredBy?.name, String(found?.referredBy?.balance));
console.log('find(7)     ', await customers.find(7n));

const { value, reply } = await customers.find.withReply(42n);
console.log('with reply  ', value?.id, 'path:', reply.path, 'answered by:', reply.endpoint?.host);

await mesh.close();
await server.stop();
