import type { Decimal } from '../values/decimal.js';
import type { JavaClass } from '../values/java-class.js';
import type { Instant, LocalDate, LocalDateTime, LocalTime } from '../values/java-time.js';
import type { Duration, Period } from '../values/java-time-amounts.js';
import type { MonthDay, Year, YearMonth } from '../values/java-time-fields.js';
import type { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../values/java-time-zoned.js';
import type { LeafKind, ScalarKind, SchemaNode } from '../values/schema.js';
import { checkClassName, invalid } from './names.js';
import { javaNodeOf, typeOf } from './node-type.js';
import type { AnyType, ListType, MapType, NeverNull, Nullable, OptionalType, SetType } from './types.js';

/**
 * Java's types, by Java's names. A primitive (`t.long`) is never null; a boxed one (`t.Long`) is another type on the
 * wire and may be null, as every reference type may. `.notNull()` refuses null on both sides.
 */
export const t = {
  /** What a method returns that returns nothing. */
  void: typeOf<NeverNull<void>>({ kind: 'void', javaName: 'void', nullable: false }),

  boolean: primitive<boolean>('boolean'),
  byte: primitive<number>('byte'),
  short: primitive<number>('short'),
  int: primitive<number>('int'),
  /** Read as a bigint; takes a bigint or a safe integer. */
  long: primitive<bigint, bigint | number>('long'),
  /** A Java long that is read as a number; one past 2^53 is DECODE_FAILED. */
  safeLong: primitive<number, bigint | number>('safeLong', 'long'),
  float: primitive<number>('float'),
  double: primitive<number>('double'),
  /** One UTF-16 unit, as a string. */
  char: primitive<string>('char'),

  Boolean: boxed<boolean>('boolean', 'Boolean'),
  Byte: boxed<number>('byte', 'Byte'),
  Short: boxed<number>('short', 'Short'),
  Int: boxed<number>('int', 'Integer'),
  /** `java.lang.Long`, read as a bigint; takes a bigint or a safe integer. */
  Long: boxed<bigint, bigint | number>('long', 'Long'),
  /** `java.lang.Long`, read as a number; one past 2^53 is DECODE_FAILED. */
  SafeLong: boxed<number, bigint | number>('safeLong', 'Long'),
  Float: boxed<number>('float', 'Float'),
  Double: boxed<number>('double', 'Double'),
  Char: boxed<string>('char', 'Character'),

  String: leaf<string>('string', 'java.lang.String'),
  /** Read as a bigint; takes a bigint or a safe integer. */
  BigInteger: leaf<bigint, bigint | number>('bigInteger', 'java.math.BigInteger'),
  BigDecimal: leaf<Decimal>('bigDecimal', 'java.math.BigDecimal'),
  /** `java.util.Date`. */
  Date: leaf<Date>('date', 'java.util.Date'),
  SqlDate: leaf<Date>('sqlDate', 'java.sql.Date'),
  SqlTime: leaf<Date>('sqlTime', 'java.sql.Time'),
  /** Whole milliseconds: the nanoseconds are lost on the wire. */
  SqlTimestamp: leaf<Date>('sqlTimestamp', 'java.sql.Timestamp'),
  /** `byte[]`, read as a Buffer. */
  bytes: leaf<Uint8Array>('bytes', '[B'),
  UUID: leaf<string>('uuid', 'java.util.UUID'),
  /** `zh_CN`, as Java's Locale.toString() writes it. */
  Locale: leaf<string>('locale', 'java.util.Locale'),
  /** The ISO 4217 code. */
  Currency: leaf<string>('currency', 'java.util.Currency'),
  Class: leaf<JavaClass>('javaClass', 'java.lang.Class'),

  LocalDate: leaf<LocalDate>('localDate', 'java.time.LocalDate'),
  LocalTime: leaf<LocalTime>('localTime', 'java.time.LocalTime'),
  LocalDateTime: leaf<LocalDateTime>('localDateTime', 'java.time.LocalDateTime'),
  Instant: leaf<Instant>('instant', 'java.time.Instant'),
  Duration: leaf<Duration>('duration', 'java.time.Duration'),
  Period: leaf<Period>('period', 'java.time.Period'),
  Year: leaf<Year>('year', 'java.time.Year'),
  YearMonth: leaf<YearMonth>('yearMonth', 'java.time.YearMonth'),
  MonthDay: leaf<MonthDay>('monthDay', 'java.time.MonthDay'),
  ZoneOffset: leaf<ZoneOffset>('zoneOffset', 'java.time.ZoneOffset'),
  /** A zone's id: `Asia/Shanghai`, `+08:00`. */
  ZoneId: leaf<string>('zoneId', 'java.time.ZoneId'),
  OffsetTime: leaf<OffsetTime>('offsetTime', 'java.time.OffsetTime'),
  OffsetDateTime: leaf<OffsetDateTime>('offsetDateTime', 'java.time.OffsetDateTime'),
  ZonedDateTime: leaf<ZonedDateTime>('zonedDateTime', 'java.time.ZonedDateTime'),

  /** `java.lang.Object`: any value, encoded and decoded without a schema. */
  Object: typeOf<Nullable<unknown>>({ kind: 'any', javaName: 'java.lang.Object', nullable: true }),

  /** A Java array of any type but byte, which is `t.bytes`: `t.array(t.int)` is `int[]`, `t.array(t.array(t.int))` is `int[][]`. */
  array<E extends AnyType>(element: E): ListType<E> {
    const node = javaNodeOf(element, 't.array');
    if (node.javaName === 'byte') throw invalid('t.array(t.byte): byte[] is t.bytes.');
    return typeOf<ListType<E>>({ kind: 'array', javaName: arrayName(node), nullable: true, element: node });
  },

  /** `java.util.List`; a method that declares another class of it takes that name: `t.List(t.int, 'java.util.ArrayList')`. */
  List<E extends AnyType>(element: E, javaClass: string = 'java.util.List'): ListType<E> {
    return list<E>('t.List', element, javaClass);
  },
  /** `java.util.Collection`, read as an array. */
  Collection<E extends AnyType>(element: E): ListType<E> {
    return list<E>('t.Collection', element, 'java.util.Collection');
  },
  /** `java.util.Set`; a method that declares another class of it takes that name: `t.Set(t.int, 'java.util.TreeSet')`. */
  Set<E extends AnyType>(element: E, javaClass: string = 'java.util.Set'): SetType<E> {
    checkClassName(javaClass, 't.Set');
    return typeOf<SetType<E>>({
      kind: 'set',
      javaName: javaClass,
      nullable: true,
      element: javaNodeOf(element, 't.Set'),
    });
  },
  /** `java.util.Map`; a method that declares another class of it takes that name: `t.Map(k, v, 'java.util.TreeMap')`. */
  Map<K extends AnyType, V extends AnyType>(
    key: K,
    value: V,
    javaClass: string = 'java.util.Map',
  ): MapType<K, V> {
    checkClassName(javaClass, 't.Map');
    return typeOf<MapType<K, V>>({
      kind: 'map',
      javaName: javaClass,
      nullable: true,
      key: javaNodeOf(key, 't.Map: key'),
      value: javaNodeOf(value, 't.Map: value'),
    });
  },
  /** `java.util.Optional`: an empty one and a null reference are both read as null; null is written as an empty one. */
  Optional<E extends AnyType>(element: E): OptionalType<E> {
    return typeOf<OptionalType<E>>({
      kind: 'optional',
      javaName: 'java.util.Optional',
      nullable: true,
      element: javaNodeOf(element, 't.Optional'),
    });
  },

  /** A protobuf message by its full name. `T` is its shape. For services with the protobuf serialization. */
  message<T extends object>(typeName: string): NeverNull<T> {
    checkClassName(typeName, 't.message');
    return typeOf<NeverNull<T>>({ kind: 'message', javaName: typeName, nullable: false, typeName });
  },
};

function primitive<Out, In = Out>(kind: ScalarKind, javaName: string = kind): NeverNull<Out, In> {
  return typeOf<NeverNull<Out, In>>({ kind, javaName, nullable: false });
}

function boxed<Out, In = Out>(kind: ScalarKind, name: string): Nullable<Out, In> {
  return typeOf<Nullable<Out, In>>({ kind, javaName: `java.lang.${name}`, nullable: true });
}

function leaf<Out, In = Out>(kind: LeafKind, javaName: string): Nullable<Out, In> {
  return typeOf<Nullable<Out, In>>({ kind, javaName, nullable: true });
}

function list<E extends AnyType>(what: string, element: E, javaClass: string): ListType<E> {
  checkClassName(javaClass, what);
  return typeOf<ListType<E>>({
    kind: 'list',
    javaName: javaClass,
    nullable: true,
    element: javaNodeOf(element, what),
  });
}

const PRIMITIVE_LETTERS: { readonly [name: string]: string } = {
  boolean: 'Z',
  byte: 'B',
  short: 'S',
  int: 'I',
  long: 'J',
  float: 'F',
  double: 'D',
  char: 'C',
};

/** Class.getName() of an array: `[I`, `[Ljava.lang.String;`, `[[I`. */
function arrayName(element: SchemaNode): string {
  const name = element.javaName;
  if (name.startsWith('[')) return `[${name}`;
  return `[${PRIMITIVE_LETTERS[name] ?? `L${name};`}`;
}
