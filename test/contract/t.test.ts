import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { t } from '../../src/contract/t.js';

const Person = defineClass('com.acme.Person', { id: t.long });
const Color = defineEnum('com.acme.Color', ['RED']);

describe('t', () => {
  it.each([
    [t.boolean, 'boolean', 'boolean'],
    [t.byte, 'byte', 'byte'],
    [t.short, 'short', 'short'],
    [t.int, 'int', 'int'],
    [t.long, 'long', 'long'],
    [t.safeLong, 'safeLong', 'long'],
    [t.float, 'float', 'float'],
    [t.double, 'double', 'double'],
    [t.char, 'char', 'char'],
    [t.void, 'void', 'void'],
  ])('%# a primitive is never null', ({ node }, kind, javaName) => {
    expect(node).toEqual({ kind, javaName, nullable: false });
  });

  it.each([
    [t.Boolean, 'boolean', 'java.lang.Boolean'],
    [t.Byte, 'byte', 'java.lang.Byte'],
    [t.Short, 'short', 'java.lang.Short'],
    [t.Int, 'int', 'java.lang.Integer'],
    [t.Long, 'long', 'java.lang.Long'],
    [t.SafeLong, 'safeLong', 'java.lang.Long'],
    [t.Float, 'float', 'java.lang.Float'],
    [t.Double, 'double', 'java.lang.Double'],
    [t.Char, 'char', 'java.lang.Character'],
    [t.String, 'string', 'java.lang.String'],
    [t.BigInteger, 'bigInteger', 'java.math.BigInteger'],
    [t.BigDecimal, 'bigDecimal', 'java.math.BigDecimal'],
    [t.Date, 'date', 'java.util.Date'],
    [t.SqlDate, 'sqlDate', 'java.sql.Date'],
    [t.SqlTime, 'sqlTime', 'java.sql.Time'],
    [t.SqlTimestamp, 'sqlTimestamp', 'java.sql.Timestamp'],
    [t.bytes, 'bytes', '[B'],
    [t.UUID, 'uuid', 'java.util.UUID'],
    [t.Locale, 'locale', 'java.util.Locale'],
    [t.Currency, 'currency', 'java.util.Currency'],
    [t.Class, 'javaClass', 'java.lang.Class'],
    [t.LocalDate, 'localDate', 'java.time.LocalDate'],
    [t.LocalTime, 'localTime', 'java.time.LocalTime'],
    [t.LocalDateTime, 'localDateTime', 'java.time.LocalDateTime'],
    [t.Instant, 'instant', 'java.time.Instant'],
    [t.Duration, 'duration', 'java.time.Duration'],
    [t.Period, 'period', 'java.time.Period'],
    [t.Year, 'year', 'java.time.Year'],
    [t.YearMonth, 'yearMonth', 'java.time.YearMonth'],
    [t.MonthDay, 'monthDay', 'java.time.MonthDay'],
    [t.ZoneOffset, 'zoneOffset', 'java.time.ZoneOffset'],
    [t.ZoneId, 'zoneId', 'java.time.ZoneId'],
    [t.OffsetTime, 'offsetTime', 'java.time.OffsetTime'],
    [t.OffsetDateTime, 'offsetDateTime', 'java.time.OffsetDateTime'],
    [t.ZonedDateTime, 'zonedDateTime', 'java.time.ZonedDateTime'],
    [t.Object, 'any', 'java.lang.Object'],
  ])('%# a reference type may be null until notNull', (type, kind, javaName) => {
    expect(type.node).toEqual({ kind, javaName, nullable: true });
    expect(type.notNull().node).toEqual({ kind, javaName, nullable: false });
    expect(type.notNull()).toBe(type.notNull());
  });

  it.each([
    [t.array(t.int), '[I'],
    [t.array(t.boolean), '[Z'],
    [t.array(t.short), '[S'],
    [t.array(t.long), '[J'],
    [t.array(t.safeLong), '[J'],
    [t.array(t.float), '[F'],
    [t.array(t.double), '[D'],
    [t.array(t.char), '[C'],
    [t.array(t.bytes), '[[B'],
    [t.array(t.Int), '[Ljava.lang.Integer;'],
    [t.array(t.array(t.int)), '[[I'],
    [t.array(t.array(t.String)), '[[Ljava.lang.String;'],
    [t.array(Person), '[Lcom.acme.Person;'],
    [t.array(Color), '[Lcom.acme.Color;'],
    [t.array(t.List(t.int)), '[Ljava.util.List;'],
    [t.List(t.int), 'java.util.List'],
    [t.List(t.int, 'java.util.ArrayList'), 'java.util.ArrayList'],
    [t.Collection(t.int), 'java.util.Collection'],
    [t.Set(t.int), 'java.util.Set'],
    [t.Set(t.int, 'java.util.TreeSet'), 'java.util.TreeSet'],
    [t.Map(t.String, t.int), 'java.util.Map'],
    [t.Map(t.String, t.int, 'java.util.HashMap'), 'java.util.HashMap'],
    [t.Optional(t.String), 'java.util.Optional'],
    [t.message('acme.Person'), 'acme.Person'],
  ])('%# Java calls it %s', (type, javaName) => {
    expect(type.node.javaName).toBe(javaName);
  });

  it('keeps the elements of composite types', () => {
    expect(t.Map(t.String, t.List(Person)).node).toMatchObject({
      kind: 'map',
      key: { kind: 'string' },
      value: { kind: 'list', element: Person.node },
    });
    expect(t.Set(Color).node).toMatchObject({ kind: 'set', element: Color.node });
    expect(t.Optional(t.Long).node).toMatchObject({
      kind: 'optional',
      element: { javaName: 'java.lang.Long' },
    });
  });

  it('refuses an array of byte, which is t.bytes', () => {
    expect(() => t.array(t.byte)).toThrow('byte[] is t.bytes');
  });

  it('refuses what is not a type, and says which', () => {
    // @ts-expect-error a string is not a type
    expect(() => t.List('java.lang.String')).toThrow(
      't.List: expected a type such as t.long or a class, got "java.lang.String".',
    );
    // @ts-expect-error nor is undefined, such as a class that is defined further down
    expect(() => t.Map(t.String, undefined)).toThrow(/t\.Map: value.*Use a getter/);
  });

  it.each([
    () => t.List(t.void),
    () => t.Optional(t.message('acme.Person')),
    () => t.List(t.int, 'not a class'),
    () => t.Set(t.int, ''),
    () => t.Map(t.int, t.int, 'java..Map'),
    () => t.message(''),
  ])('refuses %s', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
