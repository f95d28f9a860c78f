/** The main job: a provider and a consumer in two processes, a typed service, real Bolt frames. Run: npm run demo */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inspect, isDeepStrictEqual } from 'node:util';
import { Decimal, Instant, LocalDate, MeshClient, MeshError, type TypeOf } from 'sofa-mesh-sdk';
import { type Order, OrderNotFound, Orders } from './contract.js';
import { hex, partsOf, tap } from './wire.js';

const TIME_LIMIT_MS = 15_000;
const started = performance.now();
let checks = 0;

const provider = fork(fileURLToPath(new URL('provider.ts', import.meta.url)));
const watchdog = setTimeout(() => fail(new Error(`not done after ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
process.once('uncaughtException', fail);
try {
  await demo(await portOf(provider));
} catch (error) {
  fail(error);
}
clearTimeout(watchdog);
provider.disconnect();
await once(provider, 'exit');
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`\nDone in ${seconds} s: ${checks} results checked, all as expected. Both processes have ended.`);

async function demo(port: number): Promise<void> {
  console.log('sofa-mesh-sdk demo: one typed service, two processes, Bolt and Hessian between them\n');
  line('consumer', `process ${process.pid} (this one)`);
  line('provider', `process ${provider.pid}, bolt://127.0.0.1:${port}`);
  line('service', Orders.id);

  const mesh = new MeshClient({ app: 'demo', registry: `bolt://127.0.0.1:${port}` });
  const orders = mesh.service(Orders);
  await typedResults(orders);
  await remoteException(orders);
  await deadline(orders);
  await onTheWire(port);
  await speed(orders);
  await mesh.close();
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
  const saved = await orders.save(order);
  expected(saved, { ...order, id: 43n });
  result('save(order).id', saved.id, 43n, 'the whole order, there and back');
}

async function remoteException(orders: OrdersClient): Promise<void> {
  title('An exception of the provider');
  const error = await orders.find(7n).then(unexpected, (reason: unknown) => reason);
  if (!OrderNotFound.is(error)) throw error;
  line('call', 'find(7n)');
  line('rejected with', expected(error.name, 'OrderNotFoundException'));
  line('Java class', expected(error.className, 'com.acme.demo.OrderNotFoundException'));
  line('message', expected(error.message, 'no order 7'));
  line('field id', `${expected(error.id, 7n)}n, a bigint: the exception is typed too`);
}

async function deadline(orders: OrdersClient): Promise<void> {
  title('A deadline');
  const before = performance.now();
  const error = await orders.slowReport({ timeoutMs: 100 }).then(unexpected, (reason: unknown) => reason);
  const waited = Math.round(performance.now() - before);
  if (!MeshError.is(error)) throw error;
  line('call', 'slowReport({ timeoutMs: 100 })');
  line('rejected with', `${expected(error.code, 'DEADLINE_EXCEEDED')} after ${waited} ms`);
  line('message', error.message);
  line('may be retried', expected(error.retry, 'if-idempotent'));
  const told = await orders.reportsGivenUp();
  line('provider', `${expected(told, 1)} report given up: its handler was told through ctx.signal`);
}

async function onTheWire(port: number): Promise<void> {
  title('On the wire: the request of next(42n)');
  const wire = await tap(port);
  const mesh = new MeshClient({ app: 'demo', registry: `bolt://127.0.0.1:${wire.port}` });
  expected(await ordersOf(mesh).next(42n), 43n);
  await mesh.close();
  wire.close();
  const frame = wire.bytes();
  for (const [offset, bytes, name, meaning] of partsOf(frame)) {
    console.log(`   ${String(offset).padStart(4)}  ${hex(bytes).padEnd(38)}  ${name.padEnd(10)}  ${meaning}`);
  }
  line('in all', `${frame.length} bytes; npx sofa-mesh decode reads them, too`);
}

async function speed(orders: OrdersClient): Promise<void> {
  title(
    'Speed: save(order) with 2 lines, there and back, each answer checked; this machine, both processes on it',
  );
  const order = await orders.find(42n);
  assert(order);
  await run(orders, order, 3_000, 64);
  console.log('   calls   at once   calls/s      p50        p99');
  for (const [calls, concurrency] of [
    [2_000, 1],
    [20_000, 64],
  ]) {
    const ms = performance.now();
    const times = await run(orders, order, calls, concurrency);
    const perSecond = Math.round((calls / (performance.now() - ms)) * 1000);
    times.sort();
    const percentile = (p: number) => `${times[Math.floor((times.length - 1) * p)].toFixed(2)} ms`;
    const columns = [calls.toLocaleString('en').padStart(8), String(concurrency).padStart(10)];
    columns.push(
      perSecond.toLocaleString('en').padStart(10),
      percentile(0.5).padStart(9),
      percentile(0.99).padStart(11),
    );
    console.log(columns.join(''));
  }
}

/** Makes calls, `concurrency` at once; resolves to how long each took, in milliseconds. */
async function run(orders: OrdersClient, order: TypeOf<typeof Order>, calls: number, concurrency: number) {
  const times = new Float64Array(calls);
  let next = 0;
  const worker = async () => {
    while (next < calls) {
      const call = next++;
      const before = performance.now();
      const saved = await orders.save({ ...order, id: BigInt(call) });
      times[call] = performance.now() - before;
      if (saved.id !== BigInt(call) + 1n || saved.lines.length !== 2)
        throw new Error(`call ${call} got ${inspect(saved)}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  checks += calls;
  return times;
}

/** The port that the provider says it listens on. */
async function portOf(child: ChildProcess): Promise<number> {
  const [port] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`the provider ended with code ${code} before it listened`)),
    ),
  ]);
  return port as number;
}

function title(text: string, result = '', type = ''): void {
  console.log(`\n${result === '' ? text : `${text.padEnd(25)}${result.padEnd(34)}${type}`}`);
}

function line(name: string, text: string): void {
  console.log(`   ${name.padEnd(16)}${text}`);
}

function result(call: string, actual: unknown, wanted: unknown, type: string): void {
  const shown =
    typeof actual === 'object' && actual !== null && !(actual instanceof Map)
      ? String(actual)
      : inspect(actual);
  // A Chinese character is as wide as two others.
  const wide = shown.match(/\p{Script=Han}/gu)?.length ?? 0;
  console.log(`   ${call.padEnd(22)}${shown.padEnd(34 - wide)}${type}`);
  expected(actual, wanted);
}

/** Counts and checks a result. */
function expected<T>(actual: T, wanted: T): T {
  if (!isDeepStrictEqual(actual, wanted))
    throw new Error(`expected ${inspect(wanted)}, got ${inspect(actual)}`);
  checks++;
  return actual;
}

function unexpected(value: unknown): never {
  throw new Error(`the call should have failed, but it returned ${inspect(value)}`);
}

function fail(error: unknown): never {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : inspect(error)}`);
  provider.kill();
  process.exit(1);
}
