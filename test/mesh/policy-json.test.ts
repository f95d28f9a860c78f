import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/mesh/policy-document.js';
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
  ['', 'line 1, column 1: Unexpected end of JSON input'],
  ['{\n  "a": 1,\n  "b": x\n}', "line 3, column 8: Unexpected token 'x'"],
  ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: Expected ',' or '}' after property value"],
  ['{\r\n  "a": 1,\r\n}', 'line 3, column 1: Expected double-quoted property name'],
  ["{ 'a': 1 }", "line 1, column 3: Expected property name or '}'"],
  ['{ "a" 1 }', "line 1, column 7: Expected ':' after property name"],
  ['{ "a": [1, 2 }', "line 1, column 14: Expected ',' or ']' after array element"],
  ['{ "a": [1,] }', "line 1, column 11: Unexpected token ']'"],
  ['{ "a": 1', "line 1, column 9: Expected ',' or '}' after property value"],
  ['{ // half\n}', "line 1, column 3: Expected property name or '}'"],
  ['{ "a": 25% }', "line 1, column 10: Expected ',' or '}' after property value"],
  ['{ "a": 007 }', 'line 1, column 9: Unexpected number'],
  ['{ "a": NaN }', "line 1, column 8: Unexpected token 'N'"],
  ['{ "x": x }', "line 1, column 8: Unexpected token 'x'"],
  ['undefined', 'line 1, column 1: "undefined" is not valid JSON'],
  ['{} {}', 'line 1, column 4: Unexpected non-whitespace character after JSON'],
  ['{ "a": "no end\n}', 'line 1, column 15: Bad control character in string literal'],
  ['{ "a": "\\x" }', 'line 1, column 10: Bad escaped character'],
])('%j is broken where it says', (text, message) => {
  expect(faultOf(text)).toBe(message);
});

test('no more of the text is told than the character that is wrong', () => {
  const around = { before: 'a secret before', after: 'a secret after' };
  for (const broken of ['x', '1 2', '"\u0001"', '[1,,2]', '{}}']) {
    const text = JSON.stringify(around).replace(',', `,"b":${broken},`);
    expect(faultOf(text)).not.toMatch(/secret|after"/);
  }
});

test('a key that is there twice is a fault: one of the two would count without a word', () => {
  expect(faultOf('{ "a": { "x": 1,\n         "y": 2,\n "x": 3 } }')).toBe(
    'line 3, column 2: the key "x" is there twice',
  );
  expect(parseJson('[{ "x": 1 }, { "x": { "x": 3 } }]')).toEqual([{ x: 1 }, { x: { x: 3 } }]);
});

test('keys in texts, in other objects and in lists are other keys', () => {
  const text = '{ "a": "{\\"a\\": {", "b:": ["a", { "a": 1 }, { "a": "b:" }], "c": { "e": 1 }, "e": 1 }';
  expect(parseJson(text)).toEqual(JSON.parse(text));
  expect(faultOf('{ "a": 1, "\\u0061" : 2 }')).toBe('line 1, column 11: the key "\\u0061" is there twice');
});

test('a file of brackets does not exhaust the stack', () => {
  expect(faultOf('['.repeat(100_000))).toBe('line 1, column 100001: Unexpected end of JSON input');
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(() => parsePolicy(deep, 'code')).toThrow(
    'the policy from code is refused: [ [Array] ] is not an object',
  );
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
        const [, line, column, what] = /^line (\d+), column (\d+): (.*)/su.exec(faultOf(text)) ?? [];
        const rest = text
          .split('\n')
          .slice(Number(line) - 1)
          .join('\n')
          .slice(Number(column) - 1);
        const [, found] = /^Unexpected token '(.)'$/su.exec(what) ?? [];
        if (found !== undefined) expect(rest.startsWith(found)).toBe(true);
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
