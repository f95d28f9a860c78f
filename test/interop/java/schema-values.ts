// Random values of a contract's types, and what Java must say of them. Both follow from the schema alone: neither knows
// the codec that they judge.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  CLASS_NAME,
  Decimal,
  Duration,
  Instant,
  JavaClass,
  LocalDate,
  LocalDateTime,
  LocalTime,
  MonthDay,
  OffsetDateTime,
  OffsetTime,
  Period,
  Year,
  YearMonth,
  ZonedDateTime,
  ZoneOffset,
} from 'sofa-mesh-sdk';
import type { ClassNode, SchemaNode } from '../../../src/values/schema.js';

/** Canonical JSON, as the Java side writes it (Canonical.java). */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ABSTRACT = new Set(['com.lab.Animal']);
const DEEPEST = 3;

const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.oneof(fc.constant(0), fc.nat(999_999_999)))
  .map(([hour, minute, second, nano]) => new LocalTime(hour, minute, second, nano));
const date = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => new LocalDate(year, month, day));
const offset = fc.integer({ min: -72, max: 72 }).map((quarters) => new ZoneOffset(quarters * 900));
const dateTime = fc.tuple(date, time).map(([day, at]) => new LocalDateTime(day, at));
const long = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const shortText = fc.string({ unit: 'binary', maxLength: 40 });
const text = fc.oneof(
  { weight: 30, arbitrary: shortText },
  // Past Java's chunk of 32,768 UTF-16 units, where a surrogate pair may lie on the border.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 32_764, max: 32_770 }), shortText)
      .map(([n, end]) => `${'x'.repeat(n)}😀${end}`),
  },
);
const double = fc
  .oneof(
    fc.double(),
    fc.integer(),
    fc.integer().map((n) => n / 1000),
  )
  .map((n) => (n === 0 ? 0 : n));

/** Values of the kinds that hold no others. */
const LEAVES: { readonly [K in SchemaNode['kind']]?: fc.Arbitrary<unknown> } = {
  boolean: fc.boolean(),
  byte: fc.integer({ min: -128, max: 127 }),
  short: fc.integer({ min: -32_768, max: 32_767 }),
  int: fc.oneof(fc.integer(), fc.integer({ min: -300_000, max: 300_000 })),
  long: fc.oneof(long, fc.bigInt({ min: -300_000n, max: 300_000n })),
  float: fc.float().map((n) => (n === 0 ? 0 : n)),
  double,
  char: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  string: text,
  bigInteger: fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }),
  bigDecimal: fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(6))
    .map(([unscaled, scale]) => Decimal.of(withPoint(unscaled, scale))),
  date: fc.date({ noInvalidDate: true }),
  sqlDate: fc.date({ noInvalidDate: true }),
  sqlTime: fc.nat(86_399_999).map((ms) => new Date(ms)),
  // Java keeps its fraction apart, and loses it here below year 1.
  sqlTimestamp: fc.date({ noInvalidDate: true, min: new Date(0) }),
  bytes: fc
    .oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(70_000).map((n) => new Uint8Array(n).fill(n)),
    )
    .map((bytes) => Buffer.from(bytes)),
  uuid: fc.uuid(),
  locale: fc.constantFrom('zh_CN', 'en', 'fr_FR', 'pt_BR'),
  currency: fc.constantFrom('CNY', 'USD', 'EUR', 'JPY'),
  javaClass: fc
    .constantFrom('java.lang.String', 'int', '[I', 'com.lab.Dog')
    .map((name) => new JavaClass(name)),
  localDate: date,
  localTime: time,
  localDateTime: dateTime,
  instant: fc
    .tuple(fc.bigInt({ min: -60_000_000_000n, max: 250_000_000_000n }), fc.nat(999_999_999))
    .map(([second, nano]) => new Instant(second, nano)),
  duration: fc
    .tuple(fc.bigInt({ min: -(1n << 40n), max: 1n << 40n }), fc.oneof(fc.constant(0), fc.nat(999_999_999)))
    .map(([seconds, nano]) => new Duration(seconds, nano)),
  period: fc
    .tuple(
      fc.integer({ min: -99, max: 99 }),
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: -40, max: 40 }),
    )
    .map(([years, months, days]) => new Period(years, months, days)),
  year: fc.integer({ min: -9999, max: 99_999 }).map((year) => new Year(year)),
  yearMonth: date.map(({ year, month }) => new YearMonth(year, month)),
  monthDay: date.map(({ month, day }) => new MonthDay(month, day)),
  zoneOffset: offset,
  zoneId: fc.constantFrom('Asia/Shanghai', 'Europe/Paris', 'America/New_York'),
  offsetTime: fc.tuple(time, offset).map(([at, of]) => new OffsetTime(at, of)),
  offsetDateTime: fc.tuple(dateTime, offset).map(([at, of]) => new OffsetDateTime(at, of)),
  // A zone without summer time, so that the offset is right whatever the date after 1991.
  zonedDateTime: fc
    .tuple(fc.integer({ min: 1992, max: 9999 }), time)
    .map(
      ([year, at]) =>
        new ZonedDateTime(
          new LocalDateTime(new LocalDate(year, 7, 1), at),
          new ZoneOffset(28_800),
          'Asia/Shanghai',
        ),
    ),
};

function withPoint(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const sign = unscaled < 0n ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Random values of a type; in lists one object is there twice now and then. */
export function arbitraryOf(node: SchemaNode, depth = 0): fc.Arbitrary<unknown> {
  const value = someOf(node, depth);
  return node.nullable && depth > 0 ? fc.option(value, { nil: null, freq: 5 }) : value;
}

function someOf(node: SchemaNode, depth: number): fc.Arbitrary<unknown> {
  const maxLength = depth >= DEEPEST ? 0 : 4;
  switch (node.kind) {
    case 'enum':
      return fc.constantFrom(...node.constants);
    case 'array':
    case 'list':
      return itemsOf(node.element, depth, maxLength);
    case 'set':
      return itemsOf(node.element, depth, maxLength).map((items) => new Set(items));
    case 'map':
      return fc
        .array(fc.tuple(someOf(node.key, depth + 1), arbitraryOf(node.value, depth + 1)), { maxLength })
        .map((entries) => new Map(entries));
    case 'optional':
      return fc.option(someOf(node.element, depth + 1), { nil: null });
    case 'class':
      return fc.oneof(...concrete(node).map((of) => objectOf(of, depth)));
    default: {
      const leaf = LEAVES[node.kind];
      if (leaf === undefined) throw new Error(`no random ${node.kind}`);
      return leaf;
    }
  }
}

function itemsOf(element: SchemaNode, depth: number, maxLength: number): fc.Arbitrary<unknown[]> {
  const item = arbitraryOf(element, depth + 1);
  return fc
    .tuple(fc.array(item, { maxLength }), fc.boolean())
    .map(([items, again]) => (again && items.length > 0 ? [...items, items[items.length - 1]] : items));
}

function concrete(node: ClassNode): ClassNode[] {
  return [node, ...node.subclasses.values()].filter(({ javaName }) => !ABSTRACT.has(javaName));
}

function objectOf(node: ClassNode, depth: number): fc.Arbitrary<object> {
  const fields = node.fields().map(({ name, node: field }) => {
    const deep =
      depth >= DEEPEST && (field.kind === 'class' || field.kind === 'list' || field.kind === 'map');
    return fc.tuple(fc.constant(name), deep ? fc.constant(null) : arbitraryOf(field, depth + 1));
  });
  return fc.tuple(...fields).map((entries) => {
    const value = Object.fromEntries(entries);
    return node.parent === undefined ? value : { ...value, [CLASS_NAME]: node.javaName };
  });
}

const BOXES: { readonly [K in SchemaNode['kind']]?: string } = {
  boolean: 'Boolean',
  byte: 'Byte',
  short: 'Short',
  int: 'Integer',
  long: 'Long',
  float: 'Float',
  double: 'Double',
  char: 'Character',
};
const LONG_VALUE = 4096;

/** What Java says of a value of this type. */
export function canonicalOf(node: SchemaNode, value: unknown, ids = new Map<unknown, number>()): Json {
  if (node.kind === 'optional') {
    return { c: 'java.util.Optional', v: value === null ? null : canonicalOf(node.element, value, ids) };
  }
  if (value === null || value === undefined) return null;
  const of = (c: string) => (v: Json) => ({ c, v });
  switch (node.kind) {
    case 'boolean':
    case 'byte':
    case 'short':
    case 'int':
    case 'char':
      return of(`java.lang.${BOXES[node.kind]}`)(value as Json);
    case 'long':
      return of('java.lang.Long')(String(value));
    case 'float':
    case 'double':
      return { c: `java.lang.${BOXES[node.kind]}`, bits: bitsOf(node.kind, value as number) };
    case 'string':
      return textOf(value as string);
    case 'bytes':
      return bytesOf(value as Uint8Array);
    case 'date':
    case 'sqlDate':
    case 'sqlTime':
    case 'sqlTimestamp':
      return of(node.javaName)(String((value as Date).getTime()));
    case 'enum':
      return { c: node.javaName, enum: value as string };
    case 'zoneId':
      return of('java.time.ZoneRegion')(value as string);
    case 'javaClass':
      return of('java.lang.Class')((value as JavaClass).name);
    case 'array':
    case 'list':
    case 'set':
    case 'map':
    case 'class':
      return objectCanonical(node, value as object, ids);
    default:
      return of(node.javaName)(String(value));
  }
}

function objectCanonical(node: SchemaNode, value: object, ids: Map<unknown, number>): Json {
  const known = ids.get(value);
  if (known !== undefined) return { ref: known };
  const id = ids.size;
  ids.set(value, id);
  switch (node.kind) {
    case 'array':
    case 'list': {
      const abstract = node.javaName === 'java.util.List' || node.javaName === 'java.util.Collection';
      const c = abstract ? 'java.util.ArrayList' : node.javaName;
      return { c, id, e: (value as unknown[]).map((item) => canonicalOf(node.element, item, ids)) };
    }
    case 'set':
      return {
        c: 'java.util.HashSet',
        id,
        e: [...(value as Set<unknown>)].map((item) => canonicalOf(node.element, item, ids)),
      };
    case 'map': {
      const kv = [...(value as Map<unknown, unknown>)].map(([key, of]): Json[] => [
        canonicalOf(node.key, key, ids),
        canonicalOf(node.value, of, ids),
      ]);
      return { c: 'java.util.HashMap', id, kv };
    }
    default: {
      const declared = node as ClassNode;
      const c = (value as { [CLASS_NAME]?: string })[CLASS_NAME] ?? declared.javaName;
      const actual = c === declared.javaName ? declared : (declared.subclasses.get(c) as ClassNode);
      const fields = actual
        .fields()
        .map(({ name, node: field }): [string, Json] => [
          name,
          canonicalOf(field, (value as Record<string, unknown>)[name], ids),
        ]);
      return { c, id, f: Object.fromEntries(fields) };
    }
  }
}

function bitsOf(kind: 'float' | 'double', value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  if (kind === 'float') {
    view.setFloat32(0, value);
    return view.getUint32(0).toString(16).padStart(8, '0');
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

function textOf(value: string): Json {
  if (value.length <= LONG_VALUE) return { c: 'java.lang.String', v: value };
  const utf16 = Buffer.from(value, 'utf16le').swap16();
  const sha256utf16be = createHash('sha256').update(utf16).digest('hex');
  return { c: 'java.lang.String', len: value.length, sha256utf16be, head: value.slice(0, 16) };
}

function bytesOf(value: Uint8Array): Json {
  if (value.length <= LONG_VALUE) return { c: '[B', v: Buffer.from(value).toString('hex') };
  return { c: '[B', len: value.length, sha256: createHash('sha256').update(value).digest('hex') };
}

type Entry = { [key: string]: Json };

/**
 * The same canonical JSON whatever the order of fields, of maps and of sets, and whichever Map class was used; objects
 * are numbered anew, in the order in which they are met, and a double is its bits.
 */
export function normal(json: Json): string {
  const byId = new Map<Json, Entry>();
  collect(json, byId);
  return JSON.stringify(normalOf(json, byId, new Map()));
}

function collect(json: Json, byId: Map<Json, Entry>): void {
  if (json === null || typeof json !== 'object') return;
  if (!Array.isArray(json) && json.id !== undefined) byId.set(json.id, json);
  for (const part of Object.values(json)) collect(part, byId);
}

function normalOf(json: Json, byId: ReadonlyMap<Json, Entry>, met: Map<Entry, number>): Json {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return json;
  const entry = json.ref === undefined ? json : byId.get(json.ref);
  if (entry === undefined) return { ref: `unknown ${JSON.stringify(json.ref)}` };
  const { c, id, e, kv, f, bits, ...rest } = entry;
  const again = met.get(entry);
  if (again !== undefined) return { ref: again };
  if (bits !== undefined) return { c, bits };
  if (id !== undefined) met.set(entry, met.size);
  const normalPart = (part: Json) => normalOf(part, byId, met);
  if (e !== undefined) {
    const isSet = typeof c === 'string' && c.endsWith('Set');
    const items = isSet ? [...(e as Json[])].sort(byText) : (e as Json[]);
    return { c: isSet ? 'Set' : c, e: items.map(normalPart) };
  }
  if (kv !== undefined) {
    const entries = [...(kv as Json[][])].sort(([one], [other]) => byText(one, other));
    return { c: 'Map', kv: entries.map((pair) => pair.map(normalPart)) };
  }
  if (f !== undefined) {
    const names = Object.keys(f as Entry).sort();
    return { c, f: names.map((name) => [name, normalPart((f as Entry)[name])]) };
  }
  return { c, ...rest, ...(typeof rest.v === 'object' ? { v: normalPart(rest.v) } : {}) };
}

function byText(a: Json, b: Json): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
