import { describe, expect, test } from 'vitest';
import { ClassCache } from '../../../src/compat/values/class-cache.js';
import { JavaExceptionError } from '../../../src/compat/values/java-exception.js';
import { readValue } from '../../../src/compat/values/read.js';
import { textOf } from '../../../src/compat/values/text-of.js';
import { ClassDef } from '../../../src/hessian/class-def.js';
import type { Grammar } from '../../../src/hessian/grammar.js';
import { createReader } from '../../../src/hessian/reader.js';
import { WireClass } from '../../../src/hessian/wire-class.js';
import { createWriter, type HessianWriter } from '../../../src/hessian/writer.js';

/* What the differential test against the predecessor does not reach, and the cases that everything hangs on. */

// biome-ignore lint/suspicious/noExplicitAny: what is read is what the test says it is
type Read = any;

function readBack(write: (w: HessianWriter) => void, grammar: Grammar = 'sofa'): Read {
  const w = createWriter(grammar);
  write(w);
  const r = createReader(grammar, new ClassCache());
  r.reset(Buffer.from(w.out.written()));
  return readValue(r);
}

const object = (w: HessianWriter, name: string, fields: Record<string, () => void>) => {
  w.skipRefs(1);
  w.writeObjectBegin(new ClassDef(name, Object.keys(fields)));
  for (const write of Object.values(fields)) write();
};
const list = (w: HessianWriter, type: string | null, ...items: (() => void)[]) => {
  w.skipRefs(1);
  const marked = w.beginList(type, items.length);
  for (const write of items) write();
  w.endList(marked);
};
const map = (w: HessianWriter, type: string | null, ...entries: (readonly [() => void, () => void])[]) => {
  w.skipRefs(1);
  w.beginMap(type);
  for (const [key, value] of entries) {
    key();
    value();
  }
  w.endMap();
};

describe.each(['sofa', 'final'] as const)('%s', (grammar) => {
  const read = (write: (w: HessianWriter) => void): Read => readBack(write, grammar);

  test('longs are numbers while they are exact, else their digits', () => {
    const long = (value: bigint) => read((w) => w.writeLong(value));
    expect(long(5n)).toBe(5);
    expect(long(2n ** 53n - 1n)).toBe(2 ** 53 - 1);
    expect(long(2n ** 53n + 1n)).toBe('9007199254740993');
    expect(long(2n ** 63n - 1n)).toBe('9223372036854775807');
    expect(long(-(2n ** 63n))).toBe('-9223372036854775808');
  });

  test('sets and arrays are arrays, maps and objects are plain', () => {
    const value = read((w) =>
      list(
        w,
        'java.util.HashSet',
        () => list(w, '[int', () => w.writeInt(1)),
        () => object(w, 'com.test.Color', { name: () => w.writeString('RED') }),
        () => object(w, 'java.math.BigDecimal', { value: () => w.writeString('1.50') }),
        () => map(w, 'java.util.TreeMap', [() => w.writeString('a'), () => w.writeInt(1)]),
      ),
    );
    expect(value).toStrictEqual([[1], { name: 'RED' }, { value: '1.50' }, { a: 1 }]);
  });

  test('keys are texts: of a constant its name', () => {
    const value = read((w) =>
      map(
        w,
        null,
        [() => w.writeInt(5), () => w.writeInt(1)],
        [() => object(w, 'com.test.Color', { name: () => w.writeString('RED') }), () => w.writeInt(2)],
        [() => object(w, 'com.test.Odd', { x: () => w.writeInt(0) }), () => w.writeInt(3)],
        [
          () =>
            list(
              w,
              null,
              () => w.writeInt(1),
              () =>
                list(
                  w,
                  null,
                  () => w.writeNull(),
                  () => w.writeInt(2),
                ),
            ),
          () => w.writeInt(4),
        ],
        [() => w.writeNull(), () => w.writeInt(5)],
        [() => w.writeString('ä'.repeat(40)), () => w.writeInt(6)],
        [() => w.writeString('äö'), () => w.writeInt(8)],
        [() => w.writeBytes(Buffer.from('bytes')), () => w.writeInt(7)],
      ),
    );
    expect(value).toEqual({
      5: 1,
      RED: 2,
      '[object Object]': 3,
      '1,,2': 4,
      null: 5,
      ['ä'.repeat(40)]: 6,
      äö: 8,
      bytes: 7,
    });
  });

  test('names that every object inherits are own properties', () => {
    const value = read((w) =>
      list(
        w,
        null,
        () =>
          map(
            w,
            null,
            [() => w.writeString('__proto__'), () => w.writeInt(1)],
            [() => w.writeString('toString'), () => w.writeInt(2)],
          ),
        () =>
          object(w, 'com.test.P', { ['__proto__']: () => map(w, null), constructor: () => w.writeInt(3) }),
      ),
    );
    for (const one of value) expect(Object.getPrototypeOf(one)).toBe(Object.prototype);
    expect(Object.entries(value[0])).toEqual([
      ['__proto__', 1],
      ['toString', 2],
    ]);
    expect(Object.keys(value[1])).toEqual(['__proto__', 'constructor']);
  });

  test('what is shared is shared, what is circular circular', () => {
    const value = read((w) =>
      list(
        w,
        null,
        () => object(w, 'com.test.Node', { next: () => w.writeRef(1), list: () => w.writeRef(0) }),
        () => w.writeRef(1),
      ),
    );
    expect(value[1]).toBe(value[0]);
    expect(value[0].next).toBe(value[0]);
    expect(value[0].list).toBe(value);
  });

  test('an outer object is left out, and the last of two fields of one name counts', () => {
    const value = read((w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.test.Outer$Inner', ['this$0', 'name', 'name', 'this$x']));
      for (const text of ['outer', 'first', 'last', 'kept']) w.writeString(text);
    });
    expect(value).toEqual({ name: 'last', this$x: 'kept' });
  });

  const throwable = (w: HessianWriter, name: string, message: string | null, cause: () => void) =>
    object(w, name, {
      detailMessage: () => (message === null ? w.writeNull() : w.writeString(message)),
      cause,
      stackTrace: () =>
        list(w, '[java.lang.StackTraceElement', () =>
          object(w, 'java.lang.StackTraceElement', {
            declaringClass: () => w.writeString('com.test.Main'),
            methodName: () => w.writeString('run'),
            fileName: () => w.writeNull(),
            lineNumber: () => w.writeInt(7),
          }),
        ),
    });

  test('an exception is an Error with Java’s class, message and stack', () => {
    const error = read((w) => throwable(w, 'com.test.BadException', 'bad', () => w.writeRef(0)));
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(JavaExceptionError);
    expect([error.name, error.message]).toEqual(['com.test.BadException', 'bad']);
    expect(error.stack).toBe('com.test.BadException: bad\n    at com.test.Main.run (null:7)');
    expect(Object.getOwnPropertyDescriptor(error, 'stack')?.enumerable).toBe(false);
    expect(Object.keys(error)).toEqual(
      grammar === 'sofa' ? ['message', 'name'] : ['message', 'name', 'cause'],
    );
    // Java says by a reference to itself that there is no cause.
    expect(error.cause).toMatchObject({ detailMessage: 'bad' });
    expect(error.cause.cause).toBe(error.cause);
  });

  test('what refers to an exception gets the error', () => {
    const [error, again] = read((w) =>
      list(
        w,
        null,
        () => throwable(w, 'com.test.BadException', 'bad', () => w.writeNull()),
        () => w.writeRef(1),
      ),
    );
    expect(again).toBe(error);
  });

  test('one that adds nothing is its cause; without a message it is its class', () => {
    const inner = (w: HessianWriter) => throwable(w, 'com.test.InnerException', null, () => w.writeNull());
    const error = read((w) => throwable(w, 'com.test.OuterException', null, () => inner(w)));
    expect([error.name, error.message]).toEqual(['com.test.InnerException', 'com.test.InnerException']);
  });

  test('one that is its own cause and has no message is its class', () => {
    const error = read((w) => throwable(w, 'com.test.BadException', null, () => w.writeRef(0)));
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe('com.test.BadException');
  });

  test('an undeclared one says both, or what it wraps', () => {
    const wrap = (message: string | null) =>
      read((w) =>
        object(w, 'java.lang.reflect.UndeclaredThrowableException', {
          undeclaredThrowable: () => throwable(w, 'com.test.InnerException', 'in', () => w.writeNull()),
          detailMessage: () => (message === null ? w.writeNull() : w.writeString(message)),
          stackTrace: () => w.writeNull(),
        }),
      );
    expect([wrap('out').name, wrap('out').message]).toEqual(['com.test.InnerException', 'out; in']);
    expect(wrap(null).message).toBe('in');
  });

  test('a class is known as an exception in the way of each version', () => {
    const noStack = read((w) => object(w, 'com.test.OddException', { code: () => w.writeInt(1) }));
    expect(noStack instanceof Error).toBe(grammar === 'final');
    const noName = read((w) =>
      object(w, 'java.lang.OutOfMemoryError', {
        detailMessage: () => w.writeString('x'),
        stackTrace: () => w.writeNull(),
      }),
    );
    expect(noName instanceof Error).toBe(grammar === 'sofa');
  });

  test('a stack that repeats one huge frame ends', () => {
    const error = read((w) =>
      object(w, 'com.test.BadException', {
        detailMessage: () => w.writeString('x'),
        stackTrace: () =>
          list(
            w,
            null,
            () => object(w, 'F', { declaringClass: () => w.writeString('x'.repeat(60_000)) }),
            ...Array.from({ length: 500 }, () => () => w.writeRef(2)),
          ),
      }),
    );
    expect(error.stack.length).toBeLessThan(1_100_000);
  });

  test('lists in lists, as a key, are refused before they are a text without end', () => {
    const doubling = (w: HessianWriter) =>
      map(w, null, [
        () => {
          let number = 1;
          const level = (depth: number): void => {
            const own = number++;
            if (depth === 0) list(w, null, () => w.writeString('x'));
            else
              list(
                w,
                null,
                () => level(depth - 1),
                () => w.writeRef(own + 1),
              );
          };
          level(40);
        },
        () => w.writeNull(),
      ]);
    expect(() => read(doubling)).toThrow('makes more than 65536 characters');
  });
});

test('Hessian 4 shows a map’s own keys, too', () => {
  const value = readBack(
    (w) =>
      map(
        w,
        null,
        [() => w.writeInt(1), () => w.writeString('a')],
        [() => w.writeString('$map'), () => w.writeInt(2)],
      ),
    'final',
  );
  expect(value).toEqual({ 1: 'a', $map: 2 });
  const plain = readBack((w) => map(w, null, [() => w.writeInt(1), () => w.writeString('a')]), 'final');
  expect(plain.$map).toEqual(new Map([[1, 'a']]));
  expect(Object.keys(plain)).toEqual(['1']);
});

test('texts of what is not a text', () => {
  const own: unknown[] = [1];
  own.push(own, [2, null]);
  expect(textOf(own)).toBe('1,,2,');
  expect(textOf({ toString: 5 })).toBe('[object Object]');
  expect(textOf(Object.assign(new Error(''), { name: 'Odd' }))).toBe('Odd');
  expect(textOf(Object.assign(new Error('m'), { name: '' }))).toBe('m');
  expect([undefined, null, 1.5, true].map(textOf)).toEqual(['undefined', 'null', '1.5', 'true']);
});

describe('class definitions', () => {
  const definition = (name: string, ...fields: string[]) => {
    const w = createWriter('sofa');
    w.writeObjectBegin(new ClassDef(name, fields));
    const bytes = Buffer.from(w.out.written());
    // Without its tag, and the instance.
    return bytes.subarray(1, bytes.length - 2);
  };
  const find = (cache: ClassCache, bytes: Buffer) =>
    cache.find(bytes, new DataView(bytes.buffer), 0, bytes.length);

  test('are found by all of their bytes, however many there are', () => {
    const cache = new ClassCache();
    const kept = Array.from({ length: 40 }, (_, i) => {
      const bytes = Buffer.from(definition(`com.test.model.Class${i}`, 'id', 'name'));
      const known = new WireClass(`com.test.model.Class${i}`, ['id', 'name'], bytes);
      cache.keep(known);
      return [bytes, known] as const;
    });
    for (const [bytes, known] of kept) expect(find(cache, Buffer.from(bytes))).toBe(known);
    expect(find(cache, definition('com.test.model.Class1', 'id', 'other'))).toBeUndefined();
  });

  test('are found where more bytes follow, and not where some are missing', () => {
    const cache = new ClassCache();
    for (const name of ['A', 'com.test.A', `com.test.${'Long'.repeat(20)}`]) {
      const bytes = Buffer.from(definition(name, 'x'));
      const known = new WireClass(name, ['x'], bytes);
      cache.keep(known);
      const more = Buffer.concat([bytes, Buffer.from('more')]);
      expect(cache.find(more, new DataView(more.buffer, 0), 0, more.length) ?? name).toBe(known);
      expect(cache.find(bytes, new DataView(bytes.buffer), 0, bytes.length - 1)).toBeUndefined();
    }
  });

  test('that are huge are not kept, and old ones make room', () => {
    const cache = new ClassCache();
    const huge = Buffer.from(definition('com.test.Huge', 'x'.repeat(5000)));
    cache.keep(new WireClass('com.test.Huge', ['x'.repeat(5000)], huge));
    expect(find(cache, huge)).toBeUndefined();
    const all = Array.from({ length: 3000 }, (_, i) => Buffer.from(definition(`com.test.C${i}`, 'x')));
    for (const bytes of all) cache.keep(new WireClass('C', ['x'], bytes));
    const found = all.filter((bytes) => find(cache, bytes) !== undefined).length;
    expect(found).toBeGreaterThan(300);
    expect(found).toBeLessThanOrEqual(512);
  });
});
