// npm run test:interop [-- <part> ..] [<vitest arguments>]: the tests against real peers.
// A part is a folder of test/interop: `npm run test:interop -- java`.
import { ensureInstalled, fail, node, requireTools } from './project.mjs';

/** What a part needs beside Node.
 * @type {Record<string, string[]>} */
const tools = {
  java: ['java', 'mvn'],
  zookeeper: ['java', 'mvn', 'go'],
  mosn: ['java', 'mvn', 'go'],
  // Its ZooKeeper needs java and mvn; without them the scenarios that need it are skipped.
  compat: [],
};
const parts = Object.keys(tools);
const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('-'));
const unknown = names.filter((name) => !parts.includes(name));
if (unknown.length > 0) fail(`No such part: ${unknown.join(', ')}. There are: ${parts.join(', ')}.`);

const chosen = names.length > 0 ? names : parts;
requireTools('npm run test:interop', [...new Set(chosen.flatMap((name) => tools[name]))]);
ensureInstalled();
process.exitCode = await node([
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config=vitest.interop.config.ts',
  ...chosen.map((name) => `test/interop/${name}/`),
  ...args.filter((arg) => arg.startsWith('-')),
]);
