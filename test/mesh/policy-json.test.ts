import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../src/mesh/policy-json.js';

function faultOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    expect(error).toMatchObject({ name: 'MeshError', code: 'INVALID_ARGUMENT' });
    return (error as Error).message;
  }
  throw new Error(`${text} was read`);
}

test.each([
  ['', 'line 1, column 1: expected a value, but the text ends here'],
  ['{\n  "a": 1,\n  "b": x\n}', 'line 3, column 8: expected a value, found "x"'],
  ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3: expected "," or "}", found "b"'],
  ['{\r\n  "a": 1,\r\n}', 'line 3, column 1: expected a key in double quotes, found "}"'],
  ["{ 'a': 1 }", 'line 1, column 3: expected a key in double quotes, found "\'"'],
  ['{ "a" 1 }', 'line 1, column 7: expected ":", found "1"'],
  ['{ "a": [1, 2 }', 'line 1, column 14: expected "," or "]", found "}"'],
  ['{ "a": [1,] }', 'line 1, column 11: expected a value, found "]"'],
  ['{ "a": 1', 'line 1, column 9: expected "," or "}", but the text ends here'],
  ['{ // half\n}', 'line 1, column 3: expected a key in double quotes, found "/"'],
  ['{ "a": 25% }', 'line 1, column 10: expected "," or "}", found "%"'],
  ['{ "a": 007 }', 'line 1, column 9: expected "," or "}", found "07"'],
  ['{ "a": NaN }', 'line 1, column 8: expected a value, found "NaN"'],
  ['{} {}', 'line 1, column 4: expected nothing after the end of the document, found "{"'],
  ['{ "a": "no end\n}', 'line 1, column 8: the text that begins here has no end, or a wrong character in it'],
  ['{ "a": "\\x" }', 'line 1, column 8: the text that begins here has no end, or a wrong character in it'],
])('%j is broken where it says', (text, message) => {
  expect(faultOf(text)).toBe(message);
});

test('a key that is there twice is a fault: one of the two would count without a word', () => {
  expect(faultOf('{ "a": { "x": 1,\n         "y": 2,\n "x": 3 } }')).toBe(
    'line 3, column 2: the key "x" is there twice',
  );
  expect(parseJson('[{ "x": 1 }, { "x": { "x": 3 } }]')).toEqual([{ x: 1 }, { x: { x: 3 } }]);
});

test('a file of brackets is refused before it exhausts the stack, and 50 levels are read', () => {
  expect(faultOf('['.repeat(100_000))).toBe('line 1, column 52: it is nested more than 50 levels deep');
  const deep = '['.repeat(50) + ']'.repeat(50);
  expect(parseJson(deep)).toEqual(JSON.parse(deep));
  expect(parseJson(`[${'{}, '.repeat(60)}[]]`)).toHaveLength(61);
});

test('a key named __proto__ is a key', () => {
  const value = parseJson('{ "__proto__": { "mesh": 1 } }') as object;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('it reads what JSON.parse reads, and refuses what it refuses', () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.nat(2),
      fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', 'e', '\n'),
    )
    .map(([text, at, gone, put]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + gone);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      let wanted: unknown;
      try {
        wanted = JSON.parse(text);
      } catch {
        expect(faultOf(text)).toMatch(/^line \d+, column \d+: /);
        return;
      }
      try {
        expect(parseJson(text)).toStrictEqual(wanted);
      } catch (error) {
        if (!String(error).includes('is there twice')) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});
