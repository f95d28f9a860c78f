import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from './manifest.js';
import { EGG_PLUGINS, OLD_PACKAGES } from './names.js';

/** A package that the app depends on, and that requires an old one itself. */
export interface Requirer {
  readonly name: string;
  /** It takes the app's own copy of the old package. */
  readonly isPeer: boolean;
}

/** The dependencies of a package that require an old one themselves: those of egg, and what their package.json says. */
export async function requirersOf(root: string, manifest: Manifest): Promise<Requirer[]> {
  const own: readonly string[] = OLD_PACKAGES;
  const names = [...new Set(manifest.names)].filter((name) => !own.includes(name));
  const found = names.map(async (name): Promise<Requirer[]> => {
    const { dependencies, peerDependencies } = await installed(root, manifest.folder, name);
    const isPeer = OLD_PACKAGES.some((old) => old in peerDependencies);
    const requires = isPeer || OLD_PACKAGES.some((old) => old in dependencies);
    return requires || EGG_PLUGINS.includes(name) ? [{ name, isPeer }] : [];
  });
  return (await Promise.all(found)).flat();
}

interface Needs {
  readonly dependencies: object;
  readonly peerDependencies: object;
}

/** What an installed package needs; nothing where it is not installed, as on a machine that only reads the code. */
async function installed(root: string, folder: string, name: string): Promise<Needs> {
  for (const from of new Set([folder, '.'])) {
    try {
      const text = await readFile(join(root, from, 'node_modules', name, 'package.json'), 'utf8');
      const { dependencies = {}, peerDependencies = {} } = JSON.parse(text) as Partial<Needs>;
      return { dependencies, peerDependencies };
    } catch {
      // Not there, or no package.json: the next folder.
    }
  }
  return { dependencies: {}, peerDependencies: {} };
}
