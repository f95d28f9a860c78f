import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { differences } from '../../src/comparison/difference.js';
import { IgnorePaths, type Step, stepText } from '../../src/comparison/ignore-paths.js';
import { MAX_DEPTH, MAX_VALUES, snapshot } from '../../src/comparison/snapshot.js';
import { defineError } from '../../src/contract/define-error.js';
import { t } from '../../src/contract/t.js';
import { MeshError, RemoteError, type RemoteFailure } from '../../src/core/errors.js';
import { decode, encode } from '../../src/hessian/public.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Decimal } from '../../src/values/decimal.js';
import { java } from '../../src/values/java.js';
import { JavaClass } from '../../src/values/java-class.js';
import { Instant, LocalDate, LocalDateTime, LocalTime } from '../../src/values/java-time.js';
import { Duration, Period } from '../../src/values/java-time-amounts.js';
import { MonthDay, Year, YearMonth } from '../../src/values/java-time-fields.js';
import { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../../src/values/java-time-zoned.js';
import { CLASS_NAME } from '../../src/values/schema.js';

function found(a: unknown, b: unknown, ignore: readonly string[] = [], limit = 1_000) {
  const { start } = new IgnorePaths(ignore);
  return differences(snapshot(a, start), snapshot(b, start), limit);
}

/** `path kind`, for short. */
function brief(a: unknown, b: unknown, ignore: readonly string[] = []): string[] {
  return found(a, b, ignore).map(({ path, kind }) => `${path} ${kind}`);
}

const names = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'id',
    'odd key',
    '__proto__',
    'constructor',
    'toString',
    'equals',
    'length',
    '0',
    '*',
  ),
  fc.string({ maxLength: 4 }),
);
const leaf = fc.oneof(
  fc.constantFrom(null, undefined, true, false, '', 'a', Number.NaN, Number.POSITIVE_INFINITY, 0, 1, 0n, 1n),
  fc.integer(),
  fc.double().map((number) => (number === 0 ? 0 : number)),
  fc.bigInt(),
  fc.string(),
  fc.date({ noInvalidDate: false }).map((date) => new Date(date)),
  fc.uint8Array({ maxLength: 4 }),
);

/** Objects that may have a field `__proto__` of their own, as decoded ones may. */
function objectOf(fields: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of fields) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** Dates and bytes are keys by what they are: as in Java's maps of dates, there is one entry for each. */
function mapOf(entries: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> {
  const textOf = (key: unknown) =>
    key instanceof Date ? key.getTime() : ArrayBuffer.isView(key) ? String(key) : key;
  const byText = new Map(entries.map((entry) => [textOf(entry[0]), entry]));
  return new Map(byText.values());
}

/** Trees; `ordered` ones have no members without a place. */
function trees(ordered: boolean): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => {
    const value = tie('value');
    const field = fc.tuple(names, value);
    const simple = fc.oneof(names, fc.nat(9), fc.bigInt({ min: -5n, max: 5n }));
    const unordered = [
      fc.array(value, { maxLength: 4 }).map((items) => new Set(items)),
      fc.array(fc.tuple(value, value), { maxLength: 4 }).map(mapOf),
    ];
    return {
      value: fc.oneof(
        { maxDepth: 4, depthSize: 'medium' },
        leaf,
        fc.array(value, { maxLength: 5 }),
        fc.array(field, { maxLength: 5 }).map(objectOf),
        fc.array(fc.tuple(simple, value), { maxLength: 4 }).map((entries) => new Map(entries)),
        ...(ordered ? [] : unordered),
      ),
    };
  }).value;
}

/** Trees whose Sets and Maps have members that differ in what is theirs: primitives, or objects with an id. */
const toldApart = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie('value');
  const items = fc.array(value, { maxLength: 4 }).map((parts) => parts.map((part, id) => ({ id, part })));
  return {
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      leaf,
      fc.array(value, { maxLength: 5 }),
      fc.array(fc.tuple(names, value), { maxLength: 5 }).map(objectOf),
      fc.array(leaf, { maxLength: 4 }).map((items) => new Set(mapOf(items.map((item) => [item, 0])).keys())),
      fc.array(fc.tuple(leaf, value), { maxLength: 4 }).map(mapOf),
      items.map((parts) => new Set(parts)),
      items.map((parts) => new Map(parts.map((part) => [part, part.part]))),
    ),
  };
}).value;

/** Graphs: trees whose containers refer to one another, whatever the cycles. */
const graphs = fc.tuple(trees(false), fc.integer(), fc.nat(4)).map(([tree, seed, links]) => {
  const random = seededRandom(seed);
  const containers = [...containersOf(tree)];
  const one = () => containers[Math.floor(random() * containers.length)];
  for (let link = 0; link < links && containers.length > 0; link++) {
    const from = one();
    const to = one();
    if (Array.isArray(from)) from.push(to);
    else if (from instanceof Set) from.add(to);
    else if (from instanceof Map) from.set(random() < 0.5 ? 'link' : to, to);
    else Object.assign(from, { link: to });
  }
  return tree;
});

function containersOf(value: unknown, seen = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return seen;
  if (value instanceof Date || ArrayBuffer.isView(value)) return seen;
  seen.add(value);
  for (const part of partsOf(value)) containersOf(part, seen);
  return seen;
}

function partsOf(value: object): unknown[] {
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return value instanceof Set ? [...value] : Object.values(value);
}

/** A copy with the same content in which nothing without an order keeps the one it has. */
function shuffledCopy(value: unknown, seed: number): unknown {
  const random = seededRandom(seed);
  const copies = new Map<unknown, unknown>();
  const shuffled = <T>(items: Iterable<T>) =>
    [...items]
      .map((item) => ({ item, by: random() }))
      .sort((a, b) => a.by - b.by)
      .map(({ item }) => item);
  const copy = (of: unknown): unknown => {
    if (typeof of !== 'object' || of === null || of instanceof Date || ArrayBuffer.isView(of)) return of;
    if (copies.has(of)) return copies.get(of);
    const made = Array.isArray(of) ? [] : of instanceof Map ? new Map() : of instanceof Set ? new Set() : {};
    copies.set(of, made);
    if (Array.isArray(of)) for (const item of of) (made as unknown[]).push(copy(item));
    else if (of instanceof Map)
      for (const [k, v] of shuffled(of)) (made as Map<unknown, unknown>).set(copy(k), copy(v));
    else if (of instanceof Set) for (const item of shuffled(of)) (made as Set<unknown>).add(copy(item));
    else
      for (const [name, part] of shuffled(Object.entries(of)))
        Object.defineProperty(made, name, {
          value: copy(part),
          enumerable: true,
          configurable: true,
          writable: true,
        });
    return made;
  };
  return copy(value);
}

/** Each place in an ordered tree, with its path, and how to put something else there. */
function placesOf(value: unknown, path = '$'): { path: string; value: unknown; put(value: unknown): void }[] {
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return [];
  const entries: [Step, unknown, (part: unknown) => void][] =
    value instanceof Map
      ? [...value].map(([key, part]) => [stepOf(key), part, (other) => value.set(key, other)])
      : Object.entries(value).map(([name, part]) => [
          Array.isArray(value) ? Number(name) : name,
          part,
          (other) => Object.defineProperty(value, name, { value: other }),
        ]);
  return entries.flatMap(([step, part, put]) => {
    const at = path + stepText(step);
    return [{ path: at, value: part, put }, ...placesOf(part, at)];
  });
}

function stepOf(key: unknown): Step {
  const number = typeof key === 'string' ? -1 : Number(key);
  return number >= 0 ? number : String(key);
}

describe('a value does not differ', () => {
  test('from itself and from a structured copy, whatever its cycles and shared references', () => {
    fc.assert(
      fc.property(graphs, (value) => {
        expect(found(value, value)).toEqual([]);
        expect(found(value, structuredClone(value))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('from a copy that orders fields, Maps and Sets in another way, where their members can be told apart', () => {
    fc.assert(
      fc.property(toldApart, fc.integer(), (value, seed) => {
        expect(found(value, shuffledCopy(value, seed))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('from one whose items differ far down, and stand in the same order', () => {
    const nested = (depth: number, bottom: number): unknown =>
      depth === 0 ? { bottom } : [nested(depth - 1, bottom)];
    const set = (depth: number, ...bottoms: number[]) => new Set(bottoms.map((n) => nested(depth, n)));
    expect(found(set(10, 1, 2, 3), set(10, 1, 2, 3))).toEqual([]);
    expect(found(set(100, 1, 2, 3), set(100, 1, 2, 3))).toEqual([]);
  });

  test('from a copy that shares what the value repeats', () => {
    const part = () => ({ list: [1, { deep: new Set([[1]]) }] });
    const shared = part();
    expect(found([part(), part(), { at: part() }], [shared, shared, { at: shared }])).toEqual([]);
    expect(found([shared, shared, { at: shared }], [part(), part(), { at: part() }])).toEqual([]);
  });
});

const pairs = (values: fc.Arbitrary<unknown>) => {
  const small = fc.oneof(values, fc.array(fc.constantFrom(1, 2), { maxLength: 2 }));
  return fc.oneof(
    fc.tuple(small, small),
    // Alike but for one thing, or nothing.
    fc.tuple(trees(true), fc.nat(), leaf).map(([value, at, other]) => {
      const copy = structuredClone(value);
      const places = placesOf(copy);
      places[at % places.length]?.put(other);
      return [value, copy];
    }),
    fc
      .tuple(fc.array(small, { maxLength: 3 }), fc.array(small, { maxLength: 3 }))
      .map(([a, b]) => [new Set([...a, ...structuredClone(b)]), new Set([...b, ...structuredClone(a)])]),
  );
};

// Node takes a Buffer's class for a part of it; here are only Uint8Arrays.
test('two values whose members have places differ exactly where Node says so', () => {
  const ordered = pairs(trees(true)).filter((pair) => !pair.some((value) => value instanceof Set));
  fc.assert(
    fc.property(ordered, ([a, b]) => {
      expect(found(a, b).length === 0).toBe(isDeepStrictEqual(a, b));
    }),
    { numRuns: 500 },
  );
});

test('of any two values in which nothing is found Node says that they do not differ', () => {
  fc.assert(
    fc.property(pairs(trees(false)), ([a, b]) => {
      if (found(a, b).length === 0) expect(isDeepStrictEqual(a, b)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('one change', () => {
  const changed = fc
    .tuple(trees(true), fc.nat(), leaf)
    .map(([value, at, other]) => {
      const copy = structuredClone(value);
      const places = placesOf(copy);
      const place = places[at % places.length];
      place?.put(other);
      return { value, copy, path: place?.path, isChange: place && !isDeepStrictEqual(place.value, other) };
    })
    .filter(({ isChange }) => isChange === true);

  test('is always found, with its path and nothing else', () => {
    fc.assert(
      fc.property(changed, ({ value, copy, path }) => {
        expect(found(value, copy).map((difference) => difference.path)).toEqual([path]);
      }),
      { numRuns: 150 },
    );
  });

  test('is not seen where its path is ignored', () => {
    fc.assert(
      fc.property(changed, ({ value, copy, path }) => {
        expect(found(value, copy, [path!])).toEqual([]);
        expect(found(value, copy, [path!.replace(/\[\d+\]/g, '[*]')])).toEqual([]);
        expect(found(value, copy, ['$..no_such_name']).map((difference) => difference.path)).toEqual([path]);
      }),
      { numRuns: 150 },
    );
  });

  test('in an item of a Set is found in that item, though the items refer to their owner', () => {
    interface Parent {
      name: string;
      children: Set<object>;
    }
    const family = (names: readonly string[]) => {
      const parent: Parent = { name: 'P', children: new Set() };
      for (const [age, name] of names.entries()) parent.children.add({ name, age, parent });
      return parent;
    };
    const names = Array.from({ length: 50 }, (_, i) => `child ${i}`);
    const other = family(names.with(20, 'someone else'));
    other.children = new Set([...other.children].reverse());
    expect(brief(family(names), other)).toEqual(['$.children[*].name value']);
    // The same child by another way is another path.
    expect(brief(family(names), other, ['$.children[*].name'])).toEqual([
      '$.children[*].parent.children[*].name value',
    ]);
    expect(brief(family(names), other, ['$..name'])).toEqual([]);
    expect(brief(family(names), family(names.slice(1)), ['$..age'])).toEqual(['$.children[*] missing']);
  });
});

describe('a difference', () => {
  test('says what is where', () => {
    const a = { name: 'Ann', age: 1, tags: ['x'], at: new Date(0), none: null };
    const b = { name: 'Bob', age: '1', tags: ['x', 'y'], at: new Date(1), none: { id: 1 } };
    expect(found(a, b)).toEqual([
      { path: '$.age', kind: 'type', mine: '1', other: "'1'" },
      {
        path: '$.at',
        kind: 'value',
        mine: 'Date 1970-01-01T00:00:00.000Z',
        other: 'Date 1970-01-01T00:00:00.001Z',
      },
      { path: '$.name', kind: 'value', mine: "'Ann'", other: "'Bob'" },
      { path: '$.none', kind: 'value', mine: 'null', other: 'object of 1 part' },
      { path: '$.tags[1]', kind: 'extra', mine: undefined, other: "'y'" },
    ]);
  });

  test('of the whole is at $', () => {
    expect(brief(1, 2)).toEqual(['$ value']);
    expect(brief(1, '1')).toEqual(['$ type']);
    expect(brief([], {})).toEqual(['$ type']);
    expect(brief(new Map(), {})).toEqual(['$ type']);
    expect(brief(undefined, null)).toEqual(['$ value']);
  });

  test('is short, however long what is there', () => {
    const long = 'x'.repeat(100_000);
    const [difference] = found({ [long]: { a: long } }, { [long]: { a: new Decimal('1'.repeat(100_000)) } });
    expect(difference.path.length).toBeLessThan(1_100);
    expect(difference.mine!.length).toBeLessThan(200);
    expect(difference.other!.length).toBeLessThan(200);
    expect(found(Buffer.alloc(100_000), Buffer.alloc(99_999))).toEqual([
      { path: '$', kind: 'value', mine: '100000 bytes', other: '99999 bytes' },
    ]);
  });

  test('is one of at most as many as asked for', () => {
    const a = { list: Array(50).fill(1), set: new Set(['a', 'b', [1]]), map: new Map([[[1], 1]]) };
    const b = { list: [], set: new Set([[2], [3]]), map: new Map() };
    expect(found(a, b)).toHaveLength(50 + 2 + 1 + 1 + 1);
    for (const limit of [1, 2, 5, 53]) expect(found(a, b, [], limit)).toHaveLength(limit);
  });

  test('is found by the content of keys and items', () => {
    const day = (date: number) => new LocalDate(2024, 1, date);
    expect(brief(new Map([[day(1), 1]]), new Map([[day(1), 2]]))).toEqual(['$["2024-01-01"] value']);
    expect(brief(new Map([[day(1), 1]]), new Map([[day(2), 1]]))).toEqual([
      '$["2024-01-01"] missing',
      '$["2024-01-02"] extra',
    ]);
    expect(
      brief(
        new Map<unknown, number>([
          [{ id: 1 }, 1],
          [{ id: 2 }, 2],
        ]),
        new Map<unknown, number>([
          [{ id: 2 }, 2],
          [{ id: 1 }, 3],
        ]),
      ),
    ).toEqual(['$[*] value']);
    // What one key is in Java is not another.
    expect(brief(new Map<unknown, number>([[1, 1]]), new Map<unknown, number>([['1', 1]]))).toEqual([
      '$[1] missing',
      '$["1"] extra',
    ]);
    expect(brief(new Set([1, 2, new Decimal('1.0')]), new Set([2, 1, new Decimal('1.00')]))).toEqual([
      '$[*] missing',
      '$[*] extra',
    ]);
  });

  test('is none where items of a Set differ in a masked part alone', () => {
    const items = (...stamps: number[]) => ({ set: new Set(stamps.map((ts, id) => ({ id, ts }))) });
    const other = items(7, 8, 9);
    other.set = new Set([...other.set].reverse());
    expect(brief(items(1, 2, 3), other, ['$.set[*].ts'])).toEqual([]);
    expect(brief(items(1, 2, 3), other, ['$.set'])).toEqual([]);
    expect(brief(items(1, 2, 3), other, ['$.set[*]'])).toEqual([]);
    expect(brief(items(1, 2, 3), other, ['$.other[*].ts'])).not.toEqual([]);
  });
});

test('-0 is 0, NaN is NaN, a Buffer is its bytes', () => {
  expect(found([-0, Number.NaN], [0, Number.NaN])).toEqual([]);
  expect(found(Buffer.from([1, 2]), Uint8Array.of(0, 1, 2).subarray(1))).toEqual([]);
  expect(brief(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toEqual(['$ value']);
  expect(found(new Date(Number.NaN), new Date(Number.NaN))).toEqual([]);
  expect(brief(Number.NaN, 0)).toEqual(['$ value']);
});

test('one object under a masked and an unmasked path is looked at under the other', () => {
  const a = { ts: 1 };
  const b = { ts: 2 };
  expect(brief({ first: a, second: a }, { first: b, second: b }, ['$.first.ts'])).toEqual([
    '$.second.ts value',
  ]);
  expect(brief([a, [a]], [b, [b]], ['$..ts'])).toEqual([]);
});

test('what is masked may be missing on either side', () => {
  expect(brief({ a: 1, ts: 1 }, { a: 1 }, ['$.ts'])).toEqual([]);
  expect(brief({ a: 1 }, { a: 1, ts: { x: 1 } }, ['$.ts'])).toEqual([]);
  expect(brief([1], [1, 2], ['$[1]'])).toEqual([]);
});

describe('graphs that would not end otherwise', () => {
  interface Link {
    next?: Link;
    value?: number;
  }
  const ring = (length: number): Link => {
    const links: Link[] = Array.from({ length }, () => ({}));
    links.forEach((link, i) => {
      link.next = links[(i + 1) % length];
    });
    return links[0];
  };

  test('rings of lengths without a common factor are alike: no caller can tell them apart', () => {
    // Pair by pair this would be 10^8.
    expect(found(ring(9_011), ring(9_013))).toEqual([]);
    const other = ring(9_013);
    other.next!.next!.value = 1;
    expect(brief(ring(9_011), other)[0]).toBe('$.next.next.value extra');
  });

  test('an object that is shared 2^60 times', () => {
    const tower = (bottom: number) => {
      let value: unknown = [bottom];
      for (let floor = 0; floor < 60; floor++) value = [value, new Set([value]), new Map([[value, value]])];
      return value;
    };
    expect(found(tower(1), tower(1))).toEqual([]);
    expect(found(tower(1), tower(2)).length).toBeGreaterThan(0);
  });

  test('a large object that is a member of many Sets is looked at once', () => {
    const answer = (bottom: number) => {
      const large = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field ${i}`, i]));
      return [...Array.from({ length: 1_200 }, () => new Set([large])), bottom];
    };
    const stringify = vi.spyOn(JSON, 'stringify');
    onTestFinished(() => stringify.mockRestore());
    expect(brief(answer(1), answer(2))).toEqual(['$[1200] value']);
    expect(stringify).toHaveBeenCalledTimes(2);
  });

  test('nodes that would meet in two million pairs: what comes after too many is taken to be alike', () => {
    const web = (size: number) => {
      const nodes: unknown[][] = Array.from({ length: size }, () => []);
      // Each is reached in 30 steps at most.
      for (const [i, node] of nodes.entries())
        node.push(...[1, 12, 144, 700].map((by) => nodes[(i + by) % size]));
      return nodes[0];
    };
    const answer = (size: number, bottom: unknown) => {
      let chain = bottom;
      for (let depth = 0; depth < 60; depth++) chain = [chain];
      return { web: web(size), chain };
    };
    expect(brief(answer(1_511, 1), answer(1_511, 2))).toEqual([`$.chain${'[0]'.repeat(60)} value`]);
    expect(brief(answer(1_511, 1), answer(1_499, 2))).toEqual([]);
  });

  test('a list as deep as it is long', () => {
    const deep = (length: number): Link => {
      const first: Link = {};
      let last = first;
      for (let i = 1; i < length; i++) last = last.next = { value: i };
      return first;
    };
    expect(found(deep(20_000), deep(20_000))).toEqual([]);
    const [difference] = found(deep(MAX_DEPTH), deep(MAX_DEPTH - 1));
    expect(difference).toMatchObject({ kind: 'missing', path: `$${'.next'.repeat(MAX_DEPTH - 1)}` });
  });
});

describe('what is beyond the bounds is taken to be alike', () => {
  test(`a value more than ${MAX_DEPTH} levels down, though not the length of its list`, () => {
    const nested = (depth: number, bottom: unknown): unknown =>
      depth === 0 ? bottom : [nested(depth - 1, bottom)];
    expect(brief(nested(MAX_DEPTH, 1), nested(MAX_DEPTH, 2))).toEqual([`$${'[0]'.repeat(MAX_DEPTH)} value`]);
    expect(brief(nested(MAX_DEPTH, [1]), nested(MAX_DEPTH, [2]))).toEqual([]);
    expect(brief(nested(MAX_DEPTH, [1]), nested(MAX_DEPTH, [1, 2]))).toEqual([
      `$${'[0]'.repeat(MAX_DEPTH)} value`,
    ]);
  });

  test(`a value after the first ${MAX_VALUES}, though not the length of its list`, () => {
    const list = (length: number, at: number) => Array(length).fill(0).with(at, 1);
    // The list itself is the first value.
    const last = MAX_VALUES - 2;
    expect(brief(Array(MAX_VALUES).fill(0), list(MAX_VALUES, last))).toEqual([`$[${last}] value`]);
    expect(brief(Array(MAX_VALUES).fill(0), list(MAX_VALUES, last + 1))).toEqual([]);
    expect(found(Array(MAX_VALUES).fill(0), Array(MAX_VALUES + 1).fill(0))).toEqual([
      {
        path: '$',
        kind: 'value',
        mine: `array of ${MAX_VALUES} parts`,
        other: `array of ${MAX_VALUES + 1} parts`,
      },
    ]);
  });

  test('what is masked does not count', () => {
    const answer = (ts: number, id: number) => ({ a: Array(MAX_VALUES).fill(ts), b: { id } });
    expect(brief(answer(1, 1), answer(2, 2))[0]).toBe('$.a[0] value');
    expect(brief(answer(1, 1), answer(2, 2), ['$.a'])).toEqual(['$.b.id value']);
    expect(brief(answer(1, 1), answer(2, 2), ['$.a[*]'])).toEqual(['$.b.id value']);
  });

  test('the nearest values come first', () => {
    const answer = (id: number) => ({ list: [Array(MAX_VALUES).fill(0)], last: { id } });
    expect(brief(answer(1), answer(2))).toEqual(['$.last.id value']);
  });

  test('what one side alone was too large for', () => {
    const answer = (length: number) => ({ list: Array(length).fill(0), sub: { id: 1 } });
    const paths = (a: unknown, b: unknown) => found(a, b, [], 2 * MAX_VALUES).map(({ path }) => path);
    expect(paths(answer(MAX_VALUES), answer(0))).toContain('$.list[0]');
    expect(paths(answer(MAX_VALUES), answer(0))).not.toContain('$.sub.id');
    expect(paths(answer(0), answer(MAX_VALUES))).not.toContain('$.sub.id');
  });

  test('members of a large Set that nothing names, for others may have been left out on the other side', () => {
    const ids = (count: number) => Array.from({ length: count }, (_, id) => Array(20).fill(id));
    for (const count of [MAX_VALUES / 20, MAX_VALUES]) {
      expect(brief(new Set(ids(count)), new Set(ids(count).reverse()))).toEqual([]);
    }
    expect(brief(new Set(ids(MAX_VALUES)), new Set(ids(MAX_VALUES - 1)))).toEqual(['$ value']);
    const mixed = Array.from({ length: MAX_VALUES }, (_, i) => (i < MAX_VALUES / 2 ? [] : {}));
    expect(brief(new Set(mixed), new Set([...mixed].reverse()))).toEqual([]);
  });
});

describe('members without a name', () => {
  const sets = (...items: number[][]) => new Set(items.map((ids) => new Set(ids.map((id) => ({ id })))));

  test('belong to the one with the same primitive parts, whatever the order', () => {
    const people = [
      { id: 1, tags: ['a'] },
      { id: 2, tags: ['b'] },
      { id: 3, tags: ['c'] },
    ] as const;
    expect(found(new Set(people), new Set([...people].reverse()))).toEqual([]);
    const other = [
      { id: 3, tags: ['c'] },
      { id: 2, tags: ['x'] },
      { id: 1, tags: ['a'] },
    ];
    expect(brief(new Set(people), new Set(other))).toEqual(['$[*].tags[0] value']);
    expect(found(new Set([new Set([1, 2]), new Set([3])]), new Set([new Set([3]), new Set([2, 1])]))).toEqual(
      [],
    );
  });

  test('belong to the next one where there is no such part, or none is the same', () => {
    expect(found(sets([1, 2], [3, 4]), sets([2, 1], [4, 3]))).toEqual([]);
    // They cannot be told apart, so another order is a difference.
    expect(brief(sets([1], [2]), sets([2], [1]))).toEqual(['$[*][*].id value', '$[*][*].id value']);
    expect(brief(new Set([{ id: 1 }, { id: 2 }]), new Set([{ id: 2 }, { id: 3 }]))).toEqual([
      '$[*].id value',
    ]);
    expect(brief(new Set([{ id: 1 }, { id: 2 }]), new Set([{ id: 2 }]))).toEqual(['$[*] missing']);
    expect(brief(new Set([[1]]), new Set([{ id: 1 }]))).toEqual(['$[*] type']);
  });
});

describe('decoded values', () => {
  const local = new LocalDateTime(new LocalDate(2024, 2, 29), new LocalTime(1, 2, 3, 4));
  const offset = new ZoneOffset(3_600);
  const values: readonly [string, unknown, unknown][] = [
    ['Decimal', new Decimal('1.0'), new Decimal('1.00')],
    ['JavaClass', new JavaClass('com.acme.A'), new JavaClass('com.acme.B')],
    ['LocalDate', new LocalDate(2024, 2, 29), new LocalDate(2024, 2, 28)],
    ['LocalTime', new LocalTime(1, 2, 3, 4), new LocalTime(1, 2, 3, 5)],
    ['LocalDateTime', local, new LocalDateTime(new LocalDate(2024, 2, 28), local.time)],
    ['Instant', new Instant(1n, 2), new Instant(1n, 3)],
    ['Duration', new Duration(1n, 2), new Duration(2n, 2)],
    ['Period', new Period(0, 1, 0), new Period(0, 0, 30)],
    ['Year', new Year(2024), new Year(2025)],
    ['YearMonth', new YearMonth(2024, 1), new YearMonth(2024, 2)],
    ['MonthDay', new MonthDay(1, 2), new MonthDay(1, 3)],
    ['ZoneOffset', offset, new ZoneOffset(0)],
    ['OffsetTime', new OffsetTime(local.time, offset), new OffsetTime(local.time, new ZoneOffset(0))],
    ['OffsetDateTime', new OffsetDateTime(local, offset), new OffsetDateTime(local, new ZoneOffset(0))],
    [
      'ZonedDateTime',
      new ZonedDateTime(local, offset, 'Europe/Paris'),
      new ZonedDateTime(local, offset, 'Europe/Rome'),
    ],
    ['a big bigint', 2n ** 200n, 2n ** 200n + 1n],
    ['bytes', Buffer.from([1, 2]), Buffer.from([1, 3])],
    ['java.util.Date', new Date(1), new Date(2)],
  ];

  test.each(values)('%s: alike if its text is, and a change is found', (_, one, two) => {
    const twice = (value: unknown) => decode(encode({ v: value }));
    expect(found(twice(one), twice(one))).toEqual([]);
    expect(brief(twice(one), twice(two))).toEqual(['$.v value']);
  });

  test('of another class are of another type', () => {
    expect(brief([new Year(2024)], [new Decimal('2024')])).toEqual(['$[0] type']);
    const person = (name: string) => decode(encode(java.object(name, { id: java.long(1) })));
    expect((person('com.acme.A') as { [CLASS_NAME]?: string })[CLASS_NAME]).toBe('com.acme.A');
    expect(brief(person('com.acme.A'), person('com.acme.B'))).toEqual(['$ type']);
    expect(found(person('com.acme.A'), person('com.acme.A'))).toEqual([]);
  });

  test('of one message, decoded twice, do not differ: shared references, cycles, odd names', () => {
    const parent = java.object('com.acme.Parent', {
      name: 'P',
      '': 1,
      odd: java.list([], 'java.util.HashSet'),
    });
    parent.fields.push(['__proto__', { x: 1 }], ['toString', 'text'], ['equals', null], ['self', parent]);
    const kids = [1, 2, 3].map((age) => java.object('com.acme.Child', { age: java.int(age), parent }));
    parent.fields.push(['kids', java.list(kids, 'java.util.HashSet')]);
    parent.fields.push(['byKid', java.map(kids.map((kid) => [kid, [kid, parent]] as const))]);
    const bytes = encode([parent, parent, kids[1], new Decimal('1.1'), java.list(kids)]);
    expect(found(decode(bytes), decode(bytes))).toEqual([]);

    // In another JVM the same sets and maps have another order.
    kids.reverse();
    parent.fields.splice(-2);
    parent.fields.push(['kids', java.list(kids, 'java.util.HashSet')]);
    parent.fields.push(['byKid', java.map(kids.map((kid) => [kid, [kid, parent]] as const))]);
    kids.reverse();
    const again = encode([parent, parent, kids[1], new Decimal('1.1'), java.list(kids)]);
    expect(again.equals(bytes)).toBe(false);
    expect(found(decode(bytes), decode(again))).toEqual([]);
  });
});

describe('exceptions', () => {
  const remote = (failure: Partial<RemoteFailure> = {}) =>
    new RemoteError({
      className: 'com.acme.NotFound',
      message: 'no such person',
      fields: { id: 1n },
      ...failure,
    });

  test('are alike by class, message, fields and cause, not by stack or address', () => {
    const here = new RemoteError(
      {
        className: 'com.acme.NotFound',
        message: 'no such person',
        fields: { id: 1n },
        remoteStack: 'at a.b(C.java:1)',
      },
      { endpoint: '127.0.0.1:12220', path: 'mesh' },
    );
    expect(found(here, remote())).toEqual([]);
    expect(brief(remote(), remote({ className: 'com.acme.Other' }))).toEqual(['$ type']);
    expect(brief(remote(), remote({ message: 'gone' }))).toEqual(['$.message value']);
    expect(brief(remote(), remote({ fields: { id: 2n } }))).toEqual(['$.fields.id value']);
    expect(brief(remote({ cause: remote() }), remote({ cause: remote({ message: 'gone' }) }))).toEqual([
      '$.cause.message value',
    ]);
    expect(brief(remote({ cause: remote() }), remote())).toEqual(['$.cause type']);
    expect(found(remote(), remote({ message: 'gone' }), ['$.message'])).toEqual([]);
  });

  test('of a contract are alike as others are, whatever their fields are called', () => {
    const NotFound = defineError('com.acme.NotFound', { id: t.long, equals: t.String, fields: t.String });
    const make = (id: bigint, equals = 'e') => new NotFound({ id, equals, fields: 'f', message: 'gone' });
    expect(found(make(1n), make(1n))).toEqual([]);
    expect(brief(make(1n), make(2n, 'x'))).toEqual(['$.fields.equals value', '$.fields.id value']);
  });

  test('that hold themselves end', () => {
    const loop = () => {
      const error = remote();
      Object.defineProperty(error, 'cause', { value: error });
      return error;
    };
    expect(found(loop(), loop())).toEqual([]);
  });

  test('of this library differ by code alone: their words hold addresses', () => {
    const failure = (code: 'METHOD_NOT_FOUND' | 'DECODE_FAILED', text: string) => new MeshError(code, text);
    expect(found(failure('METHOD_NOT_FOUND', 'at a:1'), failure('METHOD_NOT_FOUND', 'at b:1'))).toEqual([]);
    expect(brief(failure('METHOD_NOT_FOUND', ''), failure('DECODE_FAILED', ''))).toEqual(['$ type']);
  });

  test('of JavaScript differ by name and message', () => {
    expect(found([new Error('a')], [new Error('a')])).toEqual([]);
    expect(brief([new Error('a')], [new Error('b')])).toEqual(['$[0].message value']);
    expect(brief([new Error('a')], [new TypeError('a')])).toEqual(['$[0] type']);
  });
});
