import { ByteWriter } from '../core/bytes.js';
import { decodeFault } from './faults.js';
import type { Grammar } from './grammar.js';
import { createReader, type HessianReader } from './reader.js';
import { readAny } from './untyped-read.js';
import { writeAny } from './untyped-write.js';
import { createWriter } from './writer.js';

export {
  type CallPath,
  type ErrorCode,
  type ErrorContext,
  MeshError,
  RemoteError,
  type RemoteFailure,
  type RetryAdvice,
} from '../core/errors.js';
export { Decimal } from '../values/decimal.js';
export {
  type JavaBoolean,
  type JavaBytes,
  type JavaChar,
  type JavaDate,
  type JavaDouble,
  type JavaInt,
  type JavaList,
  type JavaLong,
  type JavaMap,
  type JavaObject,
  type JavaTyped,
  type JavaValue,
  java,
} from '../values/java.js';
export { JavaClass } from '../values/java-class.js';
export * from '../values/java-time.js';
export * from '../values/java-time-amounts.js';
export * from '../values/java-time-fields.js';
export * from '../values/java-time-zoned.js';
export { CLASS_NAME } from '../values/schema.js';
export type { Value } from '../values/value.js';
export type { Grammar } from './grammar.js';

export interface EncodeOptions {
  /** Default `sofa`, which SOFARPC speaks; `final` is Hessian 2.0 as published. */
  grammar?: Grammar;
}

export interface DecodeOptions extends EncodeOptions {
  /** Keep Java's types, so that the result encodes to the same bytes: see `JavaValue`. Default false. */
  lossless?: boolean;
}

/**
 * One value as Hessian bytes: plain JS, `java.*` values, or the lossless form of {@link decode}.
 *
 * @throws MeshError ENCODE_FAILED with the path of a value that has no Java form.
 */
export function encode(value: unknown, options: EncodeOptions = {}): Buffer {
  return encodeAll([value], options);
}

/** Several values on one stream, as a request's arguments are: they share references and class definitions. */
export function encodeAll(values: readonly unknown[], options: EncodeOptions = {}): Buffer {
  const writer = createWriter(options.grammar ?? 'sofa', new ByteWriter(256));
  for (const value of values) writeAny(writer, value);
  return writer.out.written();
}

/**
 * The one value that `bytes` hold.
 *
 * @throws MeshError DECODE_FAILED with the path, for bytes that are no value or that go on after it.
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  const reader = readerOf(bytes, options);
  const value = readAny(reader, options.lossless);
  if (!reader.atEnd) {
    throw decodeFault(`${reader.end - reader.pos} bytes follow the value; decodeAll reads several values`);
  }
  return value;
}

/** Every value that `bytes` hold, to their end. */
export function decodeAll(bytes: Uint8Array, options: DecodeOptions = {}): unknown[] {
  const reader = readerOf(bytes, options);
  const values: unknown[] = [];
  while (!reader.atEnd) values.push(readAny(reader, options.lossless));
  return values;
}

function readerOf(bytes: Uint8Array, options: DecodeOptions): HessianReader {
  const reader = createReader(options.grammar ?? 'sofa');
  reader.reset(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return reader;
}
