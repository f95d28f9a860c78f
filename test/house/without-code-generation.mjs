// Run by built.test.ts as `node --disallow-code-generation-from-strings <this> <dist> <js|cjs>`: the built package, by
// itself. Prints one JSON object of what passed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, extension] = process.argv.slice(2);
const require = createRequire(import.meta.url);
/** @param {string} name */
const load = (name) => {
  const path = join(dist, `${name}.${extension}`);
  return extension === 'cjs' ? require(path) : import(pathToFileURL(path).href);
};
const fixture = (/** @type {string} */ name) =>
  readFileSync(new URL(`../wire/fixtures/${name}`, import.meta.url), 'utf8');
const rowsOf = (/** @type {string} */ name) =>
  fixture(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

try {
  new Function('return 1');
  throw new Error('code generation is not forbidden in this process');
} catch (error) {
  if (!(error instanceof EvalError)) throw error;
}

const expected = JSON.parse(fixture('expected.json'));
/** @type {string[]} */
const failed = [];

/** Every vector, decoded losslessly and encoded again, is the bytes that Java wrote. */
async function hessianVectors() {
  const { decodeAll, encodeAll } = await load('hessian');
  let passed = 0;
  for (const grammar of ['sofa', 'final']) {
    for (const { name, hex } of rowsOf(`hessian-${grammar}.ndjson`)) {
      if (outcome(() => encodeAll(decodeAll(Buffer.from(hex, 'hex'), { grammar, lossless: true }), { grammar }), hex)) {
        passed++;
      } else if (expected.hessian[`${grammar}:${name}`]) {
        passed++;
      } else {
        failed.push(`${grammar}: ${name}`);
      }
    }
  }
  return passed;
}

/** @param {() => Uint8Array} again @param {string} hex */
function outcome(again, hex) {
  try {
    return Buffer.from(again()).toString('hex') === hex;
  } catch {
    return false;
  }
}
