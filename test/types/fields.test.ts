// What is read and what may be written for each type. The compiler is the judge; at run time nothing is asked.
import { describe, expectTypeOf, test } from 'vitest';
import type { t } from '../../src/contract/t.js';
import type { AnyType, InputOf, TypeOf } from '../../src/contract/types.js';
import type { Decimal } from '../../src/values/decimal.js';
import type { JavaClass } from '../../src/values/java-class.js';
import type { Instant, LocalDate, LocalDateTime } from '../../src/values/java-time.js';
import type { Duration } from '../../src/values/java-time-amounts.js';
import type { ZonedDateTime } from '../../src/values/java-time-zoned.js';
import type { Color } from './model.js';

type T = typeof t;
/** What a field of a type is when it is read, and what it may be when it is written. */
type Read<X extends AnyType> = X['~out'];
type Write<X extends { readonly '~in': unknown }> = X['~in'];
/** The types of `t.List(x)` and its like. */
type ListOf<X extends AnyType> = ReturnType<typeof t.List<X>>;
type SetOf<X extends AnyType> = ReturnType<typeof t.Set<X>>;
type MapOf<K extends AnyType, V extends AnyType> = ReturnType<typeof t.Map<K, V>>;
type OptionalOf<X extends AnyType> = ReturnType<typeof t.Optional<X>>;
type ArrayOf<X extends AnyType> = ReturnType<typeof t.array<X>>;
type NotNullOf<X extends { notNull(): unknown }> = ReturnType<X['notNull']>;

describe('primitive types', () => {
  test('are never null', () => {
    expectTypeOf<Read<T['boolean']>>().toEqualTypeOf<boolean>();
    expectTypeOf<Read<T['byte']>>().toEqualTypeOf<number>();
    expectTypeOf<Read<T['int']>>().toEqualTypeOf<number>();
    expectTypeOf<Read<T['double']>>().toEqualTypeOf<number>();
    expectTypeOf<Read<T['char']>>().toEqualTypeOf<string>();
    expectTypeOf<Read<T['void']>>().toEqualTypeOf<void>();
    expectTypeOf<Write<T['int']>>().toEqualTypeOf<number>();
    expectTypeOf<T['int']>().not.toHaveProperty('notNull');
  });

  test('a long is read as a bigint and takes a number too; a safeLong is read as a number', () => {
    expectTypeOf<Read<T['long']>>().toEqualTypeOf<bigint>();
    expectTypeOf<Write<T['long']>>().toEqualTypeOf<bigint | number>();
    expectTypeOf<Read<T['safeLong']>>().toEqualTypeOf<number>();
    expectTypeOf<Write<T['safeLong']>>().toEqualTypeOf<bigint | number>();
  });
});

describe('reference types', () => {
  test('are read as T or null, and may be left out when written', () => {
    expectTypeOf<Read<T['Int']>>().toEqualTypeOf<number | null>();
    expectTypeOf<Write<T['Int']>>().toEqualTypeOf<number | null | undefined>();
    expectTypeOf<Read<T['Long']>>().toEqualTypeOf<bigint | null>();
    expectTypeOf<Write<T['Long']>>().toEqualTypeOf<bigint | number | null | undefined>();
    expectTypeOf<Read<T['SafeLong']>>().toEqualTypeOf<number | null>();
    expectTypeOf<Read<T['String']>>().toEqualTypeOf<string | null>();
    expectTypeOf<Read<T['BigInteger']>>().toEqualTypeOf<bigint | null>();
    expectTypeOf<Read<T['BigDecimal']>>().toEqualTypeOf<Decimal | null>();
    expectTypeOf<Write<T['BigDecimal']>>().toEqualTypeOf<Decimal | null | undefined>();
    expectTypeOf<Read<T['Date']>>().toEqualTypeOf<Date | null>();
    expectTypeOf<Read<T['SqlTimestamp']>>().toEqualTypeOf<Date | null>();
    expectTypeOf<Read<T['bytes']>>().toEqualTypeOf<Uint8Array | null>();
    expectTypeOf<Read<T['UUID']>>().toEqualTypeOf<string | null>();
    expectTypeOf<Read<T['Class']>>().toEqualTypeOf<JavaClass | null>();
    expectTypeOf<Read<T['LocalDate']>>().toEqualTypeOf<LocalDate | null>();
    expectTypeOf<Read<T['LocalDateTime']>>().toEqualTypeOf<LocalDateTime | null>();
    expectTypeOf<Read<T['Instant']>>().toEqualTypeOf<Instant | null>();
    expectTypeOf<Read<T['Duration']>>().toEqualTypeOf<Duration | null>();
    expectTypeOf<Read<T['ZonedDateTime']>>().toEqualTypeOf<ZonedDateTime | null>();
    expectTypeOf<Read<T['ZoneId']>>().toEqualTypeOf<string | null>();
    expectTypeOf<Read<T['Object']>>().toBeUnknown();
    expectTypeOf<Write<T['Object']>>().toBeUnknown();
  });

  test('are never null after notNull', () => {
    expectTypeOf<Read<NotNullOf<T['String']>>>().toEqualTypeOf<string>();
    expectTypeOf<Write<NotNullOf<T['String']>>>().toEqualTypeOf<string>();
    expectTypeOf<Write<NotNullOf<T['Long']>>>().toEqualTypeOf<bigint | number>();
    expectTypeOf<Read<NotNullOf<ListOf<T['int']>>>>().toEqualTypeOf<number[]>();
  });

  test('values of different classes are not each other', () => {
    expectTypeOf<LocalDate>().not.toExtend<LocalDateTime>();
    expectTypeOf<Decimal>().not.toExtend<LocalDate>();
    expectTypeOf<string>().not.toExtend<Decimal>();
  });
});

describe('composite types', () => {
  test('carry what their elements are', () => {
    expectTypeOf<Read<ListOf<T['String']>>>().toEqualTypeOf<(string | null)[] | null>();
    expectTypeOf<Write<ListOf<T['long']>>>().toEqualTypeOf<readonly (bigint | number)[] | null | undefined>();
    expectTypeOf<Read<ArrayOf<ArrayOf<T['int']>>>>().toEqualTypeOf<(number[] | null)[] | null>();
    expectTypeOf<Read<SetOf<T['int']>>>().toEqualTypeOf<Set<number> | null>();
    expectTypeOf<Write<SetOf<T['int']>>>().toEqualTypeOf<ReadonlySet<number> | null | undefined>();
    expectTypeOf<Read<MapOf<NotNullOf<T['String']>, T['Long']>>>().toEqualTypeOf<Map<
      string,
      bigint | null
    > | null>();
    expectTypeOf<Read<OptionalOf<T['String']>>>().toEqualTypeOf<string | null>();
    expectTypeOf<Read<OptionalOf<T['int']>>>().toEqualTypeOf<number | null>();
  });

  test('an enum is the names of its constants', () => {
    expectTypeOf<Read<typeof Color>>().toEqualTypeOf<'RED' | 'GREEN' | null>();
    expectTypeOf<TypeOf<typeof Color>>().toEqualTypeOf<'RED' | 'GREEN'>();
    expectTypeOf<InputOf<typeof Color>>().toEqualTypeOf<'RED' | 'GREEN'>();
    expectTypeOf<(typeof Color)['constants']>().toEqualTypeOf<readonly ('RED' | 'GREEN')[]>();
    type Open = TypeOf<ReturnType<(typeof Color)['open']>>;
    expectTypeOf<'BLUE'>().toExtend<Open>();
    expectTypeOf<Open>().not.toBeAny();
  });
});
