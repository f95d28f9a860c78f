import { execFile } from 'node:child_process';
import { relative } from 'node:path';
import { promisify } from 'node:util';
import { at, root } from '../../scripts/project.mjs';

export const run = promisify(execFile);
const tsup = at('node_modules/tsup/dist/cli-default.js');

/** Builds the SDK into a folder of this repository, without its declarations. */
export async function buildSdk(folder: string): Promise<void> {
  await run(process.execPath, [tsup, '--no-dts', '--out-dir', relative(root, folder)], { cwd: root });
}

/** Builds the command line tool into a folder of this repository. */
export async function buildCli(folder: string): Promise<void> {
  const cwd = at('packages/cli');
  await run(process.execPath, [tsup, '--out-dir', relative(cwd, folder)], { cwd });
}
