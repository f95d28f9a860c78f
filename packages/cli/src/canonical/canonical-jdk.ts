import { JDK_TYPES } from '../../../../src/hessian/jdk-types.js';
import { type JdkReading, jdkReading, jdkValue } from '../../../../src/hessian/untyped-jdk.js';
import { frameText } from '../../../../src/hessian/untyped-throwable.js';
import type { JavaList, JavaObject } from '../../../../src/values/java.js';
import { isTagged } from '../../../../src/values/java.js';
import { ZoneOffset } from '../../../../src/values/java-time-zoned.js';
import { calendarText } from './canonical-calendar.js';
import { doubleText } from './canonical-double.js';

/** The fields of an object of a JDK class, by name; undefined where there is none. Values are in their plain form. */
interface Fields {
  get(name: string): unknown;
}

/** How an object of a JDK class is printed. */
export interface JdkText {
  /** The class that Java reads it as. */
  c: string;
  v: string;
}

/** The class that Java reads, and its text. `value` is the plain value where there is one. */
interface Row {
  c: string | ((value: unknown) => string);
  text?(value: unknown, fields: Fields): string;
}

const HANDLES = 'com.caucho.hessian.io.';
const same = (c: string, text: Row['text']): [string, Row] => [c, { c, text }];
const fieldText = (name: string) => (_: unknown, fields: Fields) => String(fields.get(name) ?? null);
const millis = (_: unknown, fields: Fields) => String(fields.get('value ms') ?? null);

/**
 * Every class on the wire whose objects are printed as one text, `v`: those of the codec's table, where toString() of
 * the plain value is Java's too, and what differs or is not read as a value.
 */
const TABLE: ReadonlyMap<string, Row> = new Map<string, Row>([
  ...JDK_TYPES.map(({ form, javaName }): [string, Row] => [form.def.name, { c: javaName }]),
  same('java.sql.Date', millis),
  same('java.sql.Time', millis),
  same('java.sql.Timestamp', millis),
  [`${HANDLES}LocaleHandle`, { c: 'java.util.Locale', text: (value) => localeText(String(value)) }],
  [
    `${HANDLES}CalendarHandle`,
    { c: 'java.util.GregorianCalendar', text: (_, f) => calendarText(f.get('date ms')) },
  ],
  [
    `${HANDLES}InetAddressHandle`,
    { c: (value) => (value === 16 ? 'java.net.Inet6Address' : 'java.net.Inet4Address'), text: addressText },
  ],
  [
    `${HANDLES}java8.ZoneIdHandle`,
    { c: (value) => (ZoneOffset.is(value) ? 'java.time.ZoneOffset' : 'java.time.ZoneRegion') },
  ],
  same('java.lang.StringBuffer', builderText),
  same('java.lang.StringBuilder', builderText),
  same('java.lang.StackTraceElement', (_, f) => frameText(frameOf(f))),
  same('java.net.URI', fieldText('string')),
  same('java.net.URL', urlText),
  // Without fields Java reads an address of zeros (vectors, jdk/InetAddress of the sofa grammar).
  ...['InetAddress', 'Inet4Address', 'Inet6Address'].map((name): [string, Row] => [
    `java.net.${name}`,
    { c: 'java.net.Inet4Address', text: () => '/0.0.0.0' },
  ]),
  // The number of words in use is transient: what Java reads looks empty (vectors, jdk/BitSet).
  same('java.util.BitSet', () => '{}'),
  same('java.io.File', fieldText('value')),
  same('java.util.regex.Pattern', fieldText('pattern')),
  same('java.util.concurrent.atomic.AtomicInteger', fieldText('value')),
  same('java.util.concurrent.atomic.AtomicLong', fieldText('value')),
  same('java.util.concurrent.atomic.AtomicBoolean', (_, f) => String(f.get('value') !== 0)),
  ...['OptionalInt', 'OptionalLong', 'OptionalDouble'].map((name) =>
    same(`java.util.${name}`, optionalText(name)),
  ),
]);

/** Numbers and classes are printed where they stand; every other object counts as one that could be referred to. */
const WITHOUT_ID: ReadonlySet<string> = new Set([
  'java.math.BigDecimal',
  'java.math.BigInteger',
  'java.lang.Class',
]);

export function takesId(className: string): boolean {
  return !WITHOUT_ID.has(className);
}

/** Any other class of the JDK that is no enum or Throwable is printed as "?" (vectors, jdk/SimpleEntry). */
export function isJdkClass(className: string): boolean {
  return /^javax?\./.test(className);
}

/** The text of an object of a JDK class, or undefined where it has none. */
export function jdkText(object: JavaObject): JdkText | undefined {
  const row = TABLE.get(object.class);
  if (row === undefined) return undefined;
  const fields = fieldsOf(object, 0);
  const reading = jdkReading(object.class);
  const value = reading === undefined ? bytesOf(fields)?.length : plainValue(reading, fields);
  const c = typeof row.c === 'string' ? row.c : row.c(value);
  return { c, v: row.text === undefined ? String(value) : row.text(value, fields) };
}

/** Deepest nesting of handles in handles: OffsetDateTime, LocalDateTime, LocalDate. A cycle of them ends here. */
const MAX_HANDLES = 4;

/** The fields of a lossless object in their plain form. `<name> ms` is a date in milliseconds, exactly. */
function fieldsOf(object: JavaObject, depth: number): Fields {
  return {
    get(name) {
      const ms = name.endsWith(' ms');
      const wanted = ms ? name.slice(0, -3) : name;
      const found = object.fields.find(([field]) => field === wanted);
      if (found === undefined) return undefined;
      return ms ? dateMillis(found[1]) : plain(found[1], depth);
    },
  };
}

function plainValue(reading: JdkReading, fields: Fields): unknown {
  const names = reading.def.fieldNames;
  return jdkValue(
    reading,
    names,
    names.map((name) => fields.get(name)),
  );
}

function dateMillis(value: unknown): bigint | undefined {
  return typeof value === 'object' && value !== null && isTagged(value) && value.$java === 'date'
    ? value.value
    : undefined;
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || !isTagged(value)) return value;
  switch (value.$java) {
    case 'list':
      return plainItems(value);
    case 'object': {
      const reading = depth >= MAX_HANDLES ? undefined : jdkReading(value.class);
      return reading === undefined ? value : plainValue(reading, fieldsOf(value, depth + 1));
    }
    case 'map':
      return value;
    case 'date':
      return new Date(Number(value.value));
    default:
      return value.value;
  }
}

/** The ints of a BigInteger, once a list: see {@link jdkValue}. */
const PLAIN_ITEMS = Symbol('plain items');

function plainItems(list: JavaList & { [PLAIN_ITEMS]?: unknown[] }): unknown[] {
  let items = list[PLAIN_ITEMS];
  if (items === undefined) {
    items = list.items.map((item) => plain(item, MAX_HANDLES));
    Object.defineProperty(list, PLAIN_ITEMS, { value: items });
  }
  return items;
}

/** LocaleHandle.readResolve, then Locale.toString(): language, country, variant; a script is lost. */
function localeText(text: string): string {
  const [, language, country = '', variant = ''] =
    /^([a-zA-Z0-9]*)(?:[-_]([a-zA-Z0-9]*)(?:[-_]([a-zA-Z0-9]*))?)?/.exec(text)!;
  const lower = language.toLowerCase();
  const upper = country.toUpperCase();
  // Two locales that are older than extensions: Java adds theirs.
  if (lower === 'th' && upper === 'TH' && variant === 'TH') return 'th_TH_TH_#u-nu-thai';
  if (lower === 'ja' && upper === 'JP' && variant === 'JP') return 'ja_JP_JP_#u-ca-japanese';
  const region = upper !== '' || (lower !== '' && variant !== '') ? `_${upper}` : '';
  return lower + region + (variant !== '' && (lower !== '' || upper !== '') ? `_${variant}` : '');
}

function bytesOf(fields: Fields): Uint8Array | undefined {
  const bytes = fields.get('address');
  return bytes instanceof Uint8Array ? bytes : undefined;
}

/** InetAddress.toString(): `host/1.2.3.4`, groups of an IPv6 address in hex without shortening. */
function addressText(_: unknown, fields: Fields): string {
  const bytes = bytesOf(fields) ?? new Uint8Array(4);
  const groups: string[] = [];
  if (bytes.length === 16) {
    for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] << 8) | bytes[i + 1]).toString(16));
  }
  const address = groups.length > 0 ? groups.join(':') : bytes.join('.');
  return `${fields.get('hostName') ?? ''}/${address}`;
}

/** A builder's own fields: `coder` 0 is one byte a character, 1 is UTF-16 in the peer's byte order (little-endian). */
function builderText(_: unknown, fields: Fields): string {
  const bytes = fields.get('value');
  const count = Number(fields.get('count') ?? 0);
  // Before JDK 9 the characters were a char[], which is a string on the wire.
  if (typeof bytes === 'string') return bytes.slice(0, count);
  if (!(bytes instanceof Uint8Array)) return '';
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (fields.get('coder') === 1) return view.toString('utf16le', 0, Math.min(count * 2, view.length));
  return view.toString('latin1', 0, Math.min(count, view.length));
}

function optionalText(name: string): (value: unknown, fields: Fields) => string {
  return (_, fields) => {
    if (fields.get('isPresent') !== true) return `${name}.empty`;
    const value = fields.get('value');
    return `${name}[${name === 'OptionalDouble' ? doubleText(Number(value)) : value}]`;
  };
}

function urlText(_: unknown, fields: Fields): string {
  const authority = fields.get('authority');
  const ref = fields.get('ref');
  const host = typeof authority === 'string' && authority !== '' ? `//${authority}` : '';
  return `${fields.get('protocol')}:${host}${fields.get('file') ?? ''}${ref == null ? '' : `#${ref}`}`;
}

function frameOf(fields: Fields): Parameters<typeof frameText>[0] {
  return {
    classLoaderName: fields.get('classLoaderName'),
    moduleName: fields.get('moduleName'),
    moduleVersion: fields.get('moduleVersion'),
    declaringClass: fields.get('declaringClass'),
    methodName: fields.get('methodName'),
    fileName: fields.get('fileName'),
    lineNumber: fields.get('lineNumber'),
    format: fields.get('format'),
  };
}

/** StackTraceElement.toString() of a lossless object. */
export function frameOfObject(object: JavaObject): string {
  return frameText(frameOf(fieldsOf(object, 0)));
}
