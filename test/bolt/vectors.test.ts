import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { encodeFrame } from '../../src/bolt/encode.js';
import { className, type Frame } from '../../src/bolt/frame.js';
import { type HeaderPair, readHeaders } from '../../src/bolt/headers.js';
import { ByteWriter } from '../../src/core/bytes.js';
import { type BoltRow, type BoltRowFields, boltRows, expectedRows } from '../wire/vectors.js';

interface Decoded {
  fields: BoltRowFields;
  header: HeaderPair[];
  content: Buffer;
}

function fieldsOf(frame: Frame): Decoded {
  const header = readHeaders(frame.buf, frame.headerStart, frame.contentStart);
  const fields: BoltRowFields = {
    proto: frame.proto,
    ...(frame.proto === 2 && { ver1: frame.ver1 }),
    type: frame.type,
    cmdCode: frame.cmdCode,
    ver2: frame.ver2,
    requestId: frame.requestId,
    codec: frame.codec,
    ...(frame.proto === 2 && { switch: frame.switch }),
    ...(frame.type === 0 ? { status: frame.status } : { timeout: frame.timeout }),
    classLen: frame.headerStart - frame.classStart,
    headerLen: frame.contentStart - frame.headerStart,
    contentLen: frame.contentEnd - frame.contentStart,
    className: className(frame),
    header: Object.fromEntries(header),
    contentOffset: frame.contentStart - frame.start,
    ...(frame.hasCrc && { crc32: frame.buf.toString('hex', frame.end - 4, frame.end) }),
  };
  return { fields, header, content: Buffer.from(frame.buf.subarray(frame.contentStart, frame.contentEnd)) };
}

function decodeOne(bytes: Buffer): Decoded {
  const seen: Decoded[] = [];
  new FrameDecoder().push(bytes, (frame) => seen.push(fieldsOf(frame)));
  expect(seen).toHaveLength(1);
  return seen[0];
}

const refused = expectedRows().bolt;
const accepted = (row: BoltRow): boolean => refused[row.name] === undefined;

describe('frames that Java wrote', () => {
  test.each(boltRows().filter(accepted))('$name decodes to its fields and encodes to its bytes', (row) => {
    const bytes = Buffer.from(row.hex, 'hex');
    const { fields, header, content } = decodeOne(bytes);
    expect(fields).toEqual(row.fields);
    expect(header.map(([key]) => key)).toEqual(Object.keys(row.fields.header));

    const out = new ByteWriter();
    encodeFrame(out, fields, fields.className, header, content);
    expect(out.written().toString('hex')).toBe(row.hex);
  });

  test.each(boltRows().filter((row) => !accepted(row)))('$name is refused, as Java does', (row) => {
    const decoder = new FrameDecoder();
    const push = () => decoder.push(Buffer.from(row.hex, 'hex'), () => expect.unreachable());
    expect(push).toThrow(expect.objectContaining({ code: refused[row.name].outcome }));
  });
});
