import { describe, expect, test } from 'vitest';
import { parseEndpoint } from '../../src/core/endpoint.js';
import { MergedList } from '../../src/discovery/merged-list.js';

const list = (...addresses: string[]) => addresses.map(parseEndpoint);
/** What each of several merges changed, as addresses. */
function merged(...rounds: string[][][]) {
  const all = new MergedList();
  return rounds.map((lists) => {
    const change = all.merge(lists.map((addresses) => list(...addresses)));
    return change && { ...change, endpoints: change.endpoints.map(({ address }) => address) };
  });
}

const OWN = '10.0.0.1:45000?startTime=17';
const FRONTED = '10.0.0.1:12200?startTime=17&port=45000';

describe('by address', () => {
  test('the first list that has it says its attributes', () => {
    const change = new MergedList().merge([list('10.0.0.1?weight=1'), list('10.0.0.1?weight=2', '10.0.0.2')]);
    expect(change?.endpoints.map(({ address, attributes }) => [address, attributes.weight])).toEqual([
      ['10.0.0.1:12200', '1'],
      ['10.0.0.2:12200', undefined],
    ]);
  });

  test('tells what came and went, and nothing where nothing did', () => {
    expect(
      merged([['10.0.0.1', '10.0.0.2']], [['10.0.0.2', '10.0.0.1']], [['10.0.0.2', '10.0.0.3']]),
    ).toEqual([
      expect.objectContaining({ added: ['10.0.0.1:12200', '10.0.0.2:12200'], removed: [] }),
      undefined,
      {
        endpoints: ['10.0.0.2:12200', '10.0.0.3:12200'],
        added: ['10.0.0.3:12200'],
        removed: ['10.0.0.1:12200'],
      },
    ]);
  });

  test('other attributes are a change; an endpoint that stays is the same object', () => {
    const all = new MergedList();
    const first = all.merge([list('10.0.0.1?weight=1', '10.0.0.2')]);
    const second = all.merge([list('10.0.0.1?weight=2', '10.0.0.2')]);
    expect(second).toMatchObject({ added: [], removed: [] });
    expect(second?.endpoints[0].attributes).toEqual({ weight: '2' });
    expect(second?.endpoints[1]).toBe(first?.endpoints[1]);
  });
});

describe('an instance and the sidecar in front of it', () => {
  test.each([
    ['in one list', [[OWN, FRONTED]]],
    ['the sidecar first', [[FRONTED, OWN]]],
    ['in two registries', [[FRONTED], [OWN]]],
    [
      'with names instead of addresses',
      [['people.acme:12200?startTime=17&port=80', 'people.acme:80?startTime=17']],
    ],
    ['with IPv6', [['[2001:db8::1]:12200?startTime=17&port=80', '[2001:db8::1]:80?startTime=17']]],
  ])('are offered once, at its own address: %s', (_, lists) => {
    const [change] = merged(lists);
    expect(change?.endpoints).toEqual([expect.stringMatching(/:45000$|:80$/)]);
    expect(change?.added).toEqual(change?.endpoints);
  });

  test('two sidecars in front of one are offered once', () => {
    expect(merged([[FRONTED, FRONTED.replace(':12200', ':12300')]])[0]?.endpoints).toEqual([
      '10.0.0.1:12200',
    ]);
  });

  test.each([
    ['another host', '10.0.0.2:45000?startTime=17'],
    ['another port', '10.0.0.1:45001?startTime=17'],
    ['another start: it came later', '10.0.0.1:45000?startTime=18'],
    ['no start time', '10.0.0.1:45000'],
  ])('are two where they differ: %s', (_, own) => {
    expect(merged([[own, FRONTED]])[0]?.endpoints).toEqual([own.split('?')[0], '10.0.0.1:12200']);
  });

  test.each(['45000.5', '0', '65536', 'http', ''])('the attribute port %j names nobody', (port) => {
    const [change] = merged([[OWN, FRONTED.replace('port=45000', `port=${port}`)]]);
    expect(change?.endpoints).toHaveLength(2);
  });

  test('without a start time the address alone counts', () => {
    expect(merged([['10.0.0.1:45000', '10.0.0.1:12200?port=45000']])[0]?.endpoints).toHaveLength(2);
  });

  test('an attribute port that is its own is no sidecar', () => {
    const own = `${OWN}&port=45000`;
    expect(merged([[FRONTED, own]])[0]?.endpoints).toEqual(['10.0.0.1:45000']);
  });

  test('it moves from one to the other and back: never neither, never both', () => {
    const [direct, during, behind, , back] = merged(
      [[OWN]],
      [[OWN, FRONTED]],
      [[FRONTED]],
      [[FRONTED]],
      [[FRONTED, OWN]],
    );
    expect(direct?.endpoints).toEqual(['10.0.0.1:45000']);
    expect(during).toBeUndefined();
    expect(behind).toEqual({
      endpoints: ['10.0.0.1:12200'],
      added: ['10.0.0.1:12200'],
      removed: ['10.0.0.1:45000'],
    });
    expect(back).toEqual({
      endpoints: ['10.0.0.1:45000'],
      added: ['10.0.0.1:45000'],
      removed: ['10.0.0.1:12200'],
    });
  });
});
