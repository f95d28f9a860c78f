import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { encodeFrame } from '../../src/bolt/encode.js';
import { className, type Frame } from '../../src/bolt/frame.js';
import { type HeaderPair, readHeaders } from '../../src/bolt/headers.js';
import { ByteWriter } from '../../src/core/bytes.js';
import { copyContent } from '../support/raw-peer.js';
import { boltRows, expectedRows } from '../wire/vectors.js';

const request = { proto: 1, type: 1, cmdCode: 1, ver2: 1, requestId: 7, codec: 1, timeout: 3000 };

function frameBytes(content = Buffer.from('content'), fields = request): Buffer {
  const out = new ByteWriter();
  encodeFrame(out, fields, 'com.acme.Request', [['service', 'com.acme.People:1.0']], content);
  return Buffer.from(out.written());
}

/** Everything a frame says, copied. */
function summary(frame: Frame) {
  return {
    bytes: frame.buf.toString('hex', frame.start, frame.end),
    id: frame.requestId,
    type: frame.type,
    timeout: frame.timeout,
    status: frame.status,
    className: className(frame),
    header: readHeaders(frame.buf, frame.headerStart, frame.contentStart),
    content: copyContent(frame).toString('hex'),
  };
}

function collect(chunks: Buffer[], options?: { maxFrameBytes?: number }) {
  const decoder = new FrameDecoder(options);
  const frames: ReturnType<typeof summary>[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(summary(frame)));
  return { frames, decoder };
}

function split(bytes: Buffer, cuts: number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  for (const cut of [...new Set(cuts.map((c) => c % (bytes.length + 1)))].sort((a, b) => a - b)) {
    chunks.push(Buffer.from(bytes.subarray(from, cut)));
    from = cut;
  }
  chunks.push(Buffer.from(bytes.subarray(from)));
  return chunks;
}

describe('splitting the stream', () => {
  const refused = expectedRows().bolt;
  const good = boltRows().filter((row) => refused[row.name] === undefined && row.hex.length < 4000);

  test('any split of Java frames gives the same frames', () => {
    const rows = fc.array(fc.constantFrom(...good), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.array(fc.nat(8000), { maxLength: 30 }), (picked, cuts) => {
        const bytes = Buffer.from(picked.map((row) => row.hex).join(''), 'hex');
        const { frames, decoder } = collect(split(bytes, cuts));
        expect(frames).toEqual(collect([bytes]).frames);
        expect(frames.map((frame) => frame.bytes)).toEqual(picked.map((row) => row.hex));
        expect(decoder.pendingBytes).toBe(0);
      }),
    );
  });

  test('any split of made-up frames gives the same frames', () => {
    const text = fc.option(fc.string({ maxLength: 20 }), { nil: null });
    const header = fc.array(fc.tuple(text, text), { maxLength: 4 });
    const frame = fc.record({
      fields: fc.record({
        proto: fc.constantFrom(1, 2),
        ver1: fc.constantFrom(1, 2),
        type: fc.constantFrom(0, 1, 2),
        cmdCode: fc.constantFrom(0, 1, 2, 100),
        ver2: fc.nat(255),
        requestId: fc.nat(0xffffffff),
        codec: fc.nat(255),
        switch: fc.constantFrom(0, 1),
        timeout: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        status: fc.nat(65535),
      }),
      name: fc.string({ maxLength: 10 }),
      header,
      content: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 5 }),
        fc.array(fc.nat(1000), { maxLength: 10 }),
        (made, cuts) => {
          const out = new ByteWriter(16);
          for (const { fields, name, header, content } of made)
            encodeFrame(out, fields, name, header, content);
          const { frames } = collect(split(Buffer.from(out.written()), cuts));
          expect(frames).toHaveLength(made.length);
          made.forEach(({ fields, name, header, content }, i) => {
            expect(frames[i]).toMatchObject({
              id: fields.requestId,
              type: fields.type,
              timeout: fields.type === 0 ? 0 : fields.timeout,
              status: fields.type === 0 ? fields.status : 0,
              className: name,
              header: header.map((pair) => [...pair]) as HeaderPair[],
              content: Buffer.from(content).toString('hex'),
            });
          });
        },
      ),
    );
  });

  test('one byte at a time', () => {
    const bytes = Buffer.concat([frameBytes(), frameBytes(Buffer.alloc(300, 1))]);
    const { frames } = collect([...bytes].map((byte) => Buffer.from([byte])));
    expect(frames).toEqual(collect([bytes]).frames);
  });

  test('a chunk may be overwritten after push', () => {
    const bytes = frameBytes(Buffer.alloc(5000, 7));
    const chunk = Buffer.alloc(1000);
    const decoder = new FrameDecoder();
    const seen: string[] = [];
    for (let at = 0; at < bytes.length; at += chunk.length) {
      const length = bytes.copy(chunk, 0, at);
      decoder.push(chunk.subarray(0, length), (frame) => seen.push(summary(frame).bytes));
      chunk.fill(0xee);
    }
    expect(seen).toEqual([bytes.toString('hex')]);
  });

  test('a whole frame is parsed where it lies', () => {
    const chunk = Buffer.concat([frameBytes(), frameBytes()]);
    const views = new Set<Frame>();
    new FrameDecoder().push(chunk, (frame) => {
      expect(frame.buf).toBe(chunk);
      views.add(frame);
    });
    expect(views.size).toBe(1);
  });
});

describe('hostile input', () => {
  const refuse = (bytes: Buffer, message: RegExp, options?: { maxFrameBytes?: number }) => {
    const decoder = new FrameDecoder(options);
    const push = () => decoder.push(bytes, () => expect.unreachable('no frame'));
    expect(push).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION', message: expect.stringMatching(message) }),
    );
    expect(push, 'stays faulted').toThrow(message);
    expect(decoder.pendingBytes).toBe(0);
  };

  test('TLS and HTTP on a plain port are named', () => {
    refuse(Buffer.from('16030100a5010000', 'hex'), /16030100a5.*TLS/);
    refuse(Buffer.from('GET / HTTP/1.1\r\n'), /HTTP/);
    refuse(Buffer.from([0xff]), /unknown protocol 255/);
  });

  test('an unknown type or command', () => {
    const bytes = frameBytes();
    bytes[1] = 3;
    refuse(bytes, /unknown type 3/);
    refuse(frameBytes(undefined, { ...request, cmdCode: 3 }), /unknown command code 3/);
  });

  test('lengths are refused at the fixed part, before the bytes come', () => {
    const fixed = (classLen: number, headerLen: number, contentLen: number) => {
      const bytes = frameBytes().subarray(0, 22);
      bytes.writeUInt16BE(classLen, 14);
      bytes.writeUInt16BE(headerLen, 16);
      bytes.writeUInt32BE(contentLen, 18);
      return bytes;
    };
    refuse(fixed(44, 0, 2 ** 31), /2147483714 bytes announced, the limit is 16777216/);
    refuse(fixed(44, 0, 2 ** 32 - 66), /bytes announced/);
    refuse(fixed(0, 0, 16 * 1024 * 1024 - 21), /16777217 bytes/);
    refuse(fixed(0x8000, 0, 0), /class length 32768/);
    refuse(fixed(0, 0xffff, 0), /header length 65535/);
    refuse(fixed(0, 0, 100), /122 bytes announced, the limit is 121/, { maxFrameBytes: 121 });
  });

  test('memory follows the bytes that came, not the length announced', () => {
    const bytes = frameBytes(Buffer.alloc(10 * 1024 * 1024));
    const decoder = new FrameDecoder();
    const before = process.memoryUsage().arrayBuffers;
    decoder.push(bytes.subarray(0, 1000), () => expect.unreachable());
    expect(decoder.pendingBytes).toBe(1000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024);
  });

  test('a bad CRC', () => {
    const out = new ByteWriter();
    encodeFrame(out, { ...request, proto: 2, ver1: 2, switch: 1 }, 'c', [], Buffer.from('x'));
    const bytes = Buffer.from(out.written());
    bytes[bytes.length - 5] ^= 1;
    refuse(bytes, /CRC32 is [0-9a-f]{8}, the bytes give [0-9a-f]{8}/);
  });

  test('random bytes give frames or PROTOCOL_VIOLATION', () => {
    const start = fc.constantFrom('', '01', '02', '0101', '0100', '0201', '020201');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 100 }), (head, tail) => {
        const decoder = new FrameDecoder();
        try {
          decoder.push(Buffer.concat([Buffer.from(head, 'hex'), tail]), (frame) => {
            readHeaders(frame.buf, frame.headerStart, frame.contentStart);
          });
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what the callback throws goes through and faults the decoder', () => {
    const decoder = new FrameDecoder();
    const fault = new Error('handler');
    const push = () =>
      decoder.push(frameBytes(), () => {
        throw fault;
      });
    expect(push).toThrow(fault);
    expect(push).toThrow(fault);
  });
});
