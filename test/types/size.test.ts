// What a large contract costs the compiler. Instantiations and not seconds: they are the same on every machine.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';
import { programOf, projectOptions } from '../house/program.js';

const CLASSES = 50;
const SERVICES = 10;
const METHODS = 20;

/** Classes that all reach each other, every fifth one a subclass, and their services with client and handlers. */
function contract(): string {
  const lines = [
    "import { defineClass } from '../../src/contract/define-class.js';",
    "import { defineService } from '../../src/contract/define-service.js';",
    "import { t } from '../../src/contract/t.js';",
    "import type { Client, Handlers } from '../../src/contract/types.js';",
  ];
  for (let i = 0; i < CLASSES; i++) {
    const base = i % 5 === 4 ? `, { extends: C${i - 1} }` : '';
    lines.push(`export const C${i} = defineClass('acme.C${i}', {
      id${i}: t.long, name${i}: t.String.notNull(), size${i}: t.Int, price${i}: t.BigDecimal, tags${i}: t.List(t.String),
      rates${i}: t.Map(t.String, t.Long), at${i}: t.LocalDateTime, get self${i}() { return C${i}; },
      get next${i}() { return t.List(C${(i + 1) % CLASSES}); },
      get far${i}() { return C${(i * 7 + 3) % CLASSES}.notNull(); },
    }${base});`);
  }
  for (let s = 0; s < SERVICES; s++) {
    const numbers = Array.from({ length: METHODS }, (_, m) => (s * METHODS + m) % CLASSES);
    const specs = numbers.map(
      (c, m) => `m${m}: { args: [t.long, C${c}, t.List(C${(c + 9) % CLASSES})], returns: t.List(C${c}) },`,
    );
    const handlers = numbers.map(
      (c, m) =>
        `m${m}: async (id, one, all, ctx) => [one!.self${c}, ctx.deadline > id && all ? null : undefined],`,
    );
    const calls = numbers.map(
      (c, m) =>
        `(await client.m${m}(1n, null, null))![0]!.next${c}![0]!.id${(c + 1) % CLASSES} satisfies bigint;`,
    );
    lines.push(
      `const S${s} = defineService('acme.S${s}', { ${specs.join('\n')} });`,
      `export const handlers${s}: Handlers<typeof S${s}> = { ${handlers.join('\n')} };`,
      `export const calls${s} = async (client: Client<typeof S${s}>) => { ${calls.join('\n')} };`,
    );
  }
  return lines.join('\n');
}

test('50 classes that contain each other and 200 methods are cheap to check', { timeout: 60_000 }, () => {
  const path = join(root, 'test/types/virtual-large.ts');
  const program = programOf([], new Map([[path, contract()]]), projectOptions());
  const errors = program.getSemanticDiagnostics(program.getSourceFile(path));
  expect(errors.map(({ messageText }) => messageText)).toEqual([]);
  // 38,000 when this was written; shapes that are expanded eagerly cost millions.
  expect(program.getInstantiationCount()).toBeLessThan(100_000);
});
