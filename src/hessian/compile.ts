import type { ArrayNode, ListNode, MapNode, SchemaNode, SetNode } from '../values/schema.js';
import { encodeFault } from './faults.js';
import type { Grammar } from './grammar.js';
import type { HessianReader } from './reader.js';
import { Shapes } from './shapes.js';
import { skipValue } from './skip.js';
import { ThrowableCodec } from './throwable.js';
import { ClassCodec } from './typed-class.js';
import { Codec, type Codecs, type TypedCodec } from './typed-codec.js';
import { ListCodec, MapCodec, OptionalCodec, SetCodec } from './typed-collections.js';
import { EnumCodec } from './typed-enum.js';
import { handleCodec } from './typed-handle.js';
import { CharArrayCodec, plainCodec } from './typed-plain.js';
import { scalarCodec } from './typed-scalars.js';
import { readAny } from './untyped-read.js';
import { writeAny } from './untyped-write.js';
import type { HessianWriter } from './writer.js';

export type { TypedCodec } from './typed-codec.js';

/** The compiled codecs of one grammar, one a node. Held by whoever compiles: nothing is kept process-wide. */
export class CodecCache implements Codecs {
  readonly shapes = new Shapes();
  private readonly codecs = new WeakMap<SchemaNode, Codec>();

  constructor(readonly grammar: Grammar) {}

  /** The codec of `node`. @throws MeshError ENCODE_FAILED for a protobuf message, which Hessian has no form for. */
  compile(node: SchemaNode): TypedCodec {
    return this.codec(node);
  }

  codec(node: SchemaNode): Codec {
    let codec = this.codecs.get(node);
    if (codec === undefined) {
      codec = this.make(node);
      this.codecs.set(node, codec);
    }
    return codec;
  }

  private make(node: SchemaNode): Codec {
    switch (node.kind) {
      case 'boolean':
      case 'byte':
      case 'short':
      case 'int':
      case 'long':
      case 'safeLong':
      case 'float':
      case 'double':
      case 'char':
        return scalarCodec(node.kind, node.javaName, node.nullable, this.grammar === 'final');
      case 'any':
        return new AnyCodec('any', node.nullable, 'java.lang.Object');
      case 'void':
        return new VoidCodec('void', true, 'void');
      case 'array':
        return this.array(node);
      case 'list':
        return new ListCodec('array', node.nullable, listType(node), this.codec(node.element));
      case 'set':
        return new SetCodec('Set', node.nullable, setType(node), this.codec(node.element));
      case 'map':
        return new MapCodec(node.nullable, mapType(node), this.codec(node.key), this.codec(node.value));
      case 'optional':
        return new OptionalCodec(this.codec(node.element));
      case 'enum':
        return new EnumCodec(node);
      case 'class':
        return new ClassCodec(node, this);
      case 'error':
        return new ThrowableCodec([node], this, node.nullable);
      case 'message':
        throw encodeFault(
          `${node.typeName} is a protobuf message: its service needs the protobuf serialization`,
        );
      default:
        return plainCodec(node.kind, node.nullable) ?? handleCodec(node.kind, this.grammar, node.nullable);
    }
  }

  private array(node: ArrayNode): Codec {
    const { element, nullable } = node;
    if (element.kind === 'byte' && !element.javaName.includes('.'))
      return plainCodec('bytes', nullable) as Codec;
    if (element.kind === 'char' && !element.javaName.includes('.')) return new CharArrayCodec(nullable);
    return new ListCodec('array', nullable, `[${arrayItem(element)}`, this.codec(element));
  }
}

/** One codec, with a cache of its own. */
export function compile(node: SchemaNode, grammar: Grammar): TypedCodec {
  return new CodecCache(grammar).compile(node);
}

/** `java.lang.Object`. */
class AnyCodec extends Codec {
  protected writeValue(w: HessianWriter, value: unknown): void {
    writeAny(w, value);
  }

  readValue(r: HessianReader): unknown {
    // The untyped reader reads the tag itself.
    r.pos--;
    return readAny(r);
  }
}

/** What a void method returns: null on the wire, undefined here. */
class VoidCodec extends Codec {
  protected writeValue(w: HessianWriter): void {
    w.writeNull();
  }

  override readTagged(r: HessianReader): undefined {
    r.pos--;
    skipValue(r);
  }

  readValue(r: HessianReader): undefined {
    this.readTagged(r);
  }
}

/** Interfaces, and the classes that have no type name on the wire. What else a contract names is written by its name. */
const LISTS: ReadonlyMap<string, string | null> = new Map([
  ['java.util.List', null],
  ['java.util.Collection', null],
  ['java.lang.Iterable', null],
  ['java.util.ArrayList', null],
  ['java.util.AbstractList', null],
  ['java.util.AbstractCollection', null],
  ['java.util.Queue', 'java.util.LinkedList'],
  ['java.util.Deque', 'java.util.LinkedList'],
]);

const SETS: ReadonlyMap<string, string> = new Map([
  ['java.util.Set', 'java.util.HashSet'],
  ['java.util.AbstractSet', 'java.util.HashSet'],
  ['java.util.SortedSet', 'java.util.TreeSet'],
  ['java.util.NavigableSet', 'java.util.TreeSet'],
]);

const MAPS: ReadonlyMap<string, string | null> = new Map([
  ['java.util.Map', null],
  ['java.util.HashMap', null],
  ['java.util.AbstractMap', null],
  ['java.util.SortedMap', 'java.util.TreeMap'],
  ['java.util.NavigableMap', 'java.util.TreeMap'],
  ['java.util.concurrent.ConcurrentMap', 'java.util.concurrent.ConcurrentHashMap'],
]);

function listType({ javaName }: ListNode): string | null {
  const known = LISTS.get(javaName);
  return known === undefined ? javaName : known;
}

function setType({ javaName }: SetNode): string {
  return SETS.get(javaName) ?? javaName;
}

function mapType({ javaName }: MapNode): string | null {
  const known = MAPS.get(javaName);
  return known === undefined ? javaName : known;
}

const ARRAY_ITEMS: ReadonlyMap<string, string> = new Map([
  ['java.lang.String', 'string'],
  ['java.lang.Object', 'object'],
  ['java.util.Date', 'date'],
]);

/** What an array's type name calls its items (vectors, array/*): `[int`, `[string`, `[[int`, `[com.acme.Person`. */
function arrayItem(node: SchemaNode): string {
  if (node.kind === 'array') return `[${arrayItem(node.element)}`;
  if (node.kind === 'bytes') return '[byte';
  return ARRAY_ITEMS.get(node.javaName) ?? node.javaName;
}
