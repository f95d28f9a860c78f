import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../packages/cli/src/canonical/canonical.js';
import { MeshError } from '../../src/core/errors.js';
import { decodeAll, encodeAll } from '../../src/hessian/public.js';
import { hessianRows } from '../wire/vectors.js';

/** A change to a valid message that keeps most of its structure. Blind noise seldom gets past the first tag. */
interface Mutation {
  kind: 'tag' | 'length' | 'delete' | 'repeat' | 'insert' | 'swap';
  at: number;
  other: number;
  bytes: Uint8Array;
}

/** Lengths, counts and indexes that have broken readers: negative, huge, just past the end. */
const LENGTHS = [
  'ffffffff',
  '80000000',
  '7fffffff',
  'fff8',
  '8000',
  '7fff',
  '49ffffffff',
  '497fffffff',
  'ff',
  '7f',
  '00',
];
const TAGS = [...'NTFILDSsBbVvMOoJKRRdtunlzwCHQUWXYZA'].map((c) => c.charCodeAt(0));

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('tag', 'length', 'delete', 'repeat', 'insert', 'swap'),
  at: fc.nat(5000),
  other: fc.nat(64),
  bytes: fc.oneof(
    fc.constantFrom(...LENGTHS).map((hex) => Buffer.from(hex, 'hex')),
    fc.constantFrom(...TAGS, 0x60, 0x6f, 0x70, 0x78, 0x7f, 0x90, 0x8f).map((tag) => Buffer.from([tag])),
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
  ),
});

function mutate(message: Buffer, { kind, at, other, bytes }: Mutation): Buffer {
  const pos = at % (message.length + 1);
  const before = message.subarray(0, pos);
  const after = message.subarray(pos);
  switch (kind) {
    case 'tag':
    case 'length':
      return Buffer.concat([before, bytes, message.subarray(pos + bytes.length)]);
    case 'delete':
      return Buffer.concat([before, message.subarray(pos + 1 + (other % 8))]);
    case 'repeat':
      return Buffer.concat([before, message.subarray(pos, pos + other), after]);
    case 'insert':
      return Buffer.concat([before, bytes, after]);
    case 'swap':
      return Buffer.concat([after, before]);
  }
}

/** Runs `work`; anything but a MeshError with one of `codes` fails the test. */
function attempt<T>(work: () => T, ...codes: string[]): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!MeshError.is(error) || !codes.includes(error.code)) throw error;
    expect(error.message.length).toBeLessThan(2000);
    return undefined;
  }
}

describe.each(['sofa', 'final'] as const)('damaged messages in the %s grammar', (grammar) => {
  const rows = hessianRows(grammar).filter((row) => row.hex.length < 6000);

  test('give a value or DECODE_FAILED, and nothing else', () => {
    let values = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...rows),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (row, mutations) => {
          const bytes = mutations.reduce(mutate, Buffer.from(row.hex, 'hex'));
          attempt(() => decodeAll(bytes, { grammar }), 'DECODE_FAILED');
          const lossless = attempt(() => decodeAll(bytes, { grammar, lossless: true }), 'DECODE_FAILED');
          if (lossless === undefined) {
            refused++;
            return;
          }
          values++;
          attempt(() => lossless.map((value) => canonical(value)), 'DECODE_FAILED');
          // What was read can be written, and is read again as the same.
          const again = attempt(() => encodeAll(lossless, { grammar }), 'ENCODE_FAILED');
          if (again !== undefined)
            expect(decodeAll(again, { grammar, lossless: true })).toHaveLength(lossless.length);
        },
      ),
      { numRuns: 4000 },
    );
    // Both outcomes are common: the mutations neither break everything nor nothing.
    expect(values).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(200);
  });

  test('every message cut short is refused', () => {
    const single = rows.filter((row) => !row.multi && row.hex.length > 2);
    fc.assert(
      fc.property(fc.constantFrom(...single), fc.nat(), (row, cut) => {
        const bytes = Buffer.from(row.hex, 'hex');
        const short = bytes.subarray(0, cut % bytes.length);
        const values = attempt(() => decodeAll(short, { grammar, lossless: true }), 'DECODE_FAILED');
        if (short.length > 0) expect(values).toBeUndefined();
      }),
    );
  });
});
