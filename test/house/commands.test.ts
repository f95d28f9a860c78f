import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInstalled, root } from '../../scripts/project.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'house-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lockfile(path: string, packages: Record<string, { version: string; optional?: boolean }>): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify({ packages }));
}

test('an install is fresh where it holds what the lockfile names, packages of other platforms aside', () => {
  const a = { 'node_modules/a': { version: '1.0.0' } };
  lockfile('package-lock.json', {
    '': { version: '0.0.0' },
    ...a,
    'node_modules/a-win32': { version: '1.0.0', optional: true },
  });
  expect(isInstalled(folder)).toBe(false);
  lockfile('node_modules/.package-lock.json', { 'node_modules/a': { version: '0.9.0' } });
  expect(isInstalled(folder)).toBe(false);
  lockfile('node_modules/.package-lock.json', a);
  expect(isInstalled(folder)).toBe(true);
});

test.each([
  { command: ['scripts/demo.mjs', '--java'], needs: 'java and mvn', missing: 'java, mvn' },
  { command: ['scripts/demo.mjs', '--zookeeper'], needs: 'java and mvn', missing: 'java, mvn' },
  { command: ['scripts/demo.mjs', '--mosn'], needs: 'java, mvn and go', missing: 'java, mvn, go' },
  { command: ['scripts/sidecar.mjs'], needs: 'go', missing: 'go' },
  { command: ['scripts/interop.mjs', 'java'], needs: 'java and mvn', missing: 'java, mvn' },
  { command: ['scripts/interop.mjs'], needs: 'java, mvn and go', missing: 'java, mvn, go' },
])('$command says in one line that $needs are missing, and fails', ({ command, needs, missing }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    env: { PATH: folder },
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.replace(/^npm run \S+/, '')).toBe(` needs ${needs}; not on the PATH: ${missing}.\n`);
});

test('an unknown part of the interop tests is named, with those that exist', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/interop.mjs', 'nosuch'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^No such part: nosuch\. There are: .*\bjava\b/);
});
