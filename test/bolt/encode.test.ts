import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { beginRequest, beginResponse, encodeFrame, endFrame } from '../../src/bolt/encode.js';
import { classNameIs } from '../../src/bolt/frame.js';
import { writeHeader } from '../../src/bolt/headers.js';
import { BytePattern } from '../../src/core/byte-pattern.js';
import { ByteWriter } from '../../src/core/bytes.js';

const name = Buffer.from('com.acme.Request');

describe('a frame written in place', () => {
  test.each([
    [1, 1, 0],
    [2, 1, 0],
    [2, 2, 0],
    [2, 2, 1],
  ])('proto %i ver1 %i switch %i equals the one of encodeFrame', (proto, ver1, switchByte) => {
    // Small, so that it grows in the middle, and not at its beginning.
    const out = new ByteWriter(16);
    out.writeBytes(Buffer.from('before'));
    const plain = new ByteWriter();
    plain.writeBytes(Buffer.from('before'));

    let start = beginRequest(out, proto, 1, 1, 0xfffffffe, 1, -1, ver1, switchByte);
    out.writeBytes(name);
    const headerStart = out.pos;
    writeHeader(out, 'service', 'a');
    const headerLength = out.pos - headerStart;
    out.writeBytes(Buffer.alloc(100, 1));
    endFrame(out, start, name.length, headerLength);
    encodeFrame(
      plain,
      {
        proto,
        ver1,
        switch: switchByte,
        type: 1,
        cmdCode: 1,
        ver2: 1,
        requestId: 0xfffffffe,
        codec: 1,
        timeout: -1,
      },
      name.toString(),
      [['service', 'a']],
      Buffer.alloc(100, 1),
    );

    start = beginResponse(out, proto, 2, 5, 11, 18, ver1, switchByte);
    endFrame(out, start, 0, 0);
    encodeFrame(plain, {
      proto,
      ver1,
      switch: switchByte,
      type: 0,
      cmdCode: 2,
      requestId: 5,
      codec: 11,
      status: 18,
    });

    expect(out.written().toString('hex')).toBe(plain.written().toString('hex'));
    const seen: object[] = [];
    new FrameDecoder().push(out.written().subarray(6), (frame) => {
      seen.push({ ...frame, buf: undefined });
      if (frame.type === 1) {
        expect(classNameIs(frame, new BytePattern(name))).toBe(true);
        expect(classNameIs(frame, new BytePattern(Buffer.from('com.acme.Reques!')))).toBe(false);
        expect(classNameIs(frame, new BytePattern(Buffer.from('com.acme.Reques')))).toBe(false);
      }
    });
    expect(seen).toMatchObject([
      { requestId: 0xfffffffe, timeout: -1, codec: 1 },
      { requestId: 5, status: 18, codec: 11 },
    ]);
  });
});

test('a header over 32,767 bytes is refused and leaves nothing behind', () => {
  const out = new ByteWriter();
  const fields = { proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 1, timeout: 1 };
  const key = 'k'.repeat(100);
  encodeFrame(out, fields, '', [[key, 'v'.repeat(32_767 - 108)]]);
  const end = out.pos;
  const tooMuch = () => encodeFrame(out, fields, '', [[key, 'v'.repeat(32_768 - 108)]]);
  expect(tooMuch).toThrow(
    expect.objectContaining({ code: 'ENCODE_FAILED', message: expect.stringContaining('32768 bytes') }),
  );
  expect(out.pos).toBe(end);
});
