import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { interopPage } from '../../../scripts/interop-docs.mjs';

it('docs/interop.md lists the tests as they are: node scripts/interop-docs.mjs --write', () => {
  expect(readFileSync(new URL('../../../docs/interop.md', import.meta.url), 'utf8')).toBe(interopPage());
});

it('each direction has at least 60 cases', () => {
  const page = readFileSync(new URL('../../../docs/interop.md', import.meta.url), 'utf8');
  for (const heading of ['Node.js client → Java provider', 'Java consumer → Node.js server']) {
    const count = new RegExp(`## ${heading}: (\\d+) cases`).exec(page)?.[1];
    expect(Number(count), heading).toBeGreaterThanOrEqual(60);
  }
});
