import { describe, expect, test } from 'vitest';
import { canonical } from '../../packages/cli/src/canonical/canonical.js';
import { decodeAll, encodeAll } from '../../src/hessian/public.js';
import { deepCopy } from './deep-copy.js';
import { expectedRows, type HessianRow, hessianRows } from './vectors.js';

const expected = expectedRows().hessian;

/** What Java holds after reading the row: `json`, or `decoded` where Java itself reads something else. */
function wanted(grammar: 'sofa' | 'final', row: HessianRow) {
  const special = expected[grammar][row.name];
  if (special !== undefined) {
    expect(special.outcome).toBe('value');
    return special.json;
  }
  expect(row.javaRoundTrip, 'a row that Java cannot read needs an entry in expected.json').not.toBe('error');
  return row.javaRoundTrip === 'differs' ? row.decoded : row.json;
}

describe.each(['sofa', 'final'] as const)('values that Java wrote in the %s grammar', (grammar) => {
  test.each(hessianRows(grammar))('$name', (row) => {
    const bytes = Buffer.from(row.hex, 'hex');
    const values = decodeAll(bytes, { grammar, lossless: true });

    const shown = values.map((value) => canonical(value, { generic: row.factory === 'generic' }));
    expect(row.multi ? shown : shown[0]).toEqual(wanted(grammar, row));
    if (!row.multi) expect(values).toHaveLength(1);

    expect(encodeAll(values, { grammar }).toString('hex')).toBe(row.hex);
    const memo = new Map();
    const copies = values.map((value) => deepCopy(value, memo));
    expect(encodeAll(copies, { grammar }).toString('hex')).toBe(row.hex);
  });

  // The one date that JS Date cannot hold.
  const sendable = (row: HessianRow) => row.hex.length < 20_000 && row.name !== 'date/-9223372036854775808';
  test.each(hessianRows(grammar).filter(sendable))('$name in its plain form can be sent back', (row) => {
    const plain = decodeAll(Buffer.from(row.hex, 'hex'), { grammar });
    const again = decodeAll(encodeAll(plain, { grammar }), { grammar });
    expect(again).toHaveLength(plain.length);
  });
});

test('expected.json has no row that does not exist', () => {
  for (const grammar of ['sofa', 'final'] as const) {
    const names = new Set(hessianRows(grammar).map((row) => row.name));
    for (const name of Object.keys(expected[grammar])) expect(names).toContain(name);
  }
});
