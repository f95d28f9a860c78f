import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { main } from '../../packages/cli/src/cli.js';
import { root } from '../../scripts/project.mjs';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'packages/cli/README.md'],
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

/** Paths of the repository that a page names: in backticks, or as the target of a link. */
function pathsIn(page: string, text: string): string[] {
  const named = [
    ...text.matchAll(
      /`((?:src|packages|test|docs|examples|scripts|bench|etc)\/[\w./-]*|\.[\w-]+\.cjs|[\w-]+\.(?:json|md|ts))`/g,
    ),
  ];
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)];
  return [
    ...named.map(([, path]) => path),
    ...linked.map(([, path]) => normalize(join(dirname(page), path))),
  ];
}

test.each(pages)('%s names paths that exist', (page) => {
  const text = read(page).replace(/^```[\s\S]*?^```$/gm, '');
  const missing = pathsIn(page, text).filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

test('ARCHITECTURE.md has every folder of src/ and of packages/ in its ladder', () => {
  const folders = ['src', 'packages'].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `\`${parent}/${name}/\``),
  );
  const rows =
    read('ARCHITECTURE.md')
      .match(/^\| \d \|.*$/gm)
      ?.join('\n') ?? '';
  expect(folders.filter((folder) => !rows.includes(folder))).toEqual([]);
});

/** The members of an interface, or the constants of a union of strings. */
function namesOf(path: string, type: string): string[] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  for (const node of source.statements) {
    if (ts.isInterfaceDeclaration(node) && node.name.text === type)
      return node.members.map((member) => (member.name as ts.Identifier).text);
    if (ts.isTypeAliasDeclaration(node) && node.name.text === type && ts.isUnionTypeNode(node.type))
      return node.type.types.map((part) => ((part as ts.LiteralTypeNode).literal as ts.StringLiteral).text);
  }
  throw new Error(`${path} has no ${type}`);
}

/** The names in backticks in the first column of the README's table with this heading. */
function tableOf(heading: string): string[] {
  const lines = read('README.md').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading}`));
  const end = lines.indexOf('', start);
  const cells = lines.slice(start + 2, end).map((line) => line.split('|')[1]);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
}

test.each([
  [
    '`new MeshClient',
    [
      ['src/client/options.ts', 'RoutingOptions'],
      ['src/client/options.ts', 'MeshClientOptions'],
    ],
  ],
  [
    'a call:',
    [
      ['src/core/call.ts', 'CallOptions'],
      ['src/client/options.ts', 'InvokeOptions'],
    ],
  ],
  ['`new MeshServer', [['src/server/options.ts', 'MeshServerOptions']]],
  ['`server.stop', [['src/server/options.ts', 'StopOptions']]],
  ['`defineService', [['src/contract/define-service.ts', 'ServiceOptions']]],
  ['a method of it', [['src/contract/types.ts', 'MethodSpec']]],
  ['code |', [['src/core/errors.ts', 'ErrorCode']]],
])('the table "%s" of the README has what the code has', (heading, types) => {
  const names = types.flatMap(([path, type]) => namesOf(path, type));
  expect(tableOf(heading).sort()).toEqual(names.sort());
});

test('the sofa-mesh commands of the README and of its own help print what they are given', async () => {
  const pages = ['README.md', 'packages/cli/README.md', 'packages/cli/src/cli.ts'].map(read).join('\n');
  const commands = pages.matchAll(/sofa-mesh (decode [\w -]*[0-9a-f]{6,})/g);
  const lines: string[] = [];
  const io = {
    stdin: (async function* () {})(),
    stdout: (line: string) => lines.push(line),
    stderr: () => undefined,
  };
  const codes = [];
  for (const [, command] of commands) codes.push(await main(command.split(' '), io));
  expect(codes).toEqual([0, 0, 0, 0, 0]);
  expect(lines.filter((line) => !('body' in JSON.parse(line)))).toEqual([]);
});
