import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';
import { DIAGNOSTICS_VERSION } from '../../src/core/operations.js';

const page = readFileSync(join(root, 'docs/diagnostics.md'), 'utf8');

function statementsOf(path: string): readonly ts.Statement[] {
  const text = readFileSync(join(root, path), 'utf8');
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements;
}

const nameOf = (member: ts.TypeElement): string => (member.name as ts.Identifier).text;

/** The members of an interface, and what each says of its own members. */
function membersOf(path: string, name: string): Map<string, string[]> {
  const found = statementsOf(path).find(
    (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
  );
  if (found === undefined) throw new Error(`${path} has no ${name}`);
  const fieldsOf = (member: ts.TypeElement) => {
    const type = ts.isPropertySignature(member) ? member.type : undefined;
    return type !== undefined && ts.isTypeLiteralNode(type) ? type.members.map(nameOf) : [];
  };
  return new Map(found.members.map((member) => [nameOf(member), fieldsOf(member)]));
}

/** The cells of the table whose heading begins so. */
function tableOf(heading: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading));
  expect(start, heading).toBeGreaterThan(0);
  const rows = lines.slice(start + 2, lines.indexOf('', start));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks. */
const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);

test('docs/diagnostics.md has every event, and the payload of each', () => {
  const events = membersOf('src/core/events.ts', 'EventMessages');
  const rows = tableOf('| event |').map(([event, , payload]) => [quoted(event)[0], quoted(payload).sort()]);
  expect(new Map(rows as [string, string[]][])).toEqual(
    new Map([...events].map(([event, fields]) => [event, fields.sort()])),
  );
});

test('docs/diagnostics.md has every operation, and each field of its payload', () => {
  const path = 'src/core/operations.ts';
  const payloads = {
    'client.call': 'CallTrace',
    'client.attempt': 'AttemptTrace',
    'server.call': 'ServerCallTrace',
  };
  const operations = tableOf('| channels').map(([name, payload]) => [quoted(name)[0], quoted(payload)[0]]);
  expect(Object.fromEntries(operations)).toEqual(payloads);
  expect([...membersOf('src/core/events.ts', 'TracingMessages').keys()]).toEqual(Object.keys(payloads));
  const common = [...membersOf(path, 'TracedOperation').keys()];
  const rows = tableOf('| field |');
  for (const [column, payload] of Object.values(payloads).entries()) {
    const told = rows.filter((cells) => cells[column + 1] === 'x').map(([field]) => quoted(field)[0]);
    expect(told.sort(), payload).toEqual([...common, ...membersOf(path, payload).keys()].sort());
  }
});

test('docs/diagnostics.md has every reason for a refusal', () => {
  const type = statementsOf('src/core/operations.ts').find(
    (node): node is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(node) && node.name.text === 'RefusalReason',
  )?.type as ts.UnionTypeNode;
  const reasons = type.types.map((part) => ((part as ts.LiteralTypeNode).literal as ts.StringLiteral).text);
  expect(tableOf('| `reason` | the').map(([reason]) => quoted(reason)[0])).toEqual(reasons);
});

test('docs/diagnostics.md says which version of the interface it is about', () => {
  expect(page).toContain(`This page is version ${DIAGNOSTICS_VERSION}, \`DIAGNOSTICS_VERSION\``);
});
