import { NEW_PACKAGE, OLD_PACKAGES, standInOf } from './names.js';

/** The folder of the packages that lead the old names to compat, where something that cannot be changed requires them. */
const FOLDER = 'vendor';

/**
 * What to write so that packages which require the old names themselves get compat. npm cannot do it by an alias: it leads a
 * name to another package, not to an entry of one.
 */
export function standInLines(range: string): string[] {
  const files = OLD_PACKAGES.flatMap((old) => [
    `${FOLDER}/${old}/package.json: { "name": "${old}", "version": "2.10.0", "main": "index.js" }`,
    `${FOLDER}/${old}/index.js: module.exports = require('${standInOf(old)}');`,
  ]);
  const dependencies = OLD_PACKAGES.map((old) => `"${old}": "file:${FOLDER}/${old}"`);
  const overrides = OLD_PACKAGES.map((old) => `"${old}": "$${old}"`);
  return [
    ...files,
    `package.json, "dependencies": "${NEW_PACKAGE}": "${range}", ${dependencies.join(', ')}`,
    `package.json, "overrides": { ${overrides.join(', ')} }`,
    `(yarn: "resolutions", pnpm: "pnpm": { "overrides" }, with the values of "dependencies")`,
  ];
}

/** Whether a dependency's range is a package of the app's own: a folder beside it. */
export function isOwnFolder(range: string): boolean {
  return /^(?:file|link|portal|workspace):/.test(range);
}
