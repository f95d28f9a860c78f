/** The first part of the demo: what a typed service is. */
import { strict as assert } from 'node:assert';
import { Decimal, Instant, LocalDate, MeshClient, MeshError } from 'sofa-mesh-sdk';
import { OrderNotFound, Orders } from './contract.js';
import { expected, line, result, title, unexpected } from './print.js';
import { hex, partsOf, tap } from './wire.js';

/** Typed results, an exception, a deadline, and the bytes of a call to the provider at 127.0.0.1:`port`. */
export async function typedCalls(port: number): Promise<void> {
  const mesh = directTo(port);
  const orders = mesh.service(Orders);
  await typedResults(orders);
  await remoteException(orders);
  await deadline(orders);
  await onTheWire(port);
  await mesh.close();
}

function directTo(port: number): MeshClient {
  return new MeshClient({ app: 'demo', mode: 'direct', registry: `bolt://127.0.0.1:${port}` });
}

type OrdersClient = ReturnType<typeof ordersOf>;
function ordersOf(mesh: MeshClient) {
  return mesh.service(Orders);
}

async function typedResults(orders: OrdersClient): Promise<void> {
  title('Typed calls', 'result', 'type in JavaScript <- in Java');
  const order = await orders.find(42n);
  assert(order);
  console.log('   find(42n)');
  result('  .id', order.id, 42n, 'bigint <- long');
  result('  .status', order.status, 'SHIPPED', 'one of the names <- enum');
  result('  .total', order.total, Decimal.of('1049.90'), 'Decimal, exact <- BigDecimal');
  result(
    '  .placedAt',
    order.placedAt,
    Instant.parse('2026-03-01T09:30:00.000000001Z'),
    'Instant <- java.time',
  );
  result('  .deliverOn', order.deliverOn, LocalDate.parse('2026-03-04'), 'LocalDate <- java.time');
  result('  .shipTo.city', order.shipTo.city, 'Hangzhou', 'nested object <- POJO');
  result('  .lines[1].article', order.lines[1].article, 'ink 墨水', 'array <- List of POJOs');
  result('  .labels', order.labels, new Map([['gift', 'yes']]), 'Map <- Map');
  result('  .replaces?.status', order.replaces?.status, 'RETURNED', 'the class inside itself');
  result('  .shipTo.street', order.shipTo.street, null, 'null <- null');
  result('next(2n ** 53n)', await orders.next(2n ** 53n), 2n ** 53n + 1n, 'bigint past 2^53 <- long');
  result('total(order.lines)', await orders.total(order.lines), 3, 'number <- int');
  expected(await orders.save(order), order);
  line('save(order)', 'the whole order, there and back');
}

async function remoteException(orders: OrdersClient): Promise<void> {
  title('An exception of the provider: find(7n)');
  const error = await orders.find(7n).then(unexpected, (reason: unknown) => reason);
  if (!OrderNotFound.is(error)) throw error;
  line('rejected with', `${expected(error.name, 'OrderNotFoundException')}: "${error.message}"`);
  line('Java class', expected(error.className, 'com.acme.demo.OrderNotFoundException'));
  line('field id', `${expected(error.id, 7n)}n, a bigint: the exception is typed too`);
}

async function deadline(orders: OrdersClient): Promise<void> {
  title('A deadline: slowReport({ timeoutMs: 100 })');
  const before = performance.now();
  const error = await orders.slowReport({ timeoutMs: 100 }).then(unexpected, (reason: unknown) => reason);
  const waited = Math.round(performance.now() - before);
  if (!MeshError.is(error)) throw error;
  line('rejected with', `${expected(error.code, 'DEADLINE_EXCEEDED')} after ${waited} ms: ${error.message}`);
  const told = await orders.reportsGivenUp();
  line('provider', `${expected(told, 1)} report given up: its handler was told through ctx.signal`);
}

async function onTheWire(port: number): Promise<void> {
  title('On the wire: the request of next(42n)');
  const wire = await tap(port);
  const mesh = directTo(wire.port);
  expected(await ordersOf(mesh).next(42n), 43n);
  await mesh.close();
  wire.close();
  const frame = wire.bytes();
  for (const [offset, bytes, name, meaning] of partsOf(frame)) {
    console.log(`   ${String(offset).padStart(4)}  ${hex(bytes).padEnd(38)}  ${name.padEnd(10)}  ${meaning}`);
  }
  line('in all', `${frame.length} bytes; npx sofa-mesh decode reads them, too`);
}
