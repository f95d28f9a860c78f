import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenariosPage } from '../../scripts/compat-docs.mjs';
import { at } from '../../scripts/project.mjs';
import { loadScenarios } from '../interop/compat/world/load.mjs';

const scenarios = await loadScenarios();

test('docs/compat-scenarios.md lists the scenarios as they are: node scripts/compat-docs.mjs', () => {
  expect(readFileSync(at('docs/compat-scenarios.md'), 'utf8')).toBe(scenariosPage(scenarios));
});

test('there are at least 150 scenarios, and most of them allow no difference', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(150);
  const different = scenarios.filter(({ differs }) => differs !== undefined);
  expect(different.length).toBeLessThan(scenarios.length / 10);
});
