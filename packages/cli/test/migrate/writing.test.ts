import { chmodSync, lstatSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planOf } from '../../src/migrate/plan.js';
import { writeChanges } from '../../src/migrate/write.js';
import { TestApp } from './app.js';

const versions = { 'sofa-mesh-sdk': '^1.0.0', 'node-zookeeper-client': '1.0.0' };
const manifest = '{ "dependencies": { "sofa-mesh-sdk": "1" } }';
const user = "const { client } = require('sofa-rpc-node');\n";
const minified = `${'a(1);'.repeat(2_000)}${user}`;

test('without --write nothing is written, and the plan is told', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": { "sofa-rpc-node": "2" } }',
    'lib/a.js': user,
  });
  const before = app.all();
  const { out, exitCode } = await app.run('--offline');
  expect(app.all()).toEqual(before);
  expect(exitCode).toBe(0);
  expect(out.split('\n')).toEqual([
    'To change in 2 files, with --write:',
    "  lib/a.js:1:29  'sofa-rpc-node' -> 'sofa-mesh-sdk/compat'",
    expect.stringMatching(/^ {2}package\.json:1:21 {2}"sofa-rpc-node": "2" -> "sofa-mesh-sdk": "\^.*"$/),
    '',
    'Nothing needs a person.',
  ]);
});

test('with --write what was planned is written, and a second run changes nothing', async () => {
  const app = new TestApp({
    'package.json': '{ "dependencies": { "sofa-rpc-node": "2" } }',
    'lib/a.js': user,
    'b.js': '1\n',
  });
  const first = await app.run('--write', '--offline');
  expect(first.out).toMatch(/^Changed 2 files; now run npm install and the tests:\n/);
  expect(app.read('lib/a.js')).toBe("const { client } = require('sofa-mesh-sdk/compat');\n");
  const written = app.all();
  expect(Object.keys(written)).toEqual(['b.js', 'lib/a.js', 'package.json']);
  const second = await app.run('--write', '--offline');
  expect(second).toEqual({ exitCode: 0, out: 'Nothing to change.\n\nNothing needs a person.', err: '' });
  expect(app.all()).toEqual(written);
});

test('the exit code is 1 while something is left for a person, before and after writing', async () => {
  const app = new TestApp({ 'package.json': manifest, 'a.js': `${user}new client.GRpcClient();\n` });
  expect((await app.run('--offline')).exitCode).toBe(1);
  expect((await app.run('--offline', '--write')).exitCode).toBe(1);
  const { out, exitCode } = await app.run('--offline', '--write');
  expect(exitCode).toBe(1);
  expect(out).toContain('1 place needs a person:\n  a.js:2:12  grpc: GRpcClient throws');
});

test.each([
  [['--registry', 'nosuch://a'], 'has the scheme nosuch'],
  [['--nosuch'], 'Unknown option'],
])('a wrong use, %j, ends with 2', async (args, message) => {
  const { exitCode, err, out } = await new TestApp({ 'a.js': user }).run(...args);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toContain(message);
});

test('a folder that is not there, or no folder, is a wrong use', async () => {
  const app = new TestApp({ 'a.js': user });
  const file = join(app.root, 'a.js');
  Object.defineProperty(app, 'root', { value: file });
  expect(await app.run()).toMatchObject({ exitCode: 2, err: expect.stringContaining('is not a folder') });
  Object.defineProperty(app, 'root', { value: `${file}x` });
  expect(await app.run()).toMatchObject({ exitCode: 2, err: expect.stringContaining('no such file') });
});

test("what is not the app's own, or made from it, is not touched", async () => {
  const files = {
    ...Object.fromEntries(
      ['node_modules/a', 'sub/node_modules/a', 'dist', '.git', 'coverage'].map((folder) => [
        `${folder}/x.js`,
        user,
      ]),
    ),
    'package-lock.json': '{ "packages": { "node_modules/sofa-rpc-node": {} } }',
    'a.min.js': user,
    'b.js': minified,
    'c.txt': user,
  };
  const app = new TestApp({
    'd.js': user,
    'package.json': '{ "dependencies": { "sofa-mesh-sdk": "1" } }',
    ...files,
  });
  const { changes, skipped, needsPerson } = await app.json('--write', '--offline');
  expect(changes.map(({ file }) => file)).toEqual(['d.js']);
  expect(needsPerson).toEqual([]);
  expect(skipped.map(({ file }) => file)).toEqual(['a.min.js', 'b.js']);
  expect(app.all()).toMatchObject(files);
});

test('links are not followed', async () => {
  const app = new TestApp({ 'package.json': manifest });
  const other = new TestApp({ 'x.js': user });
  symlinkSync(other.root, join(app.root, 'folder'));
  symlinkSync(join(other.root, 'x.js'), join(app.root, 'x.js'));
  expect((await app.json('--write', '--offline')).changes).toEqual([]);
  expect(other.read('x.js')).toBe(user);
});

test('a file that is not UTF-8 is left as it is, and told', async () => {
  const latin1 = Buffer.from("// caf\xe9\nrequire('sofa-rpc-node');\n", 'latin1');
  const app = new TestApp({
    'package.json': manifest,
    'a.js': latin1,
    'b.js': Buffer.from('// caf\xe9', 'latin1'),
  });
  const { needsPerson, exitCode } = await app.json('--write', '--offline');
  expect(needsPerson).toMatchObject([
    { file: 'a.js', topic: 'file', message: expect.stringContaining('not UTF-8') },
  ]);
  expect(exitCode).toBe(1);
  expect(app.all()['a.js']).toBe(latin1.toString('latin1'));
});

test('the mode of a file stays', async () => {
  const app = new TestApp({ 'package.json': manifest, 'bin/a.js': `#!/usr/bin/env node\n${user}` });
  chmodSync(join(app.root, 'bin/a.js'), 0o750);
  await app.run('--write', '--offline');
  expect(app.read('bin/a.js')).toContain('sofa-mesh-sdk/compat');
  expect(lstatSync(join(app.root, 'bin/a.js')).mode & 0o777).toBe(0o750);
});

test('a file that somebody else writes in the meantime is left to them, and the others are written', async () => {
  const app = new TestApp({ 'package.json': manifest, 'a.js': user, 'b.js': user });
  const { files } = await planOf(app.root, versions);
  app.write('a.js', `${user}// mine\n`);
  const failed = await writeChanges(app.root, files);
  expect(failed).toMatchObject([
    { file: 'a.js', topic: 'file', message: expect.stringContaining('changed it in the meantime') },
  ]);
  expect(app.read('a.js')).toBe(`${user}// mine\n`);
  expect(app.read('b.js')).toContain('sofa-mesh-sdk/compat');
});

test('what fails while it is written leaves nothing behind, and the file as it was', async () => {
  const app = new TestApp({ 'package.json': manifest, 'lib/a.js': user });
  const { files } = await planOf(app.root, versions);
  const [change] = files;
  const twice = { ...change!, edits: [...change!.edits, ...change!.edits] };
  const failed = await writeChanges(app.root, [twice]);
  expect(failed).toMatchObject([{ topic: 'file', message: expect.stringContaining('two changes') }]);
  expect(app.all()).toEqual({ 'package.json': manifest, 'lib/a.js': user });
});

test('a file of the name that it is written under first is not ours to take', async () => {
  const app = new TestApp({ 'package.json': manifest, 'a.js': user });
  app.write(`.a.js.${process.pid}.sofa-mesh`, 'mine');
  const { needsPerson } = await app.json('--write', '--offline');
  expect(needsPerson).toMatchObject([{ file: 'a.js', message: expect.stringContaining('EEXIST') }]);
  expect(app.read(`.a.js.${process.pid}.sofa-mesh`)).toBe('mine');
  expect(app.read('a.js')).toBe(user);
});
