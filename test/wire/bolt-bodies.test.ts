import { describe, expect, test } from 'vitest';
import { decodeLine } from '../../packages/cli/src/decode.js';
import { decodeAll, encodeAll } from '../../src/hessian/public.js';
import { deepCopy } from './deep-copy.js';
import { boltRows, expectedRows } from './vectors.js';

const { bolt, body } = expectedRows();
const settings = { grammar: 'sofa', hessian: false, multi: false, generic: false } as const;
const frames = boltRows().filter((row) => bolt[row.name] === undefined);
const readable = frames.filter(
  (row) => row.fields.codec === 1 && row.fields.contentLen > 0 && body[row.name] === undefined,
);

describe('bodies of frames that Java wrote', () => {
  test.each(readable)('$name encodes to its bytes through the lossless form', ({ hex, fields }) => {
    const start = fields.contentOffset;
    const content = Buffer.from(hex, 'hex').subarray(start, start + fields.contentLen);
    const memo = new Map();
    const values = decodeAll(content, { lossless: true }).map((value) => deepCopy(value, memo));
    expect(encodeAll(values).equals(content)).toBe(true);
  });

  test.each(frames.filter((row) => body[row.name] !== undefined))(
    '$name has the outcome of expected.json',
    ({ name, hex }) => {
      const { outcome, json } = body[name];
      const [shown] = decodeLine(hex, settings);
      if (outcome === 'value') expect(shown.body).toEqual(json);
      else expect(shown).toMatchObject({ error: expect.any(String), code: outcome });
    },
  );
});
