import { describe, expect, test } from 'vitest';
import { CLASS_NAME, decode, encode } from '../../src/hessian/public.js';

const bytes = (hex: string) => Buffer.from(hex.replace(/ /g, ''), 'hex');

describe('forms that the encoder does not choose, kept by the lossless form', () => {
  test.each([
    // Java writes an Iterator so: `new ArrayList(List.of(1, "a", 2L)).iterator()`.
    ['sofa', '56 91 0161 e2 7a', [1, 'a', 2n]],
    ['final', '57 91 0161 e2 5a', [1, 'a', 2n]],
    ['sofa', '56 7400045b696e74 91 7a', [1]],
    ['sofa', '566e02 56 7400045b696e74 91 7a 56 7590 92 7a 7a', [[1], [2]]],
    ['final', '55 045b696e74 91 5a', [1]],
    ['final', '7a 55 045b696e74 91 5a 55 90 92 5a', [[1], [2]]],
    // Hessian 4 cuts a byte array where its buffer ends.
    ['final', '41 0002 0102 41 0001 03 21 04', Buffer.from([1, 2, 3, 4])],
    ['sofa', '62 0002 0102 20', Buffer.from([1, 2])],
  ] as const)('%s %s', (grammar, hex, plain) => {
    expect(decode(bytes(hex), { grammar })).toEqual(plain);
    expect(encode(decode(bytes(hex), { grammar, lossless: true }), { grammar })).toEqual(bytes(hex));
  });
});

describe('legal forms that other peers choose', () => {
  test.each([
    ['sofa', '49 00000001', 1],
    ['sofa', '4c 0000000000000001', 1n],
    ['sofa', '77 00000001', 1n],
    ['sofa', '44 3ff0000000000000', 1],
    ['sofa', '53 0001 61', 'a'],
    ['sofa', '73 0001 61 73 0001 62 01 63', 'abc'],
    ['sofa', '73 0001 61 53 0000', 'a'],
    ['sofa', '42 0001 07', Buffer.from([7])],
    ['sofa', '56 7a', []],
    ['sofa', '56 6c 00000001 91 7a', [1]],
    ['sofa', '4d 740011 6a6176612e7574696c2e547265654d6170 7a', new Map()],
    ['sofa', '4d 54 46 7a', new Map([[true, false]])],
    ['sofa', '566e03 4d7a 4b0001 52 00000001 7a', [new Map(), new Map(), new Map()]],
    // A definition in front of a value that is of another class.
    ['sofa', '4f 91 41 90 4f 91 42 91 01 78 6f 91 95', { x: 5, [CLASS_NAME]: 'B' }],
    ['final', '4a 0000000000000001', new Date(1)],
    ['final', '4b 00000001', new Date(60_000)],
    ['final', '52 0001 61 30 01 62', 'ab'],
    ['final', '34 01 07', Buffer.from([7])],
    ['final', '58 91 91', [1]],
    ['final', '72 045b696e74 91 92', [1, 2]],
    ['final', '56 045b696e74 92 91 92', [1, 2]],
    ['final', '5f 000005dc', 1.5],
    ['final', '59 00000001', 1n],
    ['final', '4d 06 482e4d61 7061 91 92 5a', new Map([[1, 2]])],
    ['final', '43 01 50 91 01 78 4f 90 95', { x: 5, [CLASS_NAME]: 'P' }],
    ['final', '43 01 50 91 01 78 60 95', { x: 5, [CLASS_NAME]: 'P' }],
  ] as const)('%s %s', (grammar, hex, plain) => {
    expect(decode(bytes(hex), { grammar })).toEqual(plain);
    const lossless = decode(bytes(hex), { grammar, lossless: true });
    expect(decode(encode(lossless, { grammar }), { grammar, lossless: true })).toEqual(lossless);
  });
});
