import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../../packages/cli/src/cli.js';
import { at, ensureInstalled, root } from '../../../scripts/project.mjs';

// Small apps run on the old packages, are migrated by the command, and run without them on the built compat.
const run = promisify(execFile);
const OLD = ['sofa-rpc-node', 'sofa-bolt-node'];
const tsx = pathToFileURL(at('node_modules/tsx/dist/loader.mjs')).href;

beforeAll(async () => {
  ensureInstalled(at('bench'));
  // What an application gets: the build, with its declarations.
  await run(process.execPath, [at('node_modules/tsup/dist/cli-default.js'), '--silent'], { cwd: root });
});

class App {
  readonly folder = mkdtempSync(join(tmpdir(), 'sofa-mesh-app-'));

  constructor(name: string) {
    cpSync(at('test/fixtures', name), this.folder, { recursive: true });
    this.link('sofa-mesh-sdk', root);
    this.link('@types/node', at('node_modules/@types/node'));
    // The real path of a linked package is where it finds what it needs itself.
    for (const old of OLD) this.link(old, at('bench/node_modules', old));
  }

  link(name: string, target: string): void {
    const path = join(this.folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  }

  unlink(name: string): void {
    unlinkSync(join(this.folder, 'node_modules', name));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** What the app prints. It rejects where the app does not end well. */
  async start(...args: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, args, { cwd: this.folder, timeout: 90_000 });
    return stdout;
  }

  async migrate(): Promise<{
    changes: unknown[];
    needsPerson: { topic: string; file: string; lines?: string[] }[];
  }> {
    const out: string[] = [];
    const io = {
      stdin: (async function* () {})(),
      stdout: (line: string) => out.push(line),
      stderr: () => {},
    };
    await main(['migrate', this.folder, '--write', '--offline', '--json'], io);
    return JSON.parse(out.join('\n'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const apps = [
  {
    name: 'plain-app',
    start: ['index.js'],
    prints: ['greet    HELLO ADA', 'sum      42', 'tested   hello Test'],
  },
  {
    name: 'typescript-app',
    start: ['--import', tsx, 'src/main.ts'],
    prints: ['find    {"id":1,"items":["ink","paper"]}', 'who     caller of who', 'lazy    function'],
  },
  {
    name: 'egg-like-app',
    start: ['index.js'],
    prints: ['greet    hello Ada, from rpc', 'mocked   mocked Ada'],
  },
];

describe.each(apps)('$name', ({ name, start, prints }) => {
  let app: App;
  let before: string;

  beforeAll(() => {
    app = new App(name);
  });
  afterAll(() => app.remove());

  test('runs on the old packages', async () => {
    before = await app.start(...start);
    expect(before.split('\n')).toEqual(expect.arrayContaining(prints));
  });

  test('is migrated once: a second run changes nothing', async () => {
    expect((await app.migrate()).changes).not.toEqual([]);
    expect((await app.migrate()).changes).toEqual([]);
    expect(Object.keys(JSON.parse(app.read('package.json')).dependencies)).toEqual(['sofa-mesh-sdk']);
  });

  test('runs without the old packages, and prints the same', async () => {
    for (const old of OLD) app.unlink(old);
    expect(await app.start(...start)).toBe(before);
  });
});

describe('the types of typescript-app', () => {
  let app: App;
  beforeAll(() => {
    app = new App('typescript-app');
  });
  afterAll(() => app.remove());

  const check = () => app.start(at('node_modules/typescript/bin/tsc'), '-p', '.');

  test('hold before', async () => {
    expect(await check()).toBe('');
  });

  test('hold on those of compat, once those of the app are removed as it is told', async () => {
    const { needsPerson } = await app.migrate();
    const files = new Set(needsPerson.filter(({ topic }) => topic === 'types').map(({ file }) => file));
    for (const file of files) rmSync(join(app.folder, file));
    expect(await check()).toBe('');
  });
});

describe('egg-like-app, with its plugin among the installed packages', () => {
  let app: App;
  let before: string;

  beforeAll(() => {
    app = new App('egg-like-app');
    const plugin = join(app.folder, 'node_modules/egg-rpc-base');
    cpSync(join(app.folder, 'plugin/rpc'), plugin, { recursive: true });
    rmSync(join(app.folder, 'plugin'), { recursive: true });
    app.write('config/plugin.js', "exports.rpc = { enable: true, package: 'egg-rpc-base' };\n");
    const manifest = JSON.parse(app.read('package.json'));
    manifest.dependencies['egg-rpc-base'] = '1.3.1';
    app.write('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  });
  afterAll(() => app.remove());

  test('runs on the old packages', async () => {
    before = await app.start('index.js');
    expect(before).toContain('mocked   mocked Ada');
  });

  test('is told the lines to write, which are all that it needs', async () => {
    const { needsPerson } = await app.migrate();
    const lines = needsPerson.find(({ topic }) => topic === 'egg-plugin')?.lines ?? [];
    for (const line of lines) {
      const [, path, text] = /^(\S+\/\S+): (.*)$/.exec(line) ?? [];
      if (path !== undefined) app.write(path, `${text}\n`);
    }
    // What npm does with the lines for package.json: a link for each of the folders.
    for (const old of OLD) {
      app.unlink(old);
      app.link(old, join(app.folder, 'vendor', old));
    }
    expect(await app.start('index.js')).toBe(before);
  });
});
