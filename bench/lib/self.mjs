// This library as its users get it: the built ESM package, found through the package's own `exports`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Its name in the cases; every ratio refers to it. */
export const SELF = 'sofa-mesh-sdk';

const root = new URL('../../', import.meta.url);
const copy = new URL('../.build/package/', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const entry = exports['.'].import;

export const importSelf = () => import(new URL(entry, copy).href);
export const importTesting = () => import(new URL(exports['./testing'].import, copy).href);

/** Answers why this library is left out, or undefined. */
export function prepareSelf() {
  if (!existsSync(new URL(entry, root))) return `${SELF} itself was left out: run \`npm run build\` first.`;
  // A copy: a build that is started meanwhile does not change what is measured.
  rmSync(copy, { recursive: true, force: true });
  cpSync(new URL('dist/', root), new URL('dist/', copy), { recursive: true });
  cpSync(new URL('package.json', root), new URL('package.json', copy));
  return undefined;
}

/** Builds what codecs/self.mjs imports, with the options of the package's own build. */
export function buildCodec() {
  const tsup = ['node_modules/tsup/dist/cli-default.js', '--no-config', '--silent'];
  const what = ['--entry.codec', 'bench/codecs/self-source.ts', '--out-dir', 'bench/.build'];
  const how = ['--format', 'esm', '--target', 'node20.19'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...tsup, ...what, ...how], {
    cwd: fileURLToPath(root),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bench/codecs/self-source.ts did not build:\n${stdout}${stderr}`);
}
