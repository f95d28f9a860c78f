import { expect, test } from 'vitest';
import { Changes } from '../../src/core/changes.js';

test('everybody who waits is told once, and whoever gave up is let go', async () => {
  const changes = new Changes();
  const gone = new AbortController();
  const heard: string[] = [];
  const never = new AbortController().signal;
  const waits = [
    changes.next(never).then(() => heard.push('one')),
    changes.next(never).then(() => heard.push('two')),
    changes.next(gone.signal).then(() => heard.push('gone')),
  ];
  gone.abort();
  await waits[2];
  expect(heard).toEqual(['gone']);
  changes.tell();
  await Promise.all(waits);
  expect(heard).toEqual(['gone', 'one', 'two']);
  changes.tell();
  expect(heard).toHaveLength(3);
});
