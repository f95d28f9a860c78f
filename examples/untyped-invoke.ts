/** A call without a contract: from a console, a gateway, a script. Run: npx tsx examples/untyped-invoke.ts */
import {
  CLASS_NAME,
  defineClass,
  defineService,
  java,
  MeshClient,
  MeshError,
  MeshServer,
  t,
} from 'sofa-mesh-sdk';

// The provider. It could as well be Java: the caller below knows nothing but names.
const Order = defineClass('com.acme.Order', { id: t.long, items: t.List(t.String), total: t.double });
const Orders = defineService('com.acme.OrderService', {
  find: { args: [t.long], returns: Order },
  place: { args: [Order.notNull()], returns: t.long },
  sum: { args: [t.Int, t.int], returns: t.int },
});
const server = new MeshServer({ app: 'orders', host: '127.0.0.1', port: 0 });
server.add(Orders, {
  async find(id) {
    return { id, items: ['pen', 'ink'], total: 7.5 };
  },
  async place(order) {
    console.log('placed      ', order.items, order.total);
    return 43n;
  },
  async sum(boxed, primitive) {
    return (boxed ?? 0) + primitive;
  },
});
const { port } = await server.start();

const mesh = new MeshClient({ app: 'console', registry: `bolt://127.0.0.1:${port}` });
const service = 'com.acme.OrderService:1.0';

// Java finds the method by its parameter types. A bigint is a long, an integer an int; `java.*` says the rest.
const order = (await mesh.invoke(service, 'find', [42n])) as { id: bigint; [CLASS_NAME]: string };
console.log('find(42)    ', order);
console.log('its class   ', order[CLASS_NAME]);

const draft = java.object('com.acme.Order', { id: java.long(0), items: ['ink'], total: java.double(2) });
console.log('place(..)   ', await mesh.invoke(service, 'place', [draft]));
console.log('sum(2, 3)   ', await mesh.invoke(service, 'sum', [java.Int(2), 3]));

// sum(int, int) is not sum(Integer, int): the other side says so.
const error = await mesh.invoke(service, 'sum', [2, 3]).catch((reason: unknown) => reason);
console.log('sum(int,int)', MeshError.is(error) && error.code);

await mesh.close();
await server.stop();
