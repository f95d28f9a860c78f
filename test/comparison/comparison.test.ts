import { describe, expect, test, vi } from 'vitest';
import { Comparison, type Outcome } from '../../src/comparison/comparison.js';
import { MeshError, RemoteError } from '../../src/core/errors.js';
import type { ResolvedCompare } from '../../src/mesh/resolved-rule.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';

function setUp(rule: Partial<ResolvedCompare> = {}) {
  const clock = new FakeClock();
  const onDifference = vi.fn();
  const comparison = new Comparison(
    { percent: 100, ignore: [], values: false, ...rule },
    { clock, random: seededRandom(1), onDifference },
  );
  return {
    comparison,
    onDifference,
    clock,
    /** Compares two endings of one call, to the end. */
    async compare(mine: Promise<Outcome>, other: () => Promise<Outcome>, method = 'find') {
      comparison.compare(method, mine, other);
      await clock.advance(1);
    },
  };
}

const value = <T>(value: T) => Promise.resolve({ value });
const error = (error: unknown) => Promise.resolve({ error });
const lost = new MeshError('CONNECTION_LOST', 'the connection closed', { sent: true });
const failure = (message: string) => new RemoteError({ className: 'com.acme.NotFound', message });

describe('what is compared', () => {
  test('a share of the calls, by chance', () => {
    const { comparison } = setUp({ percent: 5 });
    const wanted = Array.from({ length: 10_000 }, () => comparison.wants('find', true)).filter(Boolean);
    expect(wanted.length).toBeGreaterThan(420);
    expect(wanted.length).toBeLessThan(580);
  });

  test('none at 0 %, all at 100 %', () => {
    const none = setUp({ percent: 0 }).comparison;
    const all = setUp({ percent: 100 }).comparison;
    for (let call = 0; call < 1_000; call++) {
      expect([none.wants('find', true), all.wants('find', true)]).toEqual([false, true]);
    }
  });

  test('never a call to a method that is not idempotent, even one that the rule names', () => {
    const { comparison } = setUp({ methods: ['pay'] });
    expect(comparison.wants('pay', false)).toBe(false);
    expect(comparison.wants('pay', true)).toBe(true);
  });

  test('only the methods that the rule names', () => {
    const { comparison } = setUp({ methods: ['find', 'list'] });
    expect(['find', 'list', 'count'].map((method) => comparison.wants(method, true))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('no more than 16 at a time', async () => {
    const { comparison, clock } = setUp();
    let answer: (outcome: Outcome) => void = () => {};
    const late = new Promise<Outcome>((resolve) => {
      answer = resolve;
    });
    for (let call = 0; call < 15; call++) comparison.compare('find', value(1), () => value(1));
    comparison.compare('find', late, () => value(1));
    expect(comparison.wants('find', true)).toBe(false);
    await clock.advance(1);
    expect(comparison.wants('find', true)).toBe(true);
    for (let call = 0; call < 15; call++) comparison.compare('find', value(1), () => late);
    expect(comparison.wants('find', true)).toBe(false);
    answer({ value: 1 });
    await clock.advance(1);
    expect(comparison.wants('find', true)).toBe(true);
    expect(comparison.stats()).toMatchObject({ compared: 31, different: 0, unanswered: 0 });
  });
});

describe('the caller', () => {
  test('does not wait: the other call begins in a later turn', async () => {
    const { comparison, clock } = setUp();
    const other = vi.fn(() => value(1));
    comparison.compare('find', value(1), other);
    await Promise.resolve();
    expect(other).not.toHaveBeenCalled();
    await clock.advance(0);
    expect(other).toHaveBeenCalledOnce();
  });

  test('may change its result: what is compared is what it was', async () => {
    const { comparison, clock, onDifference } = setUp();
    const person = () => ({ name: 'Ann', tags: new Set(['a']), photo: Buffer.from([1, 2]) });
    const mine = value(person());
    comparison.compare('find', mine, () => value(person()));
    const changed = mine.then(({ value }) => {
      value.name = 'Bob';
      value.tags.add('b');
      value.photo[0] = 9;
    });
    await changed;
    await clock.advance(1);
    expect(comparison.stats()).toMatchObject({ compared: 1, different: 0 });
    expect(onDifference).not.toHaveBeenCalled();
  });

  test('is not troubled by another path that throws, or by values that cannot be read', async () => {
    const { compare, comparison } = setUp();
    await compare(value(1), () => {
      throw new Error('no such path');
    });
    await compare(value(1), () => Promise.reject(lost));
    const unreadable = {
      get name() {
        throw new Error('not now');
      },
    };
    await compare(value(unreadable), () => value(1));
    await compare(Promise.reject(lost), () => value(1));
    expect(comparison.stats()).toMatchObject({ compared: 0, different: 0, unanswered: 4 });
  });
});

describe('two answers', () => {
  test('are counted, and samples say where they differ', async () => {
    const { compare, comparison, onDifference } = setUp();
    await compare(value({ id: 1, name: 'Ann' }), () => value({ id: 1, name: 'Ann' }));
    await compare(value({ id: 1, name: 'Ann' }), () => value({ id: 2, name: 'Bob' }));
    const sample = { method: 'find', paths: ['$.id', '$.name'] };
    expect(comparison.stats()).toEqual({ compared: 2, different: 1, unanswered: 0, samples: [sample] });
    expect(onDifference.mock.calls).toEqual([[sample]]);
  });

  test('with values where the rule asks for them', async () => {
    const { compare, comparison } = setUp({ values: true });
    await compare(value({ a: 1, b: 'x' }), () => value({ a: 1n, c: null }));
    expect(comparison.stats().samples).toEqual([
      {
        method: 'find',
        paths: ['$.a', '$.b', '$.c'],
        values: [
          { path: '$.a', kind: 'type', mine: '1', other: '1n' },
          { path: '$.b', kind: 'missing', mine: "'x'", other: undefined },
          { path: '$.c', kind: 'extra', mine: undefined, other: 'null' },
        ],
      },
    ]);
  });

  test('that differ where the rule ignores it are alike', async () => {
    const { compare, comparison } = setUp({ ignore: ['$.updatedAt', '$.items[*].ts'] });
    await compare(value({ updatedAt: 1, items: [{ ts: 1 }] }), () =>
      value({ updatedAt: 2, items: [{ ts: 2 }] }),
    );
    expect(comparison.stats()).toMatchObject({ compared: 1, different: 0 });
  });

  test('of which one is an exception differ as a whole', async () => {
    const { compare, comparison } = setUp({ values: true });
    await compare(value({ id: 1 }), () => Promise.reject(failure('gone')));
    expect(comparison.stats()).toMatchObject({
      compared: 1,
      different: 1,
      samples: [
        {
          paths: ['$'],
          values: [{ kind: 'type', mine: 'object of 1 part', other: 'error com.acme.NotFound of 3 parts' }],
        },
      ],
    });
  });

  test('that are exceptions are compared as such, however they come', async () => {
    const { compare, comparison } = setUp();
    await compare(error(failure('gone')), () => Promise.reject(failure('gone')));
    expect(comparison.stats()).toMatchObject({ compared: 1, different: 0 });
    await compare(error(failure('gone')), () => error(failure('lost')));
    expect(comparison.stats()).toMatchObject({
      compared: 2,
      different: 1,
      samples: [{ paths: ['$.message'] }],
    });
  });

  test('an exception that was returned is not one that was thrown', async () => {
    const { compare, comparison } = setUp();
    await compare(value(failure('gone')), () => error(failure('gone')));
    expect(comparison.stats().different).toBe(1);
  });
});

test.each([
  ['a lost connection', lost],
  ['a deadline', new MeshError('DEADLINE_EXCEEDED', 'too late', { sent: true })],
  ['a deadline before it was sent', new MeshError('DEADLINE_EXCEEDED', 'too late')],
  ['no endpoint', new MeshError('NO_ENDPOINT', 'none')],
  ['a busy provider', new MeshError('OVERLOADED', 'busy')],
  ['a cancelled call', new MeshError('CANCELLED', 'cancelled')],
])('%s is no answer, on either side', async (_, why) => {
  const { compare, comparison, onDifference } = setUp();
  await compare(value(1), () => error(why));
  await compare(error(why), () => value(1));
  await compare(error(why), () => error(why));
  expect(comparison.stats()).toEqual({ compared: 0, different: 0, unanswered: 3, samples: [] });
  expect(onDifference).not.toHaveBeenCalled();
});

test('samples are of other paths or methods each, wherever in a list, and at most 20', async () => {
  const { compare, comparison, onDifference } = setUp();
  for (const at of [0, 1, 2]) {
    const items = [{ ts: 1 }, { ts: 1 }, { ts: 1 }];
    await compare(value({ items }), () =>
      value({ items: items.map((item, i) => (i === at ? { ts: 2 } : item)) }),
    );
  }
  await compare(value({ a: 1 }), () => value({ a: 2 }));
  await compare(value({ a: 1 }), () => value({ a: 2 }), 'list');
  expect(comparison.stats().samples).toEqual([
    { method: 'find', paths: ['$.items[0].ts'] },
    { method: 'find', paths: ['$.a'] },
    { method: 'list', paths: ['$.a'] },
  ]);
  for (let i = 0; i < 30; i++) await compare(value({ [`k${i}`]: 1 }), () => value({ [`k${i}`]: 2 }));
  expect(comparison.stats().samples).toHaveLength(20);
  expect(comparison.stats().different).toBe(35);
  expect(onDifference).toHaveBeenCalledTimes(35);
});

test('a sample has no more than ten paths', async () => {
  const { compare, comparison } = setUp();
  await compare(value(Array(1_000).fill(1)), () => value(Array(1_000).fill(2)));
  expect(comparison.stats().samples[0].paths).toHaveLength(10);
});

test('an ignore path that is none is refused', () => {
  expect(() => setUp({ ignore: ['$.a['] })).toThrow(/"\$\.a\[": character 4/);
});
