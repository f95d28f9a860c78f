import { expect, test } from 'vitest';
import { staticResolver } from '../../src/discovery/static.js';

async function listsOf(addresses: string | readonly string[]): Promise<string[][]> {
  const lists: string[][] = [];
  for await (const list of staticResolver(addresses).watch('any:1.0', new AbortController().signal)) {
    lists.push(list.map((endpoint) => endpoint.address));
  }
  return lists;
}

test('one list, the same for every service', async () => {
  expect(await listsOf('bolt://a:1')).toEqual([['a:1']]);
  expect(await listsOf(['bolt://a:1', 'b'])).toEqual([['a:1', 'b:12200']]);
});

test('several addresses in one text; one named twice counts once', async () => {
  expect(await listsOf('bolt://a:1, bolt://[::1]:2,a:1')).toEqual([['a:1', '[::1]:2']]);
});

test('refuses a bad address and an empty list', () => {
  expect(() => staticResolver('bolt://a:1,nonsense:')).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('nonsense:') }),
  );
  expect(() => staticResolver([])).toThrow(/name at least one/);
  expect(() => staticResolver('')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
