import { expect, test } from 'vitest';
import { isWanted, type ProviderUrl, readProviderUrl } from '../../../src/compat/registry/provider-url.js';

const consumer = { interfaceName: 'a.B', version: '1.0', group: 'SOFA' };

test.each([
  ['', true],
  ['?interface=a.B', true],
  ['?interface=a.C', false],
  ['?interface=', true],
  ['/a.B', true],
  ['/a.C', false],
  ['/a.C?interface=a.B', true],
  ['?category=providers', true],
  ['?category=', true],
  ['?category=configurators', false],
  ['?enabled=true', true],
  ['?enabled=', true],
  ['?enabled=false', false],
  ['?enabled=1', false],
  ['?version=1.0&group=SOFA', true],
  ['?version=2.0', false],
  ['?version=', true],
  ['?default.version=2.0', false],
  ['?version=1.0&default.version=2.0', true],
  ['?version=&default.version=2.0', false],
  ['?group=OTHER', false],
  ['?default.group=OTHER', false],
  ['?group=SOFA&default.group=OTHER', true],
  ['?uniqueId=another', true],
  ['?version=2.0&version=1.0', false],
  ['?version=1%2E0', true],
])('bolt://h:1%s is wanted: %j', (rest, isIt) => {
  const provider = readProviderUrl(encodeURIComponent(`bolt://h:1${rest}`)) as ProviderUrl;
  expect(isWanted(provider, consumer)).toBe(isIt);
  expect(provider.url).toBe(`bolt://h:1${rest}`);
});

test.each([
  ['version', null],
  ['version', undefined],
  ['version', ''],
  ['group', null],
  ['group', ''],
])('a consumer whose %s is %j takes any', (key, value) => {
  const provider = readProviderUrl('bolt%3A%2F%2Fh%3A1%3Fversion%3D9%26group%3DX') as ProviderUrl;
  const any = { interfaceName: 'a.B', version: '9', group: 'X', [key as string]: value };
  expect(isWanted(provider, any)).toBe(true);
  expect(isWanted(provider, { ...any, [key as string]: 'other' })).toBe(false);
});

test('a plus stays one, as other characters of the name', () => {
  expect(readProviderUrl('bolt://h:1?a=b+c%2Bd%20e')).toMatchObject({ url: 'bolt://h:1?a=b+c+d e' });
});

test.each([
  ['%E4%', /malformed/i],
  ['10.0.0.1%3A12200', /invalid url/i],
  ['', /invalid url/i],
])('%j is told what is wrong with', (name, reason) => {
  expect(readProviderUrl(name)).toMatch(reason);
});
