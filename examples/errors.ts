/** What can go wrong, and what each error says. Run: npx tsx examples/errors.ts */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineError, defineService, MeshClient, MeshError, MeshServer, RemoteError, t } from 'sofa-mesh-sdk';

// A Java exception, as a class on both sides. Its fields arrive.
const NotFound = defineError('com.acme.NotFoundException', { id: t.long });

const Stock = defineService('com.acme.StockService', {
  count: { args: [t.long], returns: t.int, throws: [NotFound], idempotent: true },
  recount: { args: [], returns: t.int },
});

const server = new MeshServer({ app: 'stock', host: '127.0.0.1', port: 0 });
server.add(Stock, {
  async count(id) {
    if (id === 404n) throw new NotFound({ id, message: 'no such article' });
    if (id === 500n) throw new Error('the disk is full'); // Java is thrown a RuntimeException with this message
    return 3;
  },
  async recount(ctx) {
    // Aborted when the caller gives up: stop working for nobody.
    await sleep(5_000, undefined, { signal: ctx.signal }).catch(() => undefined);
    return 0;
  },
});
const { port } = await server.start();
const mesh = new MeshClient({ app: 'shop', registry: `bolt://127.0.0.1:${port}` });
const stock = mesh.service(Stock);

// 1. An exception that the contract names: its class, its message, its typed fields.
try {
  await stock.count(404n);
} catch (error) {
  if (!NotFound.is(error)) throw error;
  console.log('1 NotFound         ', error.message, error.id + 1n);
}

// 2. Any other exception: RemoteError, with Java's class name.
const remote = await stock.count(500n).catch((error) => error);
console.log('2 RemoteError      ', remote instanceof RemoteError && remote.className, '-', remote.message);

// 3. A deadline.
await report('3', stock.recount({ timeoutMs: 50 }));

// 4. The caller cancels.
await report('4', stock.recount({ signal: AbortSignal.timeout(20) }));

// 5. A wrong value: refused before a byte is sent, with its path.
await report('5', stock.count('42' as unknown as bigint));

// 6. Nobody listens there.
const nowhere = new MeshClient({ app: 'shop', registry: 'bolt://127.0.0.1:1' });
await report('6', nowhere.service(Stock).count(1n));

await Promise.all([mesh.close(), nowhere.close()]);
await server.stop();

/** Whatever fails is a MeshError. Branch on its code, never on its text; `retry` says whether the call may be made again. */
async function report(step: string, call: Promise<unknown>): Promise<void> {
  const error = await call.catch((reason: unknown) => reason);
  if (!MeshError.is(error)) throw error;
  console.log(`${step} ${error.code.padEnd(17)}`, `sent: ${error.sent}, retry: ${error.retry}`);
  console.log('                   ', error.message);
}
