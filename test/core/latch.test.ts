import { expect, test } from 'vitest';
import { Latch } from '../../src/core/latch.js';

test('whoever comes while it is open does not wait', async () => {
  await new Latch().wait(true);
});

test('all that wait are let through when it opens; who comes later waits for the next time', async () => {
  const latch = new Latch();
  const passed: string[] = [];
  const wait = (who: string) => latch.wait(false).then(() => passed.push(who));
  const first = [wait('a'), wait('b')];
  await Promise.resolve();
  expect(passed).toEqual([]);
  latch.open();
  await Promise.all(first);
  const second = wait('c');
  await Promise.resolve();
  expect(passed).toEqual(['a', 'b']);
  latch.open();
  await second;
  expect(passed).toEqual(['a', 'b', 'c']);
});
