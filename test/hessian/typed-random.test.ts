import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { t } from '../../src/contract/t.js';
import { MeshError } from '../../src/core/errors.js';
import { CodecCache } from '../../src/hessian/compile.js';
import { createReader } from '../../src/hessian/reader.js';
import { Decimal } from '../../src/values/decimal.js';
import { Instant, LocalDate, LocalDateTime, LocalTime } from '../../src/values/java-time.js';
import { Duration, Period } from '../../src/values/java-time-amounts.js';
import { MonthDay } from '../../src/values/java-time-fields.js';
import { OffsetTime, ZonedDateTime, ZoneOffset } from '../../src/values/java-time-zoned.js';
import { CLASS_NAME, type SchemaNode } from '../../src/values/schema.js';
import { read, write } from './typed.js';

/** A type, and values of it as they come back. */
interface Sample {
  readonly type: { readonly node: SchemaNode };
  readonly value: fc.Arbitrary<unknown>;
}

const Color = defineEnum('com.acme.Color', ['RED', 'GREEN', 'BLUE']);
const Base = defineClass('com.acme.Base', { id: t.long });
defineClass('com.acme.Derived', { note: t.String }, { extends: Base });

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const nearPowers = fc
  .tuple(fc.integer({ min: 0, max: 62 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
  .map(([bits, off, negative]) => (negative ? -(2n ** BigInt(bits)) : 2n ** BigInt(bits)) + BigInt(off));
const int = fc.oneof(
  fc.integer(),
  nearPowers.map(Number).filter((n) => (n | 0) === n),
);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  // Every UTF-16 unit, lone surrogates too.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom('a', 'é', '中', '😀'), fc.integer({ min: 0, max: 70_000 }))
    .map(([unit, n]) => unit.repeat(n / unit.length)),
);
const noMinusZero = (value: number) => (value === 0 ? 0 : value);
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999_999_999))
  .map((parts) => new LocalTime(...parts));
const date = fc
  .tuple(
    fc.integer({ min: -9999, max: 9999 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
  )
  .map((parts) => new LocalDate(...parts));
const offset = fc.integer({ min: -64_800, max: 64_800 }).map((seconds) => new ZoneOffset(seconds));

const leaves: readonly Sample[] = [
  { type: t.int, value: int },
  { type: t.Int, value: fc.option(int) },
  { type: t.long, value: fc.oneof(long, nearPowers) },
  { type: t.SafeLong, value: fc.option(fc.maxSafeInteger()) },
  { type: t.byte, value: fc.integer({ min: -128, max: 127 }) },
  { type: t.Short, value: fc.integer({ min: -32768, max: 32767 }) },
  {
    type: t.double,
    value: fc
      .oneof(
        fc.double(),
        fc.integer(),
        fc.integer().map((n) => n / 1000),
      )
      .map(noMinusZero),
  },
  { type: t.Float, value: fc.option(fc.float().map(noMinusZero)) },
  { type: t.boolean, value: fc.boolean() },
  {
    type: t.Char,
    value: fc.option(fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))),
  },
  { type: t.String, value: fc.option(text) },
  { type: t.Date, value: fc.option(fc.date({ noInvalidDate: true })) },
  { type: t.SqlTimestamp, value: fc.date({ noInvalidDate: true }) },
  {
    type: t.bytes,
    value: fc.option(fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes))),
  },
  { type: t.BigInteger, value: fc.option(fc.bigInt()) },
  {
    type: t.BigDecimal,
    value: fc.tuple(fc.bigInt(), fc.integer({ min: -50, max: 50 })).map(([n, e]) => new Decimal(`${n}E${e}`)),
  },
  { type: t.UUID, value: fc.option(fc.uuid()) },
  { type: t.Locale, value: fc.constantFrom('en', 'zh_CN') },
  { type: Color, value: fc.option(fc.constantFrom('RED', 'GREEN', 'BLUE')) },
  { type: t.LocalDate, value: fc.option(date) },
  { type: t.LocalTime, value: time },
  { type: t.LocalDateTime, value: fc.tuple(date, time).map((parts) => new LocalDateTime(...parts)) },
  {
    type: t.Instant,
    value: fc
      .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat(999_999_999))
      .map(([s, n]) => new Instant(s, n)),
  },
  { type: t.Duration, value: fc.tuple(long, fc.nat(999_999_999)).map(([s, n]) => new Duration(s, n)) },
  { type: t.Period, value: fc.tuple(int, int, int).map((parts) => new Period(...parts)) },
  {
    type: t.MonthDay,
    value: fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
      .map((parts) => new MonthDay(...parts)),
  },
  { type: t.OffsetTime, value: fc.tuple(time, offset).map((parts) => new OffsetTime(...parts)) },
  {
    type: t.ZonedDateTime,
    value: fc
      .tuple(date, time, offset)
      .map(([d, tm, o]) => new ZonedDateTime(new LocalDateTime(d, tm), o, 'Asia/Shanghai')),
  },
  { type: Base, value: fc.option(long.map((id) => ({ id }))) },
  { type: Base, value: long.map((id) => ({ id, note: 'n', [CLASS_NAME]: 'com.acme.Derived' })) },
];

let classes = 0;

/** A type made of those of `inner`. */
function composite(inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  const items = (item: Sample) => fc.array(item.value, { maxLength: 12 });
  const of = (type: unknown, value: fc.Arbitrary<unknown>): Sample => ({
    type: type as Sample['type'],
    value,
  });
  const typed = (sample: Sample) => sample.type as typeof t.int;
  return fc.oneof(
    inner.map((item) => of(t.List(typed(item)), fc.option(items(item)))),
    inner.map((item) => of(t.List(typed(item), 'java.util.LinkedList'), items(item))),
    inner
      .filter(({ type }) => !['byte', 'char'].includes(type.node.javaName))
      .map((item) => of(t.array(typed(item)), items(item))),
    inner.map((item) =>
      of(
        t.Set(typed(item)),
        items(item).map((all) => new Set(all)),
      ),
    ),
    inner.map((item) => of(t.Optional(typed(item)), item.value)),
    inner.map((item) =>
      of(
        t.Map(t.String.notNull(), typed(item)),
        fc.array(fc.tuple(fc.string(), item.value), { maxLength: 8 }).map((all) => new Map(all)),
      ),
    ),
    fc
      .array(inner, { maxLength: 20 })
      .map((fields) =>
        of(
          defineClass(
            `com.acme.Random${classes++}`,
            Object.fromEntries(fields.map(({ type }, i) => [`f${i}`, type])),
          ),
          fc.option(
            fc
              .tuple(...fields.map(({ value }) => value))
              .map((all) => Object.fromEntries(all.map((one, i) => [`f${i}`, one]))),
          ),
        ),
      ),
  );
}

const leaf = fc.constantFrom(...leaves);
const shallow = fc.oneof(leaf, composite(leaf));
const sample = fc.oneof(shallow, composite(shallow), composite(composite(leaf)));
const case_ = sample.chain(({ type, value }) => fc.tuple(fc.constant(type), value));

describe.each(['sofa', 'final'] as const)('random types and values in the grammar %s', (grammar) => {
  it('come back as they were, and are written the same again', () => {
    fc.assert(
      fc.property(case_, ([type, value]) => {
        const bytes = write(type, grammar, value);
        const back = read(type, grammar, bytes);
        expect(back).toEqual(value);
        // What was read has no shared parts that the value did not have, so the bytes are the same.
        expect(write(type, grammar, back).equals(bytes)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('damaged bytes give a value or DECODE_FAILED, and nothing else', () => {
    const reader = createReader(grammar);
    fc.assert(
      fc.property(
        case_,
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
          maxLength: 4,
        }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        ([type, value], changes, keep) => {
          const bytes = write(type, grammar, value).subarray(0, 4096);
          for (const [at, byte] of changes) bytes[Math.floor(at * bytes.length)] = byte;
          const codec = new CodecCache(grammar).compile(type.node);
          reader.reset(bytes, 0, Math.floor(bytes.length * keep));
          try {
            codec.read(reader);
          } catch (error) {
            if (!MeshError.is(error) || error.code !== 'DECODE_FAILED') throw error;
            expect(error.message).toMatch(/^\$/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
