import { basename } from 'node:path/posix';
import type { ReadFile } from './files.js';
import type { Finding } from './finding.js';
import { Manifest } from './manifest.js';
import type { Aliases, OldPackage, Versions } from './names.js';
import { NO_ALIASES } from './names.js';

/** The package.json files of a folder, each for the files below it. */
export class Manifests {
  readonly all: readonly Manifest[];
  /** Those that cannot be read. */
  readonly findings: readonly Finding[];

  constructor(files: readonly ReadFile[], versions: Versions) {
    const all: Manifest[] = [];
    const findings: Finding[] = [];
    for (const { file } of files) {
      if (!isManifest(file.path)) continue;
      const manifest = new Manifest(file, versions);
      if (manifest.json.code.isBalanced) all.push(manifest);
      else
        findings.push({
          ...file.place(0),
          topic: 'file',
          message: 'it is not JSON: its dependencies were not read',
        });
    }
    // The nearest first.
    this.all = all.sort((a, b) => b.folder.length - a.folder.length);
    this.findings = findings;
  }

  /** The nearest package.json above a file of which something holds. */
  above(path: string, holds: (manifest: Manifest) => boolean = () => true): Manifest | undefined {
    return this.all.find((manifest) => isWithin(path, manifest.folder) && holds(manifest));
  }

  aliasesFor(path: string): Aliases {
    return this.merged(path, NO_ALIASES, ({ aliases }) => aliases);
  }

  subpathsFor(path: string): Aliases {
    return this.merged(path, new Map(), ({ subpaths }) => subpaths);
  }

  private merged(path: string, first: Aliases, namesOf: (manifest: Manifest) => Aliases): Aliases {
    const names = new Map<string, OldPackage>(first);
    for (const manifest of this.all) {
      if (isWithin(path, manifest.folder)) for (const [name, old] of namesOf(manifest)) names.set(name, old);
    }
    return names;
  }
}

export function isManifest(path: string): boolean {
  return basename(path) === 'package.json';
}

function isWithin(path: string, folder: string): boolean {
  return folder === '.' || path.startsWith(`${folder}/`);
}
