// docs/compat-scenarios.md: what is compared between sofa-rpc-node and sofa-mesh-sdk/compat, one line a scenario, from the
// scenarios themselves. `--check` writes nothing: the exit code says whether the file is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DIFFERENCES, loadScenarios } from '../test/interop/compat/world/load.mjs';
import { at, fail } from './project.mjs';

const FILE = 'docs/compat-scenarios.md';

/** What each group is about, in the order of the page. A group that is not here comes last, under its own name.
 * @type {Record<string, string>} */
const HEADINGS = {
  client: 'RpcClient',
  consumer: 'RpcConsumer and RpcRequest',
  middleware: 'Middleware',
  events: 'Events of clients and consumers',
  connection: 'RpcConnection and RpcConnectionMgr of a client',
  balancing: 'Addresses and balancers',
  registry: 'ZookeeperRegistry',
  server: 'RpcServer and its connections',
  service: 'RpcService',
  response: 'RpcResponse',
  request: 'The test helper',
  values: 'Values in requests and responses',
  classmap: 'Class maps',
  protobuf: 'Protobuf',
  bolt: 'The protocol object and its streams',
  mixed: 'Old and new, one calling the other',
};

/** @param {readonly import('../test/interop/compat/world/world.mjs').Scenario[]} scenarios */
export function scenariosPage(scenarios) {
  const groupOf = (/** @type {{ id: string }} */ { id }) => id.split('/')[0];
  const present = new Set(scenarios.map(groupOf));
  const names = [...new Set([...Object.keys(HEADINGS), ...present])].filter((name) => present.has(name));
  const different = scenarios.filter(({ differs }) => differs !== undefined);
  const meanings = Object.entries(DIFFERENCES)
    .filter(([name]) => different.some(({ differs }) => differs === name))
    .map(([name, meaning]) => `- \`${name}\`: ${plain(meaning)}`);
  const sections = names.map((name) => {
    const rows = scenarios.filter((scenario) => groupOf(scenario) === name).map(rowOf);
    return [
      `## ${HEADINGS[name] ?? name}: ${rows.length}`,
      '',
      '| scenario | what | difference |',
      '|---|---|---|',
      ...rows,
      '',
    ].join('\n');
  });
  return `${introOf(scenarios.length, different.length)}\n${meanings.join('\n')}\n\n${sections.join('\n')}`;
}

/** @param {number} count @param {number} different */
const introOf = (count, different) => `# Compared with sofa-rpc-node

Each line below is a program that is run twice: against sofa-rpc-node 2.10.0 and against \`sofa-mesh-sdk/compat\`. What it
returns, what it logs where that is compared, the bytes on the wire and what ends up in ZooKeeper must be the same. Of ${count}
scenarios, ${count - different} are the same; ${different} differ on purpose, and the last column says which difference of
[compat.md](compat.md) that is, and why.

\`npm run test:interop -- compat\` runs them; how to write one is told in \`test/interop/compat/world/world.mjs\`. This page is
made by \`node scripts/compat-docs.mjs\`.
`;

/** @param {import('../test/interop/compat/world/world.mjs').Scenario} scenario */
function rowOf({ id, title, differs, why }) {
  const difference = differs === undefined ? '' : `\`${differs}\`: ${plain(why)}`;
  return `| \`${id}\` | ${plain(title)} | ${difference} |`;
}

/** Markdown would take these for its own. @param {string | undefined} text */
const plain = (text = '') => text.replace(/[<>_*`\\|]/g, '\\$&');

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const page = scenariosPage(await loadScenarios());
  if (!process.argv.includes('--check')) writeFileSync(at(FILE), page);
  else if (readFileSync(at(FILE), 'utf8') !== page) fail(`${FILE} is old: run node scripts/compat-docs.mjs`);
}
