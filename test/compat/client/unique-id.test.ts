import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/compat/client/address.js';
import { ofUniqueId } from '../../../src/compat/client/unique-id.js';

const of = (uniqueId: string | undefined, ...queries: string[]) =>
  ofUniqueId(
    uniqueId,
    queries.map((query, index) => parseAddress(`bolt://10.0.0.${index}:12200${query}`)),
  ).map(({ hostname }) => Number(hostname.slice('10.0.0.'.length)));

describe('the providers of a uniqueId', () => {
  test('are those that name it', () => {
    expect(of('blue', '?uniqueId=', '?uniqueId=blue', '?uniqueId=red', '?weight=1')).toEqual([1]);
    expect(of(undefined, '?uniqueId=', '?uniqueId=blue', '?weight=1')).toEqual([0, 2]);
    expect(of('', '?uniqueId=', '?uniqueId=blue')).toEqual([0]);
  });

  test('are those that name none, where nobody names it: the predecessor did not say it', () => {
    expect(of('blue', '?uniqueId=', '?uniqueId=red', '')).toEqual([0, 2]);
    expect(of('blue', '?uniqueId=red')).toEqual([]);
  });

  test('are all, for a consumer without one that finds none without', () => {
    expect(of(undefined, '?uniqueId=red', '?uniqueId=blue')).toEqual([0, 1]);
  });
});
