import type { Metadata } from '../core/call.js';
import { Kind } from '../hessian/grammar.js';
import type { HessianReader } from '../hessian/reader.js';
import { skipValue } from '../hessian/skip.js';
import { readAny } from '../hessian/untyped-read.js';

/**
 * Milliseconds that are left to the caller, an Integer: SOFARPC 5.14 sends it where `deadline.enable` is set, and always
 * on behalf of a call that had it (AbstractCluster). Its server takes no other type than Integer (ProviderInvoker). As
 * every number among the props it is a Bolt header, too, as text (CodecUtils.flatCopyTo).
 */
export const DEADLINE_PROP = 'sofa_head_deadline_remain_time';

/** Key, value, key, value: cheaper to gather than an object, which is made when somebody asks. */
export type FlatProps = string[];

/** The entries of a request's props, which stay bytes until somebody asks for them. */
export class PropsBytes {
  constructor(
    private readonly reader: HessianReader,
    private readonly buf: Buffer,
    private readonly start: number,
    /** After the end mark. */
    private readonly end: number,
  ) {}

  /** Whether these bytes are somewhere among the entries: a cheap look before {@link read}. */
  mention(text: Buffer): boolean {
    return this.buf.subarray(this.start, this.end).includes(text);
  }

  /** Key, value, key, value. */
  read(): FlatProps {
    this.reader.reset(this.buf, this.start, this.end);
    const props = readEntries(this.reader);
    this.reader.release();
    return props;
  }
}

/** Steps over the entries of a map that has begun, up to its end mark, which is left. Undefined where there are none. */
export function skipEntries(reader: HessianReader): PropsBytes | undefined {
  const start = reader.pos;
  while (reader.peekKind() !== Kind.end) skipValue(reader);
  return reader.pos === start ? undefined : new PropsBytes(reader, reader.buf, start, reader.pos + 1);
}

const NONE: FlatProps = [];

/**
 * Reads a map of properties. A map inside it is flattened with a dot, as Java flattens it into Bolt headers
 * (`rpc_trace_context.sofaTraceId`). Values that are no text are written as text.
 */
export function readProps(reader: HessianReader): FlatProps {
  if (reader.readNull()) return NONE;
  const props: FlatProps = [];
  readMap(reader, '', props);
  return props;
}

function readMap(reader: HessianReader, prefix: string, into: FlatProps): void {
  reader.beginMap(reader.readTag());
  reader.addRef(undefined);
  reader.enter();
  while (!reader.isEnd()) readEntry(reader, prefix, into);
  reader.leave();
}

/** Reads the entries of a map that has begun, up to its end mark, which is left. */
function readEntries(reader: HessianReader): FlatProps {
  const props: FlatProps = [];
  while (reader.peekKind() !== Kind.end) readEntry(reader, '', props);
  return props;
}

function readEntry(reader: HessianReader, prefix: string, into: FlatProps): void {
  const key = prefix + textOf(reader);
  if (reader.peekKind() === Kind.map) readMap(reader, `${key}.`, into);
  else into.push(key, textOf(reader));
}

function textOf(reader: HessianReader): string {
  if (reader.peekKind() === Kind.string) return reader.readString(reader.readTag());
  const value = readAny(reader);
  return value === null ? '' : String(value);
}

/** The pairs as an object without a prototype: a key may be anything, `__proto__` too. */
export function metadataOf(props: FlatProps): Metadata {
  const metadata: Metadata = Object.create(null);
  for (let i = 0; i < props.length; i += 2) metadata[props[i]] = props[i + 1];
  return metadata;
}
