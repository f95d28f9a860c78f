import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instant, LocalDate, LocalDateTime, LocalTime } from '../../src/values/java-time.js';
import { Duration, Period } from '../../src/values/java-time-amounts.js';
import { MonthDay, Year, YearMonth } from '../../src/values/java-time-fields.js';
import { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../../src/values/java-time-zoned.js';

const date = new LocalDate(2024, 2, 29);
const time = new LocalTime(1, 2, 3, 4);
const dateTime = new LocalDateTime(date, time);
const offset = new ZoneOffset(8 * 3600);

// What Java 17's toString() gives.
const JAVA: [text: string, value: { toString(): string }, type: { parse(text: string): unknown }][] = [
  ['2024-02-29', date, LocalDate],
  ['0005-01-01', new LocalDate(5, 1, 1), LocalDate],
  ['-0005-01-01', new LocalDate(-5, 1, 1), LocalDate],
  ['+10000-12-31', new LocalDate(10_000, 12, 31), LocalDate],
  ['-999999999-01-01', new LocalDate(-999_999_999, 1, 1), LocalDate],
  ['10:15', new LocalTime(10, 15), LocalTime],
  ['00:00:01', new LocalTime(0, 0, 1), LocalTime],
  ['10:15:00.500', new LocalTime(10, 15, 0, 500_000_000), LocalTime],
  ['10:15:30.000005', new LocalTime(10, 15, 30, 5000), LocalTime],
  ['01:02:03.000000004', time, LocalTime],
  ['2024-02-29T01:02:03.000000004', dateTime, LocalDateTime],
  ['1970-01-01T00:00:00Z', new Instant(0n), Instant],
  ['1969-12-31T23:59:59.999Z', new Instant(-1n, 999_000_000), Instant],
  ['2023-11-14T22:13:20.123456789Z', new Instant(1_700_000_000n, 123_456_789), Instant],
  ['+1000000000-12-31T23:59:59.999999999Z', new Instant(31_556_889_864_403_199n, 999_999_999), Instant],
  ['-1000000000-01-01T00:00:00Z', new Instant(-31_557_014_167_219_200n), Instant],
  ['0000-01-01T00:00:00Z', new Instant(-62_167_219_200n), Instant],
  ['PT0S', new Duration(0n), Duration],
  ['PT1H0.5S', new Duration(3600n, 500_000_000), Duration],
  ['PT-0.5S', new Duration(-1n, 500_000_000), Duration],
  ['PT-1H-0.25S', new Duration(-3601n, 750_000_000), Duration],
  ['PT48H1M', new Duration(172_860n), Duration],
  ['PT-2562047788015215H-30M-8S', new Duration(-(2n ** 63n)), Duration],
  ['P0D', new Period(0, 0, 0), Period],
  ['P1Y-2M3D', new Period(1, -2, 3), Period],
  ['2024', new Year(2024), Year],
  ['-5', new Year(-5), Year],
  ['2024-02', new YearMonth(2024, 2), YearMonth],
  ['12345-02', new YearMonth(12_345, 2), YearMonth],
  ['-0005-02', new YearMonth(-5, 2), YearMonth],
  ['--02-29', new MonthDay(2, 29), MonthDay],
  ['Z', new ZoneOffset(0), ZoneOffset],
  ['+08:00', offset, ZoneOffset],
  ['-00:30', new ZoneOffset(-1800), ZoneOffset],
  ['+01:02:03', new ZoneOffset(3723), ZoneOffset],
  ['01:02:03.000000004+08:00', new OffsetTime(time, offset), OffsetTime],
  ['2024-02-29T01:02:03.000000004+08:00', new OffsetDateTime(dateTime, offset), OffsetDateTime],
  [
    '2024-02-29T01:02:03.000000004+08:00[Asia/Shanghai]',
    new ZonedDateTime(dateTime, offset, 'Asia/Shanghai'),
    ZonedDateTime,
  ],
  ['2024-02-29T01:02:03.000000004+08:00', new ZonedDateTime(dateTime, offset, '+08:00'), ZonedDateTime],
];

describe('java.time values', () => {
  it.each(JAVA)('writes %s as Java does, and reads it back', (text, value, type) => {
    expect(value.toString()).toBe(text);
    expect(JSON.stringify(value)).toBe(JSON.stringify(text));
    expect(type.parse(text)).toEqual(value);
  });

  it.each([
    ['2023-02-29', LocalDate],
    ['1900-02-29', LocalDate],
    ['2024-13-01', LocalDate],
    ['2024-2-9', LocalDate],
    ['24:00', LocalTime],
    ['10:60', LocalTime],
    ['10:15:30.', LocalTime],
    ['2024-02-29 10:15', LocalDateTime],
    ['2024-02-29T10:15', Instant],
    ['2024-02-30T10:15:00Z', Instant],
    ['+1000000001-01-01T00:00:00Z', Instant],
    ['PT', Duration],
    ['P', Duration],
    ['P1DT', Duration],
    ['PT9223372036854775807H', Duration],
    ['P', Period],
    ['P2147483648D', Period],
    ['1000000000', Year],
    ['2024-00', YearMonth],
    ['--02-30', MonthDay],
    ['+19:00', ZoneOffset],
    ['+08:60', ZoneOffset],
    ['+8', ZoneOffset],
    ['10:15', OffsetTime],
    ['2024-02-29T10:15', OffsetDateTime],
    ['2024-02-29T10:15[Asia/Shanghai]', ZonedDateTime],
  ])('refuses %s', (text, type) => {
    expect(() => type.parse(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('says what was expected', () => {
    expect(() => new LocalDate(2023, 2, 29)).toThrow(
      'LocalDate: day of 2023-02: expected an integer from 1 to 28, got 29.',
    );
    expect(() => LocalDate.parse('tomorrow')).toThrow(
      'LocalDate: expected text such as 2024-02-29, got "tomorrow".',
    );
  });

  it('refuses parts of the wrong kind', () => {
    // @ts-expect-error text is not a LocalDate
    expect(() => new LocalDateTime('2024-02-29', time)).toThrow(/LocalDateTime: date/);
    // @ts-expect-error text is not a ZoneOffset
    expect(() => new OffsetTime(time, '+08:00')).toThrow(/OffsetTime: offset/);
    expect(() => new Instant(0.5)).toThrow(/whole seconds/);
    expect(() => new ZonedDateTime(dateTime, offset, '')).toThrow(/zoneId/);
  });

  it('equals what is the same, of the same type', () => {
    expect(new LocalDate(2024, 2, 29).equals(date)).toBe(true);
    expect(new LocalDate(2024, 2, 28).equals(date)).toBe(false);
    expect(new YearMonth(2024, 2).equals(new LocalDate(2024, 2, 1))).toBe(false);
    expect(new Duration(1).equals(new Duration(1n))).toBe(true);
  });

  it('knows the values of another copy of the package', () => {
    expect(LocalDate.is(Object.create({ [Symbol.for('sofa-mesh-sdk.LocalDate')]: true }))).toBe(true);
    expect(LocalDate.is(time)).toBe(false);
    expect(LocalDate.is('2024-02-29')).toBe(false);
  });

  it('reads the forms of a duration and a period that Java reads', () => {
    expect(Duration.parse('P2DT3H4M').seconds).toBe(183_840n);
    expect(Duration.parse('-PT1H').seconds).toBe(-3600n);
    expect(Duration.parse('-PT-0.5S')).toEqual(new Duration(0n, 500_000_000));
    expect(Period.parse('P2W')).toEqual(new Period(0, 0, 14));
    expect(Period.parse('-P1Y')).toEqual(new Period(-1, 0, 0));
  });

  it('is an Instant of a Date and back', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (when) => {
        const instant = Instant.from(when);
        expect(instant.toDate()).toEqual(when);
        expect(Instant.parse(instant.toString())).toEqual(instant);
        // Outside these years a Date has its own form of text.
        const year = when.getUTCFullYear();
        if (year >= 0 && year <= 9999) expect(new Date(instant.toString())).toEqual(when);
      }),
    );
  });

  it('counts days as a Date does', () => {
    const days = fc.integer({ min: -100_000_000, max: 100_000_000 });
    fc.assert(
      fc.property(days, (day) => {
        const when = new Date(day * 86_400_000);
        const [year, month, dayOfMonth] = [when.getUTCFullYear(), when.getUTCMonth() + 1, when.getUTCDate()];
        const text = `${new LocalDate(year, month, dayOfMonth)}T00:00:00Z`;
        expect(Instant.parse(text).epochSecond).toBe(BigInt(day) * 86_400n);
        expect(new Instant(BigInt(day) * 86_400n).toString()).toBe(text);
      }),
    );
  });
});
