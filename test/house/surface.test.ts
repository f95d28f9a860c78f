// What users see of the package, as the reports in etc/ have it: every name in it is one that they can import.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { entries } from '../../scripts/entries.mjs';
import { root } from '../../scripts/project.mjs';
import { programOf, projectOptions } from './program.js';

const declaration =
  /^(export )?(?:declare |abstract )*(?:class|interface|type|function|const|enum|namespace) (\w+)/gm;

/** The declarations of an entry's report, and their names. */
function reportOf(entry: string) {
  const markdown = readFileSync(join(root, 'etc', `${entry}.api.md`), 'utf8').replaceAll('\r\n', '\n');
  const [, body] = /^```ts\n([\s\S]*?)^```$/m.exec(markdown) ?? ['', ''];
  // A default export stands there as a declaration and, after it, the export.
  const [, byDefault] = /^export default (\w+);$/m.exec(body) ?? [];
  const code = body.replace(`\nconst ${byDefault}: `, `\nexport const ${byDefault}: `);
  const all = [...code.matchAll(declaration)];
  return {
    code,
    exported: all.filter(([, isExported]) => isExported).map(([, , name]) => name),
    leaked: all.filter(([, isExported]) => !isExported).map(([, , name]) => name),
  };
}

const main = reportOf('index');

test.each(entries)('$specifier exports every declaration that its users meet', ({ name }) => {
  const { exported, leaked } = reportOf(name);
  expect(exported.length).toBeGreaterThan(10);
  expect(leaked).toEqual([]);
});

test.each(entries)(
  'no declaration of $specifier names what neither it nor the main entry exports',
  { timeout: 60_000 },
  ({ name }) => {
    const { code, exported } = reportOf(name);
    const others = main.exported.filter((one) => !exported.includes(one));
    const imports =
      name === 'index' ? '' : `import type { ${others.join(', ')} } from './report-index.js';\n`;
    // A declaration file whose types are the report's: the compiler says which names it does not find.
    const files = new Map([[join(root, 'temp/report-index.d.ts'), main.code]]);
    const path = join(root, `temp/report-${name}.d.ts`);
    files.set(path, imports + code);
    const options = { ...projectOptions(), skipLibCheck: false, noUnusedLocals: false };
    const program = programOf([], files, options);
    const source = program.getSourceFile(path);
    const problems = program
      .getSemanticDiagnostics(source)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    expect(problems).toEqual([]);
  },
);
