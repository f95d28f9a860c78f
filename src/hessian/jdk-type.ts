import type { LeafKind } from '../values/schema.js';
import { ClassDef } from './class-def.js';

/** What a field holds: a form of Hessian's own, or a JDK type of the table. `double`, `list` and `any` are only read. */
export type FieldType =
  | 'int'
  | 'long'
  | 'double'
  | 'text'
  | 'date'
  | 'ints'
  | 'list'
  | 'any'
  | JdkType<unknown>;

/** A field of a form, whose value here is a `T`. */
interface Field<T> {
  readonly name: string;
  readonly type: Exclude<FieldType, JdkType<unknown>> | JdkType<T>;
}
export type Fields = readonly Field<unknown>[];
/** The values of fields, in their order. */
export type Values<F extends Fields> = {
  [I in keyof F]: F[I] extends Field<infer T> ? T : never;
};

export const int = (name: string): Field<number> => ({ name, type: 'int' });
export const long = (name: string): Field<bigint> => ({ name, type: 'long' });
export const double = (name: string): Field<number> => ({ name, type: 'double' });
export const text = (name: string): Field<string> => ({ name, type: 'text' });
/** A java.util.Date. */
export const date = (name: string): Field<Date> => ({ name, type: 'date' });
/** An `int[]`. */
export const ints = (name: string): Field<readonly number[]> => ({ name, type: 'ints' });
export const list = (name: string): Field<readonly unknown[]> => ({ name, type: 'list' });
export const any = (name: string): Field<unknown> => ({ name, type: 'any' });
/** A value of another type of the table. */
export const nested = <T>(name: string, type: JdkType<T>): Field<T> => ({ name, type });

/** One object on the wire that stands for a value. */
export interface Form<T> {
  /** The class on the wire and its fields. */
  readonly def: ClassDef;
  /** The types of the fields, in the order of `def`. */
  readonly types: readonly FieldType[];
  /** The fields of a value. */
  parts(value: T): readonly unknown[];
  /** The value of the fields. May refuse them with INVALID_ARGUMENT. */
  make(...parts: readonly unknown[]): T;
}

/**
 * A class of the JDK that is an object of fixed fields on the wire, and one value here. What reads and writes with a
 * contract, without one, and shows values, all go by it.
 */
export interface JdkType<T> {
  /** Its kind in a contract; undefined where it is only read, without one. */
  readonly kind: LeafKind | undefined;
  /** The class that Java holds. */
  readonly javaName: string;
  /** What a message calls a value. */
  readonly expected: string;
  /** Whether `value` is one. */
  is(value: unknown): boolean;
  readonly form: Form<T>;
  /** Another form, in which a peer may write it. */
  readonly other?: Form<T>;
  /** True where a contract's codec writes the other form in the final grammar. */
  readonly otherInFinal?: boolean;
  /** What is read without a contract, where that is not what `form` makes. */
  readonly plain?: (...parts: readonly unknown[]) => unknown;
}

export function form<T, F extends Fields>(
  className: string,
  fields: readonly [...F],
  parts: (value: T) => Readonly<Values<F>>,
  make: (...parts: Values<F>) => T,
): Form<T> {
  const names = fields.map(({ name }) => name);
  const types = fields.map(({ type }) => type);
  return { def: new ClassDef(className, names), types, parts, make: make as Form<T>['make'] };
}

/** A class that no value here stands for: it is read, without a contract, and never written. */
export function readOnly<F extends Fields>(
  javaName: string,
  className: string,
  fields: readonly [...F],
  make: (...parts: Values<F>) => unknown,
): JdkType<unknown> {
  const written = form<unknown, F>(className, fields, () => [] as unknown as Values<F>, make);
  return { kind: undefined, javaName, expected: javaName, is: () => false, form: written };
}

/** `make(...parts)`. Spelled out for the few fields that most forms have: to spread an array takes 5 to 10 ns more. */
export function madeOf(make: Form<unknown>['make'], parts: readonly unknown[]): unknown {
  switch (parts.length) {
    case 1:
      return make(parts[0]);
    case 2:
      return make(parts[0], parts[1]);
    case 3:
      return make(parts[0], parts[1], parts[2]);
    default:
      return make(...parts);
  }
}
