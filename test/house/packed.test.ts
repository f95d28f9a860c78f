import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, root } from '../../scripts/project.mjs';
import { buildCli, buildSdk } from './built.js';
import { EmptyProject, manifestOf, packed } from './packed.js';

// What a user gets: both packages, packed and installed in empty folders.
let into: string;
const projects: EmptyProject[] = [];

async function installed(folder: string, build: (dist: string) => Promise<void>): Promise<EmptyProject> {
  const project = new EmptyProject();
  projects.push(project);
  const tarball = await packed(folder, into, build);
  await project.install(tarball, manifestOf(folder), into);
  return project;
}

beforeAll(() => {
  mkdirSync(at('temp'), { recursive: true });
  into = mkdtempSync(at('temp/packed-'));
});

afterAll(() => {
  for (const project of projects) project.remove();
  rmSync(into, { recursive: true, force: true });
});

describe('the SDK', () => {
  let sdk: EmptyProject;
  beforeAll(async () => {
    sdk = await installed(root, buildSdk);
  }, 300_000);

  test('is at most five packages, itself among them, and none of them is for the command line', () => {
    const packages = sdk.installed();
    expect(packages).toContain('node_modules/sofa-mesh-sdk');
    expect(packages.length).toBeLessThanOrEqual(5);
    for (const name of ['cac', 'js-tokens', 'koa-compose', 'protobufjs', 'node-zookeeper-client'])
      expect(packages).not.toContain(`node_modules/${name}`);
  });

  test.each([
    ['sofa-mesh-sdk', ['eventemitter3', 'lru-cache']],
    ['sofa-mesh-sdk/compat', ['eventemitter3', 'lru-cache']],
    ['sofa-mesh-sdk/hessian', []],
  ])(
    'require("%s") loads %j beside it, and nothing of Node that few processes need',
    async (name, packages) => {
      const script = `
      const before = process.moduleLoadList.length;
      require(${JSON.stringify(name)});
      const packages = Object.keys(require.cache).map((path) => /.*node_modules[\\\\/]([^\\\\/]+)/.exec(path)?.[1]);
      const builtins = process.moduleLoadList.slice(before).filter((entry) => /^NativeModule [a-z]/.test(entry));
      console.log(JSON.stringify({ packages, builtins: builtins.map((entry) => entry.slice(13)) }));
    `;
      const loaded = (await sdk.node(['-e', script])) as { packages: string[]; builtins: string[] };
      expect([...new Set(loaded.packages)].filter((name) => name !== 'sofa-mesh-sdk').sort()).toEqual(
        packages,
      );
      const rare = ['child_process', 'dgram', 'dns/promises', 'http', 'http2', 'https', 'tls'];
      if (name !== 'sofa-mesh-sdk/compat') rare.push('crypto');
      expect(loaded.builtins.filter((builtin) => rare.includes(builtin))).toEqual([]);
    },
  );

  test.each([
    ['ESM', ['--input-type=module', '-e'], "const sdk = await import('sofa-mesh-sdk');"],
    ['CommonJS', ['-e'], "const sdk = require('sofa-mesh-sdk');"],
  ])('says as %s what to install where protobufjs is not there', async (_format, options, load) => {
    const print = '({ code, message }) => console.log(JSON.stringify({ code, message }))';
    const script = `${load} sdk.loadProtobuf('people.proto').catch(${print});`;
    expect(await sdk.node([...options, script])).toEqual({
      code: 'INVALID_ARGUMENT',
      message:
        'loadProtobuf needs the package protobufjs, which could not be loaded: npm install protobufjs@8',
    });
  });
});

describe('the command line tool', () => {
  let cli: EmptyProject;
  beforeAll(async () => {
    cli = await installed(at('packages/cli'), buildCli);
  }, 300_000);

  test('decodes where there is no SDK', async () => {
    expect(cli.installed()).not.toContain('node_modules/sofa-mesh-sdk');
    expect(await cli.npx('sofa-mesh', 'decode', '--hessian', '91')).toBe(
      '{"body":{"c":"java.lang.Integer","v":1}}\n',
    );
  });

  test('migrates an app, to the version of the SDK that it was made for', async () => {
    cli.write('package.json', '{ "private": true, "dependencies": { "sofa-rpc-node": "^2.10.0" } }\n');
    cli.write('index.js', "const { client } = require('sofa-rpc-node');\n");
    await cli.npx('sofa-mesh', 'migrate', '.', '--write', '--offline');
    expect(readFileSync(join(cli.root, 'index.js'), 'utf8')).toBe(
      "const { client } = require('sofa-mesh-sdk/compat');\n",
    );
    expect(manifestOf(cli.root).dependencies).toEqual({ 'sofa-mesh-sdk': `^${manifestOf(root).version}` });
  });

  test('has the version of the SDK, and its versions of what both use', () => {
    const [tool, sdk] = [manifestOf(at('packages/cli')), manifestOf(root)];
    expect(tool.version).toBe(sdk.version);
    const peer = 'node-zookeeper-client';
    expect(tool.dependencies?.[peer]).toBe(sdk.peerDependencies?.[peer]);
  });
});
