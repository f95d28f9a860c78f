import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';
import { programOf, projectOptions } from './program.js';

/**
 * The snippets of a Markdown file, as files in the repository's folder. One that opens with a comment such as
 * `// people.ts` gets that name, so that a later snippet can import it; a snippet's first line may be far down, hence the
 * blank lines.
 */
function snippetsOf(markdown: string, page: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const match of markdown.matchAll(/^```(ts|typescript|js|javascript|mjs|cjs)\b.*\n([\s\S]*?)^```$/gm)) {
    const line = markdown.slice(0, match.index).split('\n').length;
    const name = /^\/\/ ([\w-]+\.[jt]s)\n/.exec(match[2])?.[1] ?? `${basename(page)}-${line}.ts`;
    files.set(join(root, name), '\n'.repeat(line) + match[2]);
  }
  return files;
}

/** What the compiler, at its strictest, says of each snippet. */
function errorsOf(snippets: ReadonlyMap<string, string>): string[] {
  const options = {
    ...projectOptions(),
    noUnusedLocals: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
  const program = programOf([], snippets, options);
  return program
    .getSourceFiles()
    .filter(({ fileName }) => snippets.has(fileName))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, start = 0, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${file && basename(file.fileName)}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
}

test('every snippet of the README and of docs/ compiles', { timeout: 60_000 }, () => {
  const docs = readdirSync(join(root, 'docs')).map((name) => join('docs', name));
  const snippets = new Map<string, string>();
  for (const page of ['README.md', ...docs]) {
    for (const [path, text] of snippetsOf(readFileSync(join(root, page), 'utf8'), page)) {
      expect(snippets.has(path), `${page}: another snippet is called ${path}`).toBe(false);
      snippets.set(path, text);
    }
  }
  expect(snippets.size).toBeGreaterThan(0);
  expect(errorsOf(snippets)).toEqual([]);
});

test('a wrong snippet is found, by its line', { timeout: 60_000 }, () => {
  const markdown = [
    '```ts',
    '// one.ts',
    'export const one: number = 1;',
    '```',
    '```js',
    "import { one } from './one.js';",
    'one.toUpperCase();',
    '```',
  ].join('\n');
  expect(errorsOf(snippetsOf(markdown, 'README.md'))).toEqual([
    "README.md-5.ts:7 Property 'toUpperCase' does not exist on type 'number'.",
  ]);
});
