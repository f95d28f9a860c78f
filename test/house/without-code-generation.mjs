// Run by built.test.ts as `node --disallow-code-generation-from-strings <this> <dist> <js|cjs>`: the built package and
// nothing else. Prints one JSON object: what failed, and how much was tried.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const [dist, extension] = process.argv.slice(2);
const require = createRequire(import.meta.url);
/** @type {string[]} */
const failed = [];

/** @param {string} name */
function load(name) {
  const path = join(dist, `${name}.${extension}`);
  return extension === 'cjs' ? require(path) : import(pathToFileURL(path).href);
}

/** @param {string} name @returns {{ name: string, category: string, hex: string, fields: object }[]} */
function rowsOf(name) {
  const text = readFileSync(new URL(`../wire/fixtures/${name}`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** @param {string} name @param {() => unknown} actual @param {unknown} expected */
function expectEqual(name, actual, expected) {
  try {
    if (isDeepStrictEqual(actual(), expected)) return;
    failed.push(name);
  } catch (error) {
    failed.push(`${name}: ${error}`);
  }
}

/** Every Hessian vector, decoded losslessly and encoded again, is the bytes that Java wrote. */
async function hessianVectors() {
  const { decodeAll, encodeAll } = await load('hessian');
  let tried = 0;
  for (const grammar of ['sofa', 'final']) {
    for (const { name, hex } of rowsOf(`hessian-${grammar}.ndjson`)) {
      const again = () =>
        encodeAll(decodeAll(Buffer.from(hex, 'hex'), { grammar, lossless: true }), { grammar });
      expectEqual(`${grammar} ${name}`, () => again().toString('hex'), hex);
      tried++;
    }
  }
  return tried;
}

/** Every Bolt vector, through the command line, has the fields that Java wrote or is refused where Java refuses. */
function boltVectors() {
  const refused = JSON.parse(
    readFileSync(new URL('../wire/fixtures/expected.json', import.meta.url), 'utf8'),
  ).bolt;
  const rows = rowsOf('bolt.ndjson');
  const { stdout } = spawnSync(
    process.execPath,
    ['--disallow-code-generation-from-strings', join(dist, 'cli/cli.js'), 'decode'],
    { input: rows.map(({ hex }) => hex).join('\n'), encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const [index, { name, category, fields }] of rows.entries()) {
    // Of a frame that is whole, a body that cannot be read is an `error` beside its fields.
    const { body: _, code: __, error, ...decoded } = lines[index];
    if (refused[name]) expectEqual(name, () => typeof error, 'string');
    else
      expectEqual(name, () => ({ ...decoded, ...(category !== 'v1-error' && error && { error }) }), fields);
  }
  return rows.length;
}

/** A client and a server, a class that knows itself, an error of the contract: over a real socket. */
async function typedRoundTrip() {
  const { MeshClient, MeshServer, defineClass, defineError, defineService, t } = await load('index');
  const Person = defineClass('com.acme.Person', {
    id: t.long,
    name: t.String,
    get manager() {
      return Person;
    },
  });
  const NotFound = defineError('com.acme.NotFoundException', { id: t.long });
  const People = defineService('com.acme.PersonService', {
    save: { args: [Person], returns: Person },
    find: { args: [t.long], returns: Person, throws: [NotFound] },
  });
  const server = new MeshServer({ app: 'people', host: '127.0.0.1', port: 0 });
  server.add(People, {
    save: async (/** @type {object} */ person) => ({ id: 2n, name: 'boss', manager: person }),
    find: async (/** @type {bigint} */ id) => {
      throw new NotFound({ id, message: 'no such person' });
    },
  });
  const { port } = await server.start();
  const client = new MeshClient({ mode: 'direct', app: 'checkout', registry: `bolt://127.0.0.1:${port}` });
  const people = client.service(People);

  const saved = await people.save({ id: 1n, name: '世界' });
  expectEqual('typed round trip', () => [saved.id, saved.name, saved.manager.id, saved.manager.name], [
    2n,
    'boss',
    1n,
    '世界',
  ]);
  const error = await people.find(7n).catch((/** @type {unknown} */ thrown) => thrown);
  expectEqual('typed error', () => [error instanceof NotFound, error.id, error.message], [
    true,
    7n,
    'no such person',
  ]);
  await client.close();
  await server.stop();
}

try {
  new Function('return 1');
  failed.push('code generation is not forbidden in this process');
} catch {
  // As it should be.
}
const tried = { hessian: await hessianVectors(), bolt: boltVectors() };
await typedRoundTrip();
console.log(JSON.stringify({ failed, ...tried }));
