import { expect, test } from 'vitest';
import { casesOf, goldenBytes, shown, VERSIONS, written } from './golden.js';

const golden = goldenBytes();
const table = VERSIONS.flatMap((version) => casesOf(version).map((one) => [version, one.name, one] as const));

test.each(table)('Hessian %s: %s is written as the predecessor writes it', (version, name, one) => {
  expect(shown(written(one, version))).toBe(golden[`${version} ${name}`]);
});

test('every case has its bytes, and nothing else has', () => {
  expect(Object.keys(golden)).toEqual(table.map(([version, name]) => `${version} ${name}`));
});
