/**
 * Schema nodes: what a contract says of a Java type, as plain data. `contract/` builds them, the codecs compile them.
 * `javaName` is Java's `Class.getName()`: what methodArgSigs carry (`int`, `[I`, `java.util.List`).
 * `nullable: false` refuses null on both sides with the path of the value.
 */
interface NodeOf<K extends string> {
  readonly kind: K;
  readonly javaName: string;
  readonly nullable: boolean;
}

/** Numbers, booleans and characters, primitive (`javaName: 'int'`) or boxed (`'java.lang.Integer'`). `safeLong` is a Java long read as a JS number. */
export type ScalarKind =
  | 'boolean'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'safeLong'
  | 'float'
  | 'double'
  | 'char';

/** Java classes with one fixed form on both sides and no type arguments. */
export type LeafKind =
  | 'string'
  | 'bigInteger'
  | 'bigDecimal'
  | 'date'
  | 'sqlDate'
  | 'sqlTime'
  | 'sqlTimestamp'
  | 'bytes'
  | 'uuid'
  | 'locale'
  | 'currency'
  | 'javaClass'
  | JavaTimeKind;

/** The java.time classes; each is `java.time.` + its name with a capital. */
export type JavaTimeKind =
  | 'localDate'
  | 'localTime'
  | 'localDateTime'
  | 'instant'
  | 'duration'
  | 'period'
  | 'year'
  | 'yearMonth'
  | 'monthDay'
  | 'zoneOffset'
  | 'zoneId'
  | 'offsetTime'
  | 'offsetDateTime'
  | 'zonedDateTime';

export interface ScalarNode extends NodeOf<ScalarKind> {}
export interface LeafNode extends NodeOf<LeafKind> {}
/** `java.lang.Object`: any value, decoded without a schema. */
export interface AnyNode extends NodeOf<'any'> {}
export interface VoidNode extends NodeOf<'void'> {}
export interface ArrayNode extends NodeOf<'array'> {
  readonly element: SchemaNode;
}
/** List, Collection or Iterable, or a concrete class of them (`javaName`), read as a JS array. */
export interface ListNode extends NodeOf<'list'> {
  readonly element: SchemaNode;
}
export interface SetNode extends NodeOf<'set'> {
  readonly element: SchemaNode;
}
export interface MapNode extends NodeOf<'map'> {
  readonly key: SchemaNode;
  readonly value: SchemaNode;
}
export interface OptionalNode extends NodeOf<'optional'> {
  readonly element: SchemaNode;
}
export interface EnumNode extends NodeOf<'enum'> {
  readonly constants: readonly string[];
  /** An unknown constant is kept as its name instead of refused. */
  readonly open: boolean;
}
export interface FieldNode {
  readonly name: string;
  readonly node: SchemaNode;
}
/** A POJO. Fields are resolved on first use, because a class may contain itself. */
export interface ClassNode extends NodeOf<'class'> {
  /**
   * Own fields and, after them, the inherited ones: Java writes derived first. The same array each time. A name that
   * both declare is there twice, both times with the derived class's type: the value's one property is the derived
   * class's field; the base's, which Java hides, is written with the same value and ignored when read.
   */
  fields(): readonly FieldNode[];
  readonly parent: ClassNode | undefined;
  /** Every class defined with `extends` this one, directly or not, by Java name. Grows as they are defined. */
  readonly subclasses: ReadonlyMap<string, ClassNode>;
  /** An unlisted subclass is kept (decoded without a schema) instead of refused. */
  readonly open: boolean;
}
/**
 * A Java exception: fields of its own, besides message, cause and stack. Their values are in `error.fields`, by name;
 * `error.className` is the `javaName` of this node or of one of `subclasses`.
 */
export interface ErrorNode extends NodeOf<'error'> {
  /** As a class's: own fields and, after them, the inherited ones. */
  fields(): readonly FieldNode[];
  readonly parent: ErrorNode | undefined;
  /** Every error defined with `extends` this one, directly or not, by Java name. Grows as they are defined. */
  readonly subclasses: ReadonlyMap<string, ErrorNode>;
  /** Makes the contract's error from decoded parts. */
  create(parts: ErrorParts): Error;
}
export interface ErrorParts {
  readonly message: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly remoteStack: string;
  readonly cause: unknown;
}
/** A protobuf message, by its full name in the service's root. Only the protobuf serializer understands it. */
export interface MessageNode extends NodeOf<'message'> {
  readonly typeName: string;
}

export type SchemaNode =
  | ScalarNode
  | LeafNode
  | AnyNode
  | VoidNode
  | ArrayNode
  | ListNode
  | SetNode
  | MapNode
  | OptionalNode
  | EnumNode
  | ClassNode
  | ErrorNode
  | MessageNode;

/**
 * The Java class of a plain object that may stand for another class: one with a parent (set by `Derived.of` and by the
 * decoder, also where it is the declared one), and any that was decoded without a schema. Read by the encoder. A
 * registered symbol, so that the ESM and the CommonJS build agree; enumerable, so that `{ ...derived }` keeps it.
 */
export const CLASS_NAME: unique symbol = Symbol.for('sofa-mesh-sdk.class');
