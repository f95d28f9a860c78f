// This library as its users get it: the built ESM package, found through the package's own `exports`.
import { existsSync, readFileSync } from 'node:fs';

/** Its name in the cases; every ratio refers to it. */
export const SELF = 'sofa-mesh-sdk';

const root = new URL('../../', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const entry = (name) => new URL(exports[name].import, root);

/** @param {'.' | './hessian' | './testing'} name */
export const importSelf = (name = '.') => import(entry(name).href);

/** Answers why this library is left out, or undefined. */
export const whyNotBuilt = () =>
  existsSync(entry('.')) ? undefined : 'sofa-mesh-sdk itself was left out: run `npm run build` first.';
