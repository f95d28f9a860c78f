import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MeshError } from '../../src/core/errors.js';
import { checkPolicy, type PolicyDocument, parsePolicy } from '../../src/mesh/policy-document.js';

const PEOPLE = 'com.acme.PersonService:1.0';

/** The broken places that are named of one service's rule. */
function faultsOf(rule: unknown): string {
  return refusal({ services: { [PEOPLE]: rule } }).replaceAll(`services["${PEOPLE}"]`, '$');
}

function refusal(document: unknown): string {
  try {
    checkPolicy(document, 'code');
  } catch (error) {
    expect(error).toMatchObject({ name: 'MeshError', code: 'INVALID_ARGUMENT' });
    return (error as Error).message.replace('the policy from code is refused: ', '');
  }
  throw new Error('it was taken');
}

const whole: PolicyDocument = {
  mode: 'auto',
  services: {
    [PEOPLE]: {
      mesh: 25,
      fallback: 'none',
      guard: { errorRatio: 0.02, p99Ms: 200, minCalls: 200, windowMs: 10_000 },
      compare: { percent: 5, methods: ['find'], ignore: ['$.updatedAt', '$.items[*].ts'], values: true },
    },
    'com.acme.Outer$Inner:2.0:blue': { mesh: 0.5 },
    '*': {},
  },
};

test('a whole document is taken as it is, from code and from text', () => {
  expect(checkPolicy(whole, 'code')).toEqual(whole);
  expect(parsePolicy(JSON.stringify(whole), 'the file p.json')).toEqual(whole);
  expect(checkPolicy({}, 'code')).toEqual({});
  expect(parsePolicy(`\uFEFF${JSON.stringify(whole)}`, 'the file p.json')).toEqual(whole);
});

test('what was taken is a frozen copy: no later change of the argument reaches it', () => {
  const document = { services: { [PEOPLE]: { mesh: 25, compare: { percent: 5, methods: ['find'] } } } };
  const taken = checkPolicy(document, 'code');
  document.services[PEOPLE].mesh = 100;
  document.services[PEOPLE].compare.methods.push('save');
  expect(taken.services?.[PEOPLE]).toEqual({ mesh: 25, compare: { percent: 5, methods: ['find'] } });
  const rule = taken.services?.[PEOPLE] as { mesh: number };
  expect(() => {
    rule.mesh = 100;
  }).toThrow(TypeError);
});

test('a key with nothing in it is as if it were not there', () => {
  expect(checkPolicy({ mode: undefined, services: { [PEOPLE]: { guard: undefined } } }, 'code')).toEqual({
    services: { [PEOPLE]: {} },
  });
  expect(checkPolicy({ services: { [PEOPLE]: undefined } }, 'code')).toEqual({ services: {} });
});

test.each([
  [{ mesh: 125 }, '$.mesh: 125 is not between 0 and 100'],
  [{ mesh: -1 }, '$.mesh: -1 is not between 0 and 100'],
  [{ mesh: Number.NaN }, '$.mesh: NaN is not between 0 and 100'],
  [{ mesh: '25' }, '$.mesh: "25" is not a number between 0 and 100'],
  [{ mesh: null }, '$.mesh: null is not a number between 0 and 100'],
  [{ fallback: 'mesh' }, '$.fallback: "mesh" is not known; known are direct, none'],
  [{ fallback: 'Direct' }, '$.fallback: "Direct" is not known; did you mean direct?'],
  [{ fallback: true }, '$.fallback: true is not known; known are direct, none'],
  [{ guard: {} }, '$.guard: it needs errorRatio or p99Ms'],
  [{ guard: { minCalls: 10 } }, '$.guard: it needs errorRatio or p99Ms'],
  [{ guard: { errorRatio: 2 } }, '$.guard.errorRatio: 2 is not between 0 and 1'],
  [{ guard: { p99Ms: 0 } }, '$.guard.p99Ms: 0 is not between 0.1 and 3600000'],
  [{ guard: { p99Ms: 1, minCalls: 0.5 } }, '$.guard.minCalls: 0.5 is not a whole number'],
  [{ guard: { p99Ms: 1, minCalls: 0 } }, '$.guard.minCalls: 0 is not between 1 and 1000000'],
  [{ guard: { p99Ms: 1, windowMs: 99 } }, '$.guard.windowMs: 99 is not between 100 and 3600000'],
  [{ guard: [] }, '$.guard: [] is not an object'],
  [{ compare: {} }, '$.compare: percent is missing'],
  [{ compare: { percent: 101 } }, '$.compare.percent: 101 is not between 0 and 100'],
  [{ compare: { percent: 5, methods: 'find' } }, '$.compare.methods: "find" is not a list'],
  [{ compare: { percent: 5, methods: [] } }, '$.compare.methods: is empty; leave it out for its default'],
  [{ compare: { percent: 5, methods: ['find', 7] } }, '$.compare.methods[1]: 7 is not a text'],
  [{ compare: { percent: 5, methods: ['a b'] } }, '$.compare.methods[0]: "a b" is not the name of a method'],
  [
    { compare: { percent: 5, ignore: ['$.ts', 'ts'] } },
    '$.compare.ignore[1]: "ts" is not a path; character 1: a path begins with $',
  ],
  [{ compare: { percent: 5, values: 1 } }, '$.compare.values: 1 is neither true nor false'],
  [{ meshh: 5 }, '$.meshh: is not known; did you mean mesh?'],
  [{ Fallback: 'none' }, '$.Fallback: is not known; did you mean fallback?'],
  [{ proportion: 5 }, '$.proportion: is not known; known are mesh, fallback, guard, compare'],
  [{ 'odd key': 5 }, '$["odd key"]: is not known; known are mesh, fallback, guard, compare'],
  [{ toString: 5 }, '$.toString: is not known; known are mesh, fallback, guard, compare'],
  [25, '$: 25 is not an object'],
  [new Map([['mesh', 5]]), "$: Map(1) { 'mesh' => 5 } is not an object"],
])('of the rule %j it says: %s', (rule, fault) => {
  expect(faultsOf(rule)).toBe(fault);
});

test.each([
  [null, 'null is not an object'],
  [[], '[] is not an object'],
  [{ mode: 'auot' }, 'mode: "auot" is not known; did you mean auto?'],
  [{ mode: 'MESH' }, 'mode: "MESH" is not known; did you mean mesh?'],
  [{ service: {} }, 'service: is not known; did you mean services?'],
  [{ services: [] }, 'services: [] is not an object'],
  [
    { services: { 'com.acme.PersonService': {} } },
    'services["com.acme.PersonService"]: is no service id; write interface:version as in com.acme.PersonService:1.0, or * for all others',
  ],
])('of the document %j it says: %s', (document, fault) => {
  expect(refusal(document)).toBe(fault);
});

test.each(['com.acme.*:1.0', 'com.acme.X:', ':1.0', 'com.acme.X:1.0:', 'com.acme.X:1 0', '__proto__', '**'])(
  '%s is no service id',
  (service) => {
    const document: unknown = JSON.parse(`{ "services": { ${JSON.stringify(service)}: {} } }`);
    expect(refusal(document)).toContain('is no service id');
  },
);

test('every broken place is named, in one message that says who said it', () => {
  const text = JSON.stringify({
    mod: 'auto',
    services: { [PEOPLE]: { mesh: 125, guard: { errorRatio: 'high' } }, nobody: { mesh: -1 } },
  });
  expect(() => parsePolicy(text, 'the file p.json')).toThrow(
    new MeshError(
      'INVALID_ARGUMENT',
      `the policy from the file p.json is refused: mod: is not known; did you mean mode?; services["${PEOPLE}"].mesh: 125 is not between 0 and 100; services["${PEOPLE}"].guard.errorRatio: "high" is not a number between 0 and 1; services.nobody: is no service id; write interface:version as in com.acme.PersonService:1.0, or * for all others; services.nobody.mesh: -1 is not between 0 and 100`,
    ),
  );
});

test('text that is not JSON is refused with its line and column', () => {
  expect(() => parsePolicy('{\n  "mode": auto\n}', 'the file p.json')).toThrow(
    new MeshError(
      'INVALID_ARGUMENT',
      "the policy from the file p.json is refused: line 2, column 11: Unexpected token 'a'",
    ),
  );
});

test('a value that is long is not quoted whole', () => {
  expect(faultsOf({ mesh: 'x'.repeat(10_000) }).length).toBeLessThan(200);
  expect(faultsOf({ ['x'.repeat(10_000)]: 1 })).toContain('is not known');
});

test('docs/migration.md has every field, and its document is one', () => {
  const [, page = ''] = readFileSync('docs/migration.md', 'utf8').split(/^## The policy document$/m);
  const [chapter] = page.split(/^## /m);
  const [, example = ''] = /^```json\n(.*?)^```$/ms.exec(chapter) ?? [];
  parsePolicy(example, 'the page');
  const documented = [...chapter.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name);
  expect(documented.sort()).toEqual([...fieldsOf(whole), ...fieldsOf(whole.services?.[PEOPLE])].sort());
});

/** `mesh`, `guard`, `guard.p99Ms`: what a whole rule holds, and the document but for its services' own. */
function fieldsOf(value: object = {}): string[] {
  return Object.entries(value).flatMap(([key, part]) => {
    const isNested = typeof part === 'object' && !Array.isArray(part) && key !== 'services';
    return [key, ...(isNested ? fieldsOf(part).map((name) => `${key}.${name}`) : [])];
  });
}
