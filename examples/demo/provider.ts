/** The provider of the demo: a process of its own, which ends with the one that forked it. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Decimal, Instant, LocalDate, MeshServer } from 'sofa-mesh-sdk';
import { OrderNotFound, Orders } from './contract.js';

process.once('disconnect', () => process.exit());

const pen = { article: 'pen', quantity: 1, price: Decimal.of('1040.00') };
const ink = { article: 'ink 墨水', quantity: 2, price: Decimal.of('4.95') };
const shipTo = { city: 'Hangzhou', street: null };
const placedAt = Instant.parse('2026-03-01T09:30:00.000000001Z');
/** As if a database were asked. */
const QUERY_MS = 5;
const placed = new Map<bigint, number>();
let givenUp = 0;
let report: Promise<unknown> = Promise.resolve();

const server = new MeshServer({ app: 'orders', host: '127.0.0.1', port: 0, mode: 'direct' });
server.add(Orders, {
  async find(id) {
    await sleep(QUERY_MS);
    if (id !== 42n) throw new OrderNotFound({ id, message: `no order ${id}` });
    return {
      id,
      status: 'SHIPPED',
      total: Decimal.of('1049.90'),
      placedAt,
      deliverOn: LocalDate.parse('2026-03-04'),
      shipTo,
      lines: [pen, ink],
      labels: new Map([['gift', 'yes']]),
      replaces: { id: 41n, status: 'RETURNED', total: Decimal.of('0'), placedAt, shipTo, lines: [] },
    };
  },
  async save(order) {
    return order;
  },
  async place(id) {
    placed.set(id, (placed.get(id) ?? 0) + 1);
  },
  async placed() {
    return placed;
  },
  async next(id) {
    return id + 1n;
  },
  async total(lines) {
    return lines.reduce((sum, { quantity }) => sum + quantity, 0);
  },
  async slowReport(ctx) {
    report = once(ctx.signal, 'abort'); // as a query that would run for minutes
    await report;
    givenUp++;
    return null;
  },
  async reportsGivenUp() {
    await report;
    return givenUp;
  },
});

const { port } = await server.start();
process.send?.(port);
