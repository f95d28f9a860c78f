import { javaNodeOf } from '../../src/contract/node-type.js';
import { CodecCache } from '../../src/hessian/compile.js';
import type { Grammar } from '../../src/hessian/grammar.js';
import { createReader } from '../../src/hessian/reader.js';
import { createWriter } from '../../src/hessian/writer.js';

/** The bytes of values of one type, on one stream. */
export function write(type: unknown, grammar: Grammar, ...values: readonly unknown[]): Buffer {
  const codec = new CodecCache(grammar).compile(javaNodeOf(type, 'test'));
  const writer = createWriter(grammar);
  for (const value of values) codec.write(writer, value);
  return Buffer.from(writer.out.written());
}

/** The one value that `bytes`, or bytes as hex, hold. */
export function read(type: unknown, grammar: Grammar, bytes: Buffer | string): unknown {
  const codec = new CodecCache(grammar).compile(javaNodeOf(type, 'test'));
  const reader = createReader(grammar);
  reader.reset(typeof bytes === 'string' ? Buffer.from(bytes.replaceAll(' ', ''), 'hex') : bytes);
  const value = codec.read(reader);
  if (!reader.atEnd) throw new Error(`${reader.end - reader.pos} bytes left`);
  return value;
}
