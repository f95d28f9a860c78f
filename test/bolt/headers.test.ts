import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { findHeader, type HeaderPair, headerOf, readHeaders, writeHeader } from '../../src/bolt/headers.js';
import { ByteWriter } from '../../src/core/bytes.js';

function headerBytes(pairs: HeaderPair[]): Buffer {
  const out = new ByteWriter(8);
  for (const [key, value] of pairs) writeHeader(out, key, value);
  return Buffer.from(out.written());
}

const find = (bytes: Buffer, key: string) => headerOf(bytes, 0, bytes.length, key);

test('pairs come back in order, with nulls, duplicates and any text', () => {
  const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 80 }), { nil: null });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
      const bytes = headerBytes(pairs);
      expect(readHeaders(bytes, 0, bytes.length)).toEqual(pairs);
    }),
  );
});

describe('headerOf', () => {
  const bytes = headerBytes([
    ['service', 'first'],
    ['app', null],
    ['键', '值'],
    ['service', 'last'],
    ['empty', ''],
  ]);

  test('takes the last of several, as a Java map does', () => expect(find(bytes, 'service')).toBe('last'));
  test('gives undefined for null and for absent, and the empty text for empty', () => {
    expect(find(bytes, 'app')).toBeUndefined();
    expect(find(bytes, 'empty')).toBe('');
    expect(find(bytes, 'servic')).toBeUndefined();
    expect(find(bytes, 'xervice')).toBeUndefined();
  });
  test('reads UTF-8', () => expect(find(bytes, '键')).toBe('值'));
});

describe('hostile lengths', () => {
  const both = (hex: string) => {
    const bytes = Buffer.from(hex, 'hex');
    return [() => readHeaders(bytes, 0, bytes.length), () => find(bytes, 'service')];
  };

  test.each([
    ['fffffff8' + '00000000', /length -8/],
    ['80000000' + '00000000', /length -2147483648/],
    ['00000001' + '61' + '00000002' + '61', /2 bytes does not fit into the 1/],
    ['7fffffff', /2147483647 bytes does not fit/],
    ['00000001' + '61' + '0000', /needs 4 bytes, only 2/],
    ['00', /needs 4 bytes, only 1/],
    ['00000001' + '61', /needs 4 bytes, only 0/],
  ])('%s is refused', (hex, message) => {
    for (const read of both(hex)) {
      expect(read).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION', message: expect.stringMatching(message) }),
      );
    }
  });

  test('the 78-byte frame that hung another library: protobuf codec, header key length -8', () => {
    const name = 'com.alipay.sofa.rpc.core.request.SofaRequest';
    const frame = Buffer.concat([
      Buffer.from('01010001010000000' + '10b00000bb8' + '002c' + '000c' + '00000000', 'hex'),
      Buffer.from(name),
      Buffer.from('fffffff8' + '00000000' + '00000000', 'hex'),
    ]);
    expect(frame).toHaveLength(78);
    new FrameDecoder().push(frame, ({ buf, codec, headerStart, contentStart }) => {
      expect(codec).toBe(11);
      expect(() => findHeader(buf, headerStart, contentStart, Buffer.from('service'))).toThrow(/length -8/);
    });
  });
});
