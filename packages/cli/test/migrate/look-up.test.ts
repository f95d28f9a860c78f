import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../../src/testing/fake-clock.js';
import { lookUp } from '../../src/migrate/look-up.js';

test('what a registry lists is told for each service; a bad URL is the answer for all', async () => {
  const clock = new FakeClock();
  const look = lookUp({ clock, random: () => 0, timeoutMs: 1_000 });
  expect(await look('bolt://a:1,b:2', ['x.Y:1.0', 'x.Z:1.0'])).toEqual(
    new Map([
      ['x.Y:1.0', 2],
      ['x.Z:1.0', 2],
    ]),
  );
  expect((await look('nosuch://a', ['x.Y:1.0'])).get('x.Y:1.0')).toContain('has the scheme nosuch');
});

test('a registry that says nothing is given up after the time for all services', async () => {
  const clock = new FakeClock();
  const look = lookUp({ clock, random: () => 0, timeoutMs: 1_000 });
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const looked = look(`zookeeper://127.0.0.1:${port}?connectTimeoutMs=60000`, ['x.Y:1.0']);
  let answer: unknown;
  void looked.then((all) => {
    answer = all.get('x.Y:1.0');
  });
  await clock.advance(999);
  expect(answer).toBeUndefined();
  await clock.advance(1);
  await clock.advance(10_000);
  expect((await looked).get('x.Y:1.0')).toBe('no answer within 1000 ms');
});
