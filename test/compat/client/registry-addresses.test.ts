import { expect, test } from 'vitest';
import { type Address, parseAddress } from '../../../src/compat/client/address.js';
import { addressListener, askWhenReady } from '../../../src/compat/client/registry-addresses.js';
import { Log, MemoryRegistry, rejected } from './client-world.js';

const NEVER = new Promise<never>(() => undefined);

test('what a registry tells becomes addresses; what is no text is left out, with a warning', () => {
  const told: string[][] = [];
  const logger = new Log();
  const listener = addressListener({
    logger,
    uniqueId: 'blue',
    parseUrl: parseAddress,
    onAddresses: (addresses: Address[]) => told.push(addresses.map(({ host }) => host)),
  });
  listener(['a:1?uniqueId=blue', 'b:1?uniqueId=red', 7 as never, 'c:1?uniqueId=blue']);
  listener([]);
  expect(told).toEqual([['a:1', 'c:1'], []]);
  expect(logger.lines).toEqual([['warn', '[RpcConsumer] subscribe address format invalid: 7']]);
});

test('a registry is asked when it is ready', async () => {
  const registry = new MemoryRegistry();
  let isReady = (): void => undefined;
  registry.becomesReady = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const order: string[] = [];
  const asked = askWhenReady(registry, () => order.push('asked'), NEVER).then(() => order.push('resolved'));
  await Promise.resolve();
  expect(order).toEqual([]);
  isReady();
  await asked;
  expect(order).toEqual(['asked', 'resolved']);
});

test('nobody waits for a registry where calls can be made without it', async () => {
  const registry = new MemoryRegistry();
  registry.becomesReady = NEVER;
  await askWhenReady(registry, () => expect.fail('it is not ready'), Promise.resolve());
});

test('a registry that fails to become ready is asked all the same, and the failure is told', async () => {
  const registry = new MemoryRegistry();
  const failure = new Error('down');
  registry.becomesReady = Promise.reject(failure);
  let asked = 0;
  expect(await rejected(askWhenReady(registry, () => asked++, NEVER))).toBe(failure);
  expect(asked).toBe(1);
});
