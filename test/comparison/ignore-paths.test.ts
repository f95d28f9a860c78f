import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  IgnorePaths,
  type IgnoreState,
  ignorePathFault,
  type Step,
  stepText,
} from '../../src/comparison/ignore-paths.js';

function isIgnored(paths: readonly string[], steps: readonly Step[]): boolean {
  let state: IgnoreState = new IgnorePaths(paths).start;
  for (const step of steps) state = state.after(step);
  return state.isIgnored;
}

describe('an ignore path names', () => {
  test.each<[string, Step[][], Step[][]]>([
    ['$.a.b', [['a', 'b']], [['a'], ['b'], ['a', 'c'], ['b', 'a'], ['x', 'a', 'b']]],
    [
      '$.items[*].ts',
      [
        ['items', 0, 'ts'],
        ['items', 'key', 'ts'],
        ['items', null, 'ts'],
      ],
      [
        ['items', 'ts'],
        ['items', 0],
      ],
    ],
    [
      '$.items.*',
      [
        ['items', 3],
        ['items', 'a'],
        ['items', null],
      ],
      [['items'], ['other', 3]],
    ],
    [
      '$.items[3]',
      [['items', 3]],
      [
        ['items', 4],
        ['items', '3'],
        ['items', null],
      ],
    ],
    ['$..ts', [['ts'], ['a', 'ts'], ['a', 7, null, 'b', 'ts']], [['a'], ['a', 'tsx']]],
    [
      '$..a.b',
      [
        ['a', 'b'],
        ['a', 'a', 'b'],
        ['a', 'x', 'a', 'b'],
      ],
      [['a', 'x', 'b'], ['b']],
    ],
    ['$..[2]', [[2], ['a', 2]], [['2'], ['a']]],
    [
      '$.a..b',
      [
        ['a', 'b'],
        ['a', 'x', 'y', 'b'],
      ],
      [['x', 'b'], ['b']],
    ],
    ['$["odd key"]', [['odd key']], [['odd'], ['"odd key"']]],
    ["$['odd.key']", [['odd.key']], [['odd', 'key']]],
    ['$["a\\"]\\u0062"]', [['a"]b']], [['a']]],
    ['$.__proto__.größe', [['__proto__', 'größe']], [['__proto__']]],
  ])('%s', (path, ignored, seen) => {
    for (const steps of ignored) expect([steps, isIgnored([path], steps)]).toEqual([steps, true]);
    for (const steps of seen) expect([steps, isIgnored([path], steps)]).toEqual([steps, false]);
  });

  test('its own among several', () => {
    const paths = ['$.a.x', '$.a.y', '$..z', '$.b[*].x'];
    expect(
      [['a', 'x'], ['a', 'y'], ['a', 'z'], ['b', 1, 'x'], ['b', 1, 'y'], ['a']].map((s) =>
        isIgnored(paths, s),
      ),
    ).toEqual([true, true, true, true, false, false]);
  });
});

test('without paths nothing is ignored', () => {
  expect(isIgnored([], [])).toBe(false);
  expect(isIgnored([], ['a', 3, null])).toBe(false);
});

test('a path that is none is refused with the character', () => {
  expect(() => new IgnorePaths(['$.a', '$.items[*'])).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^the ignore path "\$\.items\[\*": character 8: expected \.name, /),
    }),
  );
});

test.each([
  ['', 1],
  ['updatedAt', 1],
  ['$', 2],
  ['$.', 2],
  ['$...a', 2],
  ['$a', 2],
  ['$.a b', 4],
  ['$.a[b]', 4],
  ['$.a[-1]', 4],
  ['$.a[1234567890123456]', 4],
  ['$.a["b]', 4],
  ['$.a["\\x"]', 4],
  ['$.a.b[0]]', 9],
])('%j is refused at character %i', (path, character) => {
  expect(ignorePathFault(path)).toMatch(new RegExp(`^character ${character}: `));
});

test('a step as it is shown is a path to it', () => {
  const step = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      const path = `$${steps.map(stepText).join('')}`;
      expect(ignorePathFault(path)).toBeUndefined();
      expect(isIgnored([path], steps)).toBe(true);
    }),
  );
});

test('names that no path holds, such as the keys of maps, lead to one state', () => {
  const { start } = new IgnorePaths(['$..a.b']);
  const states = new Set(Array.from({ length: 1_000 }, (_, i) => start.after(`key ${i}`)));
  expect([...states]).toEqual([start]);
});
