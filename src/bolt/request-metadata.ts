import type { Metadata } from '../core/call.js';
import type { InboundBody } from '../serialization/serializer.js';
import { headerOf, readHeaders } from './headers.js';

/** The bytes of a request's header and what the body has beside them, and what they say once somebody has asked. */
class Source {
  read: Metadata | undefined = undefined;

  constructor(
    readonly buf: Buffer,
    readonly start: number,
    readonly end: number,
    readonly props: InboundBody['props'],
  ) {}
}

function metadataOf(source: Source): Metadata {
  source.read ??= readAll(source);
  return source.read;
}

/** The header's pairs go over the body's: Java writes the same into both. */
function readAll({ buf, start, end, props }: Source): Metadata {
  const metadata: Metadata = Object.create(null);
  const pairs = props?.read() ?? [];
  for (let i = 0; i < pairs.length; i += 2) metadata[pairs[i]] = pairs[i + 1];
  for (const [key, value] of readHeaders(buf, start, end))
    if (key !== null && value !== null) metadata[key] = value;
  return metadata;
}

/** A single key is looked for in the bytes: nothing else is decoded for it. */
function lookUp(source: Source, key: string | symbol): string | undefined {
  if (source.read !== undefined) return source.read[key as string];
  if (typeof key === 'symbol') return undefined;
  const value = headerOf(source.buf, source.start, source.end, key);
  return value !== undefined || source.props === undefined ? value : metadataOf(source)[key];
}

const handler: ProxyHandler<Source> = {
  get: lookUp,
  has: (source, key) => Reflect.has(metadataOf(source), key),
  set: (source, key, value) => Reflect.set(metadataOf(source), key, value),
  deleteProperty: (source, key) => Reflect.deleteProperty(metadataOf(source), key),
  defineProperty: (source, key, descriptor) => Reflect.defineProperty(metadataOf(source), key, descriptor),
  ownKeys: (source) => Reflect.ownKeys(metadataOf(source)),
  getOwnPropertyDescriptor: (source, key) => Reflect.getOwnPropertyDescriptor(metadataOf(source), key),
  getPrototypeOf: () => null,
};

/**
 * A request's metadata as an object that reads its bytes when it is first looked at. Most handlers never look, and
 * decoding a dozen strings costs more than decoding the arguments.
 */
export function requestMetadata(
  buf: Buffer,
  start: number,
  end: number,
  props: InboundBody['props'],
): Metadata {
  return new Proxy(new Source(buf, start, end, props), handler) as unknown as Metadata;
}
