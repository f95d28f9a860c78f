// What the scripts share. Node's built-ins only: these lines run before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** A path inside the repository.
 * @param {string[]} parts */
export const at = (...parts) => join(root, ...parts);

/** Runs `npm ci` in `folder` unless what is installed there is what its lockfile says.
 * @param {string} [folder] */
export function ensureInstalled(folder = root) {
  if (isInstalled(folder)) return;
  // To standard error: the output of `npm run bench -- --json` is read by a program.
  console.error(`Installing dependencies in ${folder} ..`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed: see above. Nothing else was run.');
}

/** Whether node_modules is what the lockfile says.
 * @param {string} folder */
export function isInstalled(folder) {
  // npm writes this second lockfile at the end of an install: what really is in node_modules.
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    // Optional packages are those of other platforms.
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/** Ends with one clear line unless every tool is on the PATH.
 * @param {string} what @param {string[]} tools */
export function requireTools(what, tools) {
  const missing = tools.filter((tool) => spawnSync(tool, ['-version'], { stdio: 'ignore' }).error);
  if (missing.length > 0) fail(`${what} needs ${inWords(tools)}; not on the PATH: ${missing.join(', ')}.`);
}

/** @param {string[]} tools */
function inWords(tools) {
  return tools.length < 2 ? tools.join('') : `${tools.slice(0, -1).join(', ')} and ${tools.at(-1)}`;
}

/** Runs Node with these arguments, output shown, and resolves to the exit code.
 * @param {string[]} args @returns {Promise<number>} */
export function node(args, options = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** @param {string} message @returns {never} */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
