import { expect, test } from 'vitest';
import { weightOf } from '../../src/balancing/weight.js';

test.each([
  [undefined, 100],
  ['', 100],
  ['many', 100],
  ['1.5', 100],
  ['99999999999999999999', 100],
  ['7', 7],
  ['0', 0],
  ['-3', 0],
])('a weight of %o is %d', (text, full) => {
  expect(weightOf(text === undefined ? {} : { weight: text }).full).toBe(full);
});

test('it warms up from its start for its warm-up time', () => {
  const attributes = { weight: '200', startTime: '1000', warmupTime: '500', warmupWeight: '20' };
  expect(weightOf(attributes)).toEqual({ full: 200, warmingUp: 20, warmUntil: 1_500 });
});

test.each(['startTime', 'warmupTime', 'warmupWeight'])('without %s it does not warm up', (name) => {
  const attributes: Record<string, string> = { startTime: '1000', warmupTime: '500', warmupWeight: '20' };
  delete attributes[name];
  expect(weightOf(attributes).warmUntil).toBe(0);
});

test('a warm-up weight that is no number is the full one', () => {
  const attributes = { weight: '50', startTime: '1000', warmupTime: '500', warmupWeight: 'low' };
  expect(weightOf(attributes).warmingUp).toBe(50);
});
