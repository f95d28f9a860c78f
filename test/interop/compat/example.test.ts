import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, ensureInstalled, root } from '../../../scripts/project.mjs';

const run = promisify(execFile);
const EXAMPLE = 'examples/migrate-from-sofa-rpc-node';
const folder = mkdtempSync(join(tmpdir(), 'sofa-mesh-example-'));

beforeAll(() => {
  ensureInstalled(at('bench'));
  cpSync(at(EXAMPLE), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(at('bench/node_modules/sofa-rpc-node'), join(folder, 'node_modules', 'sofa-rpc-node'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the application says the same before and after its import is another one', async () => {
  const before = await run(process.execPath, [join(folder, 'main.mjs'), '0-before']);
  const after = await run(process.execPath, ['--import', 'tsx', join(EXAMPLE, 'main.mjs'), '1-import'], {
    cwd: root,
  });
  const said = ({ stdout }: { stdout: string }) =>
    stdout
      .replace(/from [\d.:]+/g, 'from')
      .split('\n')
      .slice(1);
  expect(said(before)).toContain("   found    { name: 'pen', left: 3, serial: '9007199254740993' }");
  expect(said(after)).toEqual(said(before));
});
