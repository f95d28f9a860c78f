// npm run check [-- [--fix] <tool> ..]: every tool that reads the code, one line each. No tool stops the next.
// --fix rewrites what a tool can rewrite: the format, and the API reports.
import { spawnSync } from 'node:child_process';
import { ensureInstalled, fail, root } from './project.mjs';

const fix = process.argv.includes('--fix');
const chosen = process.argv.slice(2).filter((arg) => arg !== '--fix');

/** What each tool is for, and the command that runs it. `build` comes first: the later ones read dist/.
 * @type {Record<string, string>} */
const tools = {
  build: 'tsup --silent',
  'build-cli': 'npm run build --workspace sofa-mesh --silent -- --silent',
  types: 'tsc -p tsconfig.json',
  'types-emitted-esm': 'tsc -p test/types-emitted/tsconfig.esm.json',
  'types-emitted-cjs': 'tsc -p test/types-emitted/tsconfig.cjs.json',
  biome: `biome check --error-on-warnings${fix ? ' --write' : ''}`,
  ladder: 'depcruise --output-type err src packages/*/src',
  knip: 'knip',
  api: `node scripts/api.mjs${fix ? ' --fix' : ''}`,
  publint: 'publint --strict',
  // Without attw: it has no module to import, so no types.
  'publint-cli': 'publint --strict packages/cli',
  attw: 'attw --pack . --profile node16',
};

ensureInstalled();
const unknown = chosen.filter((name) => !(name in tools));
if (unknown.length > 0)
  fail(`No such tool: ${unknown.join(', ')}. There are: ${Object.keys(tools).join(', ')}.`);

const results = Object.entries(tools)
  .filter(([name]) => chosen.length === 0 || chosen.includes(name))
  .map(([name, command]) => run(name, command));

const failures = results.filter((passed) => !passed).length;
console.log(`${results.length - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;

/** @param {string} name @param {string} command @returns {boolean} passed */
function run(name, command) {
  const started = performance.now();
  const { status, stdout } = spawnSync(`${command} 2>&1`, {
    cwd: root,
    shell: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  const passed = status === 0;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(18)} ${seconds.padStart(5)} s  ${command}`);
  if (!passed) console.log(stdout.trimEnd().replace(/^/gm, '      '));
  return passed;
}
