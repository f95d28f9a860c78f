import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at } from '../../scripts/project.mjs';
import { run } from './built.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Without the settings of the npm that runs the tests: `npx -p node@22` would hand its own on to an npx in here. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

const QUIET = ['--ignore-scripts', '--loglevel=error'];

async function command(name: 'npm' | 'npx', args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run(name, args, { cwd, env, shell: process.platform === 'win32' });
  return stdout;
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Packs a package of this repository with a build of its own, `build(dist)`. Returns the path of the tarball. */
export async function packed(
  folder: string,
  into: string,
  build: (dist: string) => Promise<void>,
): Promise<string> {
  const staged = join(into, `${manifestOf(folder).name}-staged`);
  mkdirSync(staged, { recursive: true });
  for (const name of ['package.json', 'README.md', 'LICENSE'])
    copyFileSync(join(folder, name), join(staged, name));
  await build(join(staged, 'dist'));
  return pack(staged, into);
}

async function pack(folder: string, into: string): Promise<string> {
  const stdout = await command('npm', ['pack', folder, ...QUIET, '--pack-destination', into, '--json'], into);
  const [{ filename }] = JSON.parse(stdout);
  return join(into, filename);
}

/** An empty folder outside of the repository, so that nothing in it is found by chance. */
export class EmptyProject {
  readonly root = mkdtempSync(join(tmpdir(), 'sofa-mesh-installed-'));

  constructor() {
    this.write('package.json', '{ "private": true }\n');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  /** Installs a tarball as npm does, offline: what it depends on is packed from this repository's node_modules. */
  async install(tarball: string, manifest: Manifest, into: string): Promise<void> {
    const dependencies = await Promise.all(closureOf(manifest).map((folder) => pack(folder, into)));
    const settings = [...QUIET, '--offline', '--no-audit', '--no-fund', '--no-save'];
    await command('npm', ['install', ...settings, tarball, ...dependencies], this.root);
  }

  /** The paths of all installed packages, `node_modules/..`. */
  installed(): string[] {
    const record = readFileSync(join(this.root, 'node_modules/.package-lock.json'), 'utf8');
    return Object.keys(JSON.parse(record).packages).sort();
  }

  /** Runs Node here. Returns what it printed, as JSON. */
  async node(args: string[]): Promise<unknown> {
    const { stdout } = await run(process.execPath, args, { cwd: this.root });
    return JSON.parse(stdout);
  }

  npx(...args: string[]): Promise<string> {
    return command('npx', ['--no-install', ...args], this.root);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The folders of all that a package depends on, directly or not, as this repository's lockfile has it. */
function closureOf(manifest: Manifest): string[] {
  const { packages } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')) as {
    packages: Record<string, Manifest>;
  };
  const found = new Set<string>();
  const visit = (from: string, dependencies: Manifest['dependencies'] = {}): void => {
    for (const name of Object.keys(dependencies)) {
      const path = [`${from}/node_modules/${name}`, `node_modules/${name}`].find((path) => path in packages);
      if (path === undefined) throw new Error(`the lockfile has no ${name}`);
      if (found.has(path)) continue;
      found.add(path);
      visit(path, packages[path].dependencies);
    }
  };
  visit('', manifest.dependencies);
  return [...found].map((path) => at(path));
}
