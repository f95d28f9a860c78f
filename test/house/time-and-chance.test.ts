import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';
import { programOf, projectOptions } from './program.js';

const owners = new Set(['src/core/clock.ts', 'src/core/random.ts']);

/** Time and chance, which only these two files may touch, by the names the compiler gives them. */
const owned = new Set([
  'DateConstructor.now',
  'new Date()',
  'Performance.now',
  'NodeJS.Process.hrtime',
  'setTimeout',
  'setInterval',
  '__type.timeout', // AbortSignal's
  'Math.random',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
  'webcrypto.Crypto.randomUUID',
  'webcrypto.Crypto.getRandomValues',
]);
const nobody = new Set(['eval', 'new Function()']);

test('time, timers and chance come from the Clock and Random, and no code is made at run time', {
  timeout: 60_000,
}, () => {
  const files = ['src', 'packages/cli/src'].flatMap((folder) => {
    const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    const sources = paths.filter((path) => path.endsWith('.ts')).map((path) => join(root, folder, path));
    expect(sources.length).toBeGreaterThan(0);
    return sources;
  });
  expect(forbidden(files, new Map())).toEqual([]);
});

test('the search finds every spelling, and leaves names alone that only look alike', {
  timeout: 60_000,
}, () => {
  const spellings: Record<string, string> = {
    plain: 'Date.now(); performance.now(); Math.random(); setTimeout(() => {}, 1); setInterval(() => {}, 1);',
    global: 'globalThis.setTimeout(() => {}, 1); global.performance.now();',
    quoted: "Date['now'](); Math['random']();",
    unpacked: 'const { now } = Date; const { random: dice } = Math; now(); dice();',
    imported: "import { setTimeout as later } from 'node:timers'; later(() => {}, 1);",
    promised: "import { setTimeout as sleep } from 'node:timers/promises'; await sleep(1);",
    signal: 'AbortSignal.timeout(1);',
    process: 'process.hrtime.bigint();',
    hooks: "import { performance as watch } from 'node:perf_hooks'; watch.now();",
    bytes: "import { randomBytes } from 'node:crypto'; randomBytes(1);",
    date: 'new Date(); Date();',
    code: "eval('1'); new Function('return 1')(); Function('return 1')();",
  };
  const innocent = `
    import { Socket } from 'node:net';
    new Socket().setTimeout(1);
    const clock = { setTimeout(_: number) {}, now: 1, random: 2 };
    clock.setTimeout(clock.now + clock.random);
    export const local = (setTimeout: () => void) => setTimeout();
    export const eventTime = new Date(0);
    export const check = (f: unknown): f is Function => f instanceof Function;
  `;
  const virtual = new Map(
    [...Object.entries(spellings), ['innocent', innocent]].map(([name, code]) => [
      join(root, `src/client/virtual-${name}.ts`),
      `${code}\nexport {};\n`,
    ]),
  );
  virtual.set(
    join(root, 'src/core/clock.ts'),
    "Date.now(); setTimeout(() => {}, 1); eval('1');\nexport {};\n",
  );

  const found = forbidden([], virtual).map((line) =>
    line.replace(/^src\/(\w+)\/virtual-?(\w*)\.ts:\d+/, '$1 $2:'),
  );
  expect(found).toMatchInlineSnapshot(`
    [
      "client plain: DateConstructor.now",
      "client plain: Performance.now",
      "client plain: Math.random",
      "client plain: setTimeout",
      "client plain: setInterval",
      "client global: setTimeout",
      "client global: Performance.now",
      "client quoted: DateConstructor.now",
      "client quoted: Math.random",
      "client unpacked: DateConstructor.now",
      "client unpacked: Math.random",
      "client imported: setTimeout",
      "client promised: setTimeout",
      "client signal: __type.timeout",
      "client process: NodeJS.Process.hrtime",
      "client hooks: Performance.now",
      "client bytes: randomBytes",
      "client date: new Date()",
      "client code: eval",
      "client code: new Function()",
      "src/core/clock.ts:1 eval",
    ]
  `);
});

/** `file:line name` of every use. The compiler resolves the names: an alias or a destructured one is found too. */
function forbidden(files: readonly string[], virtual: ReadonlyMap<string, string>): string[] {
  const program = programOf(files, virtual, projectOptions());
  const checker = program.getTypeChecker();
  const wanted = new Set([...files, ...virtual.keys()]);
  const found = new Set<string>();

  for (const file of program.getSourceFiles().filter(({ fileName }) => wanted.has(fileName))) {
    const path = relative(root, file.fileName);
    const visit = (node: ts.Node): void => {
      const name = nameOf(node, checker);
      if (name && (nobody.has(name) || (owned.has(name) && !owners.has(path)))) {
        found.add(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${name}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return [...found];
}

/** The full name of what a node refers to, where the language or Node declares that. */
function nameOf(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isIdentifier(node) && !ts.isStringLiteral(node)) return;
  let symbol = checker.getSymbolAtLocation(node);
  if (ts.isBindingElement(node.parent)) {
    const source = checker.getTypeAtLocation(node.parent.parent);
    symbol = source.getProperty((node.parent.propertyName ?? node).getText());
  }
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  if (!symbol?.declarations?.[0]?.getSourceFile().fileName.includes('/node_modules/')) return;

  const name = checker.getFullyQualifiedName(symbol).replace(/^("[^"]*"|global)\./, '');
  if (name === 'Date' || name === 'Function') {
    // As types and in `instanceof` they are harmless, and so is a date of a known time.
    const called = ts.isCallExpression(node.parent) || ts.isNewExpression(node.parent);
    if (!called || node.parent.expression !== node) return;
    return name === 'Date' && ts.isNewExpression(node.parent) && node.parent.arguments?.length
      ? undefined
      : `new ${name}()`;
  }
  return name;
}
