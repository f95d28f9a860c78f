import type { CallOptions, HandlerContext, Reply } from '../core/call.js';
import type { RemoteError } from '../core/errors.js';
import type { ClassNode, EnumNode, ErrorNode, SchemaNode } from '../values/schema.js';

/*
 * How a contract becomes TypeScript types. Properties that start with `~` exist for the compiler alone.
 *
 * A class may contain itself through a getter (`get manager() { return Person; }`). TypeScript can infer that only as
 * long as nothing looks at the type of a field while the class is being inferred. Hence: `F extends object` and not a
 * record of types; whether a field may be left out is a constant of each type (`~opt`), never computed from `~in`; the
 * shapes are mapped types, resolved when they are used; and composite types keep their element's type (`ListType<E>`).
 *
 * `node`, what a type is at run time, is not in the published declarations: the build strips it, as all that is marked as internal.
 * So `~kind` tells classes and errors from the rest.
 */

/** What can be a field, an element or an argument: `t.long`, `t.List(t.String)`, a class, an enum. */
export interface AnyType {
  /** @internal */
  readonly node: SchemaNode;
  /** What is read. */
  readonly '~out': unknown;
  /** What is read, without null. */
  readonly '~value': unknown;
  /** A field of this type may be left out when written. */
  readonly '~opt': boolean;
}

/** What may be written for `T`, null and undefined included. Not in AnyType: comparing it with anything would look at the type of every field. */
export type WriteOf<T> = '~in' extends keyof T ? T['~in'] : never;

/** A type that is never null: a primitive, or what `.notNull()` gives. A null on the wire is DECODE_FAILED with its path. */
export interface NeverNull<Out, In = Out> {
  /** @internal */
  readonly node: SchemaNode;
  readonly '~out': Out;
  readonly '~in': In;
  readonly '~value': Out;
  readonly '~opt': false;
}

/** A reference type: read as `Out | null`; when written, null, undefined and leaving a field out are the same. */
export interface Nullable<Out, In = Out> {
  /** @internal */
  readonly node: SchemaNode;
  readonly '~out': Out | null;
  readonly '~in': In | null | undefined;
  readonly '~value': Out;
  readonly '~write': In;
  readonly '~opt': true;
  /** The same type, where null is refused on both sides. */
  notNull(): NotNull<this>;
}

/** What `.notNull()` makes of `T`. */
export interface NotNull<T extends { readonly '~value': unknown }> {
  /** @internal */
  readonly node: SchemaNode;
  readonly '~out': T['~value'];
  readonly '~in': '~write' extends keyof T ? T['~write'] : never;
  readonly '~value': T['~value'];
  readonly '~opt': false;
}

/** List, Collection, or a concrete class of them, and Java arrays. */
export interface ListType<E extends AnyType> extends Nullable<E['~out'][], readonly WriteOf<E>[]> {}
export interface SetType<E extends AnyType> extends Nullable<Set<E['~out']>, ReadonlySet<WriteOf<E>>> {}
export interface MapType<K extends AnyType, V extends AnyType>
  extends Nullable<Map<K['~out'], V['~out']>, ReadonlyMap<WriteOf<K>, WriteOf<V>>> {}
/** `java.util.Optional`: an empty one and a null reference are both read as null. */
export interface OptionalType<E extends AnyType> extends Nullable<E['~value'], WriteOf<E>> {}

/** What is read of an object with these fields. */
export type ReadFields<F> = {
  -readonly [K in keyof F]: '~out' extends keyof F[K] ? F[K]['~out'] : never;
};

/** What may be written for an object with these fields. */
export type WriteFields<F> = {
  -readonly [K in keyof F as F[K] extends { readonly '~opt': true } ? never : K]: WriteOf<F[K]>;
} & {
  -readonly [K in keyof F as F[K] extends { readonly '~opt': true } ? K : never]?: WriteOf<F[K]>;
};

/**
 * Fields `F` and the inherited ones that they do not hide. Merged as fields, before the shapes are made: a mapped type
 * over an intersection of shapes would look at the type of every field at once.
 */
export type MergeFields<F, Inherited> = {
  [K in keyof F | keyof Inherited]: K extends keyof F
    ? F[K]
    : K extends keyof Inherited
      ? Inherited[K]
      : never;
};
/** All fields of a class with fields `F` and base `B`. */
export type AllFields<F, B extends AnyClass> = [B] extends [never]
  ? F
  : MergeFields<F, B extends { readonly '~fields': infer Inherited } ? Inherited : ShapeFields<B>>;
/** The fields, as far as types go, of a class whose shape is written down. */
export type ShapeFields<B extends AnyClass> = B extends { readonly '~write': infer In }
  ? {
      [K in keyof B['~value']]: K extends keyof In
        ? {
            readonly '~out': B['~value'][K];
            readonly '~in': In[K];
            readonly '~opt': undefined extends In[K] ? true : false;
          }
        : never;
    }
  : never;

/** A class of any shape: what `extends` takes. */
export interface AnyClass {
  readonly '~kind': 'class';
  /** @internal */
  readonly node: ClassNode;
  readonly '~value': object;
}

/** What classes have in common, whether their shape is inferred or written down. */
export interface ClassBase<Out extends object, In extends object> {
  readonly '~kind': 'class';
  /** @internal */
  readonly node: ClassNode;
  readonly '~out': Out | null;
  readonly '~in': In | null | undefined;
  readonly '~value': Out;
  readonly '~write': In;
  readonly '~opt': true;
  /** The Java class. */
  readonly javaName: string;
  /**
   * Gives a value its class. Needed where a subclass stands for its base, as in a field of the base's type; harmless
   * elsewhere. The result is a shallow copy.
   */
  readonly of: (value: In) => In;
  /**
   * Whether a value is of this class or of a subclass of it. A value knows its class when `of` made it, or when it was
   * read as a subclass or without a schema. One that does not is taken for a class without parent if all its
   * properties are fields of the class and no field that is never null is missing.
   */
  is(value: unknown): value is Out;
}

/**
 * What `defineClass` makes of fields `F`, inherited ones included.
 *
 * TypeScript's emitted declarations lose what a class says of itself: it becomes any. So a package that publishes a class
 * that contains itself gives the class a name, in one of two ways. By its fields:
 * ```ts
 * const fields = { id: t.long, get manager() { return Person; } };
 * export interface PersonClass extends ClassType<typeof fields> {}
 * export const Person: PersonClass = defineClass('com.acme.Person', fields);
 * ```
 * A subclass extends `ClassType<AllFields<typeof fields, BaseClass>>`. The other way is {@link ClassOf}.
 */
export interface ClassType<F> extends ClassBase<ReadFields<F>, WriteFields<F>> {
  readonly '~fields': F;
  /** The same class, where null is refused on both sides. */
  notNull(): NotNull<this>;
  /** The same class, where a subclass that the contract does not list is kept, decoded without a schema, instead of refused. */
  open(): this;
}

/**
 * A class with a shape that is written down, for a package that publishes its contract (see {@link ClassType}):
 * ```ts
 * export interface Person { id: bigint; manager: Person | null }
 * export const Person: ClassOf<Person> = defineClass('com.acme.Person', {
 *   id: t.long,
 *   get manager() { return Person; },
 * });
 * ```
 * A shape that the fields do not have is a compile error. `In` is what may be written; by default it follows from `Out`.
 */
export interface ClassOf<Out extends object, In extends object = WriteShape<Out>> extends ClassBase<Out, In> {
  /** The same class, where null is refused on both sides. */
  notNull(): NeverNull<Out, In>;
  /** The same class, where a subclass that the contract does not list is kept, decoded without a schema, instead of refused. */
  open(): ClassOf<Out, In>;
}

/** A Java enum, read as the names of its constants. */
export interface EnumType<C extends string> extends Nullable<C> {
  /** @internal */
  readonly node: EnumNode;
  readonly javaName: string;
  readonly constants: readonly C[];
  is(value: unknown): value is C;
  /** The same enum, where a constant that the contract does not list is kept as its name instead of refused. */
  open(): Nullable<C | (string & {})>;
}

/**
 * What may be written for a value that is read as `T`. An object with methods of its own, such as a Date or a Decimal, is a
 * value and not a shape.
 */
export type WriteValue<T> = unknown extends T
  ? T
  : T extends null
    ? null | undefined
    : T extends bigint
      ? bigint | number
      : T extends string | number | boolean | symbol | undefined
        ? T
        : T extends readonly (infer E)[]
          ? readonly WriteValue<E>[]
          : T extends ReadonlyMap<infer K, infer V>
            ? ReadonlyMap<WriteValue<K>, WriteValue<V>>
            : T extends ReadonlySet<infer E>
              ? ReadonlySet<WriteValue<E>>
              : T extends Date | Uint8Array | { toString(): string; equals(other: unknown): boolean }
                ? T
                : WriteShape<T>;
/** What may be written for an object that is read as `T`: what may be null may be left out, a bigint may be a safe integer. */
export type WriteShape<T> = { [K in keyof T as null extends T[K] ? never : K]: WriteValue<T[K]> } & {
  [K in keyof T as null extends T[K] ? K : never]?: WriteValue<T[K]>;
};

/** What is read as `T`, without the null: `TypeOf<typeof Person>`. */
export type TypeOf<T extends { readonly '~value': unknown }> = T['~value'];
/** What may be written as `T`: `InputOf<typeof Person>`. */
export type InputOf<T extends { readonly '~value': unknown }> = '~write' extends keyof T
  ? T['~write']
  : WriteOf<T>;

/** An error class of any shape: what `throws` and `extends` take. */
export interface AnyErrorClass {
  readonly '~kind': 'error';
  /** @internal */
  readonly node: ErrorNode;
  readonly '~fields': object;
}

/** What the constructor of a contract's error takes: its fields (a nullable one may be left out), message and cause. */
export type ErrorInit<Out> = {
  [K in keyof Out as null extends Out[K] ? never : K]: Out[K] | (bigint extends Out[K] ? number : never);
} & {
  [K in keyof Out as null extends Out[K] ? K : never]?:
    | Out[K]
    | (bigint extends Out[K] ? number : never)
    | undefined;
} & { message?: string | null; cause?: unknown };

/** A contract's error: a RemoteError whose fields are typed, and properties too unless RemoteError has one of that name (`code`). */
export type ErrorOf<Out> = RemoteError & {
  readonly [K in keyof Out as K extends keyof RemoteError ? never : K]: Out[K];
} & { readonly fields: Readonly<Out> };

/**
 * What `defineError` makes of fields `F`, inherited ones included: a class to throw, to list in `throws`, and to ask with
 * `instanceof` or `is`.
 */
export interface ErrorClass<F extends object> {
  new (init: ErrorInit<ReadFields<F>>): ErrorOf<ReadFields<F>>;
  readonly prototype: ErrorOf<ReadFields<F>>;
  readonly '~kind': 'error';
  /** @internal */
  readonly node: ErrorNode;
  /** The Java class. */
  readonly javaName: string;
  /** Whether it is this error or a subclass of it, made by this or another copy of the contract. */
  is(value: unknown): value is ErrorOf<ReadFields<F>>;
  readonly '~fields': F;
}

/** All fields of an error with fields `F` and base `B`. */
export type AllErrorFields<F extends object, B extends AnyErrorClass> = [B] extends [never]
  ? F
  : MergeFields<F, B['~fields']>;

/** One method of a contract. */
export interface MethodSpec {
  readonly args: readonly AnyType[];
  /** `t.void` where Java returns nothing. */
  readonly returns: AnyType;
  /** Errors that arrive as classes of the contract. Others arrive as RemoteError. */
  readonly throws?: readonly AnyErrorClass[];
  /** It may be executed more than once: a call that may have reached a provider can be retried. Default false. */
  readonly idempotent?: boolean;
  /** No reply is sent or awaited; `returns` must be `t.void`. Default false. */
  readonly oneway?: boolean;
  /** Milliseconds; default is the client's. */
  readonly timeoutMs?: number;
  /** Java's method name; default is the key. Overloads have one name and a key each. */
  readonly name?: string;
}
export type MethodSpecs = { readonly [key: string]: MethodSpec };

/** A service whose methods are not known to the compiler. */
export interface AnyService {
  readonly '~methods': MethodSpecs;
}

/** What may be passed for arguments of these types. */
export type WriteArgs<A extends readonly AnyType[]> = { -readonly [I in keyof A]: WriteOf<A[I]> };
/** What a handler is given for arguments of these types. */
export type ReadArgs<A extends readonly AnyType[]> = { -readonly [I in keyof A]: A[I]['~out'] };

/** A method as its caller sees it. Options come after the contract's arguments. */
export interface ClientMethod<Args extends readonly unknown[], Result> {
  (...args: [...args: Args, options?: CallOptions]): Promise<Result>;
  /** The same call; resolves to the value and what is known of the reply: path, reason, endpoint, metadata. */
  withReply(...args: [...args: Args, options?: CallOptions]): Promise<{ value: Result; reply: Reply }>;
}

/** The caller's side of a service: `Client<typeof People>`. */
export type Client<S extends AnyService> = {
  readonly [K in keyof S['~methods']]: ClientMethod<
    WriteArgs<S['~methods'][K]['args']>,
    S['~methods'][K]['returns']['~out']
  >;
};

/** The implementation of a service: `Handlers<typeof People>`. */
export type Handlers<S extends AnyService> = {
  readonly [K in keyof S['~methods']]: (
    ...args: [...args: ReadArgs<S['~methods'][K]['args']>, ctx: HandlerContext]
  ) => Promise<WriteOf<S['~methods'][K]['returns']>> | WriteOf<S['~methods'][K]['returns']>;
};
