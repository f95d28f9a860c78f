// The typed codec, which a call uses and no entry point exports: built into bench/.build for the codec cases.
import { defineClass } from '../../src/contract/define-class.js';
import { nodeOf } from '../../src/contract/node-type.js';
import { t } from '../../src/contract/t.js';
import { ByteWriter } from '../../src/core/bytes.js';
import { CodecCache } from '../../src/hessian/compile.js';
import { createReader } from '../../src/hessian/reader.js';
import { createWriter } from '../../src/hessian/writer.js';

const Order = defineClass('com.acme.bench.Order', {
  id: t.safeLong,
  customerId: t.safeLong,
  sku: t.String,
  title: t.String,
  city: t.String,
  quantity: t.int,
  status: t.int,
  price: t.double,
  paid: t.boolean,
  total: t.double,
});

const cache = new CodecCache('sofa');
const out = new ByteWriter(64 * 1024);
const writer = createWriter('sofa', out);
const reader = createReader('sofa');

interface Measured {
  encode(value: unknown): Buffer;
  /** As a call does it: into the buffer that is sent, without a copy. Answers how many bytes. */
  encodeInPlace?(value: unknown): number;
  decode(bytes: Buffer): unknown;
}

function typed(type: unknown, inPlace: boolean): Measured {
  const codec = cache.compile(nodeOf(type, 'bench'));
  const encodeInPlace = (value: unknown): number => {
    out.pos = 0;
    writer.reset();
    codec.write(writer, value);
    return out.pos;
  };
  return {
    encode(value) {
      const length = encodeInPlace(value);
      const bytes = Buffer.allocUnsafe(length);
      out.buf.copy(bytes, 0, 0, length);
      return bytes;
    },
    encodeInPlace: inPlace ? encodeInPlace : undefined,
    decode(bytes) {
      reader.reset(bytes, 0, bytes.length);
      return codec.read(reader);
    },
  };
}

const codecOf = (inPlace: boolean) => ({
  pojo: typed(Order, inPlace),
  list: typed(t.List(Order), inPlace),
  ascii: typed(t.String, inPlace),
  cjk: typed(t.String, inPlace),
  bytes: typed(t.bytes, inPlace),
});

export const codec = codecOf(true);
export const copied = codecOf(false);
