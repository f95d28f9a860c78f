// The two libraries that are compared: sofa-rpc-node as the bench installs it, and ours as it is built.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const requireOld = createRequire(join(ROOT, 'bench/package.json'));
const requireNew = createRequire(join(ROOT, 'package.json'));
/** compat.test.ts makes a build of its own. */
const DIST = process.env.COMPAT_DIST ?? join(ROOT, 'dist');

/** @typedef {{ lib: any, bolt: any, importLib(): Promise<any>, importBolt(): Promise<any> }} Library */

/** @type {Map<string, Library>} */
const loaded = new Map();

/** @param {import('./world.mjs').Side} side @returns {Library} */
export function libraryOf(side) {
  let library = loaded.get(side);
  if (library === undefined) {
    library = side === 'old' ? oldLibrary() : newLibrary();
    loaded.set(side, library);
  }
  return library;
}

/** What sofa-rpc-node brings along, such as node-zookeeper-client. @param {string} name @returns {any} */
export const bundledWithOld = (name) => requireOld(name);

/** @returns {Library} */
function oldLibrary() {
  const importOf = (/** @type {string} */ name) => import(pathToFileURL(requireOld.resolve(name)).href);
  return {
    lib: requireOld('sofa-rpc-node'),
    bolt: requireOld('sofa-bolt-node'),
    importLib: () => importOf('sofa-rpc-node'),
    importBolt: () => importOf('sofa-bolt-node'),
  };
}

/** @returns {Library} */
function newLibrary() {
  const importOf = (/** @type {string} */ name) => import(pathToFileURL(join(DIST, name)).href);
  return {
    lib: requireNew(join(DIST, 'compat.cjs')),
    bolt: requireNew(join(DIST, 'compat-bolt.cjs')),
    importLib: () => importOf('compat.js'),
    importBolt: () => importOf('compat-bolt.js'),
  };
}
