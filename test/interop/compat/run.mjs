// One side of the comparison, in a process of its own: `run.mjs <old|new> [<other side>]`, driven by lines of JSON
// (test/support/line-process.ts): {id, scenario} in, {id, value} out. With ids of scenarios (or how they start) as further
// arguments it runs those, prints what they return, and ends: `node test/interop/compat/run.mjs old consumer/`.
// The real ZooKeeper is where COMPAT_ZOOKEEPER says.
import net from 'node:net';
import { createInterface } from 'node:readline';
import { format, inspect } from 'node:util';
import { loadScenarios } from './world/load.mjs';
import { World } from './world/world.mjs';

/** @typedef {import('./world/world.mjs').Side} Side */
const [side, ...rest] = process.argv.slice(2);
const isByHand = rest.some((arg) => arg !== 'old' && arg !== 'new');
const otherSide = /** @type {Side} */ (rest[0] === 'old' || rest[0] === 'new' ? rest[0] : side);
const zookeeper = process.env.COMPAT_ZOOKEEPER;
const scenarios = await loadScenarios();
/** Standard output is for the answers: a logger that the predecessor brings along writes there. */
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
/** The scenario that runs. @type {World | undefined} */
let world;

stayOnLoopback();
for (const level of /** @type {const} */ (['log', 'info', 'warn', 'error', 'debug'])) {
  console[level] = (...args) => {
    if (world === undefined) process.stderr.write(`${format(...args)}\n`);
    else world.console.push([level, world.mask.text(format(...args))]);
  };
}
// To be compared. The predecessor, once a server of its runs, ends the process some time after.
process.on('uncaughtException', (error) => world?.uncaught.push(world.plain(error)));
process.on('unhandledRejection', (error) => world?.uncaught.push(world.plain(error)));

if (isByHand) {
  const chosen = rest.filter((arg) => arg !== 'old' && arg !== 'new');
  for (const { id } of scenarios.filter((one) => chosen.some((start) => one.id.startsWith(start)))) {
    const started = performance.now();
    const value = await Promise.race([
      run(id),
      new Promise((resolve) => setTimeout(resolve, 15_000, 'hangs')),
    ]);
    const shown = inspect(value, { depth: 12, breakLength: 120, maxArrayLength: 1_000 });
    say(`${id} (${Math.round(performance.now() - started)} ms) ${shown}\n`);
  }
  process.exit();
}

const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit());
lines.on('line', async (line) => {
  const { id, scenario } = JSON.parse(line);
  say(`${JSON.stringify({ id, value: await run(scenario) })}\n`);
});
say(`${JSON.stringify({ ready: true })}\n`);

/** @param {string} id @returns {Promise<{ result?: unknown, thrown?: unknown, uncaught?: unknown[], skipped?: string }>} */
async function run(id) {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) return { thrown: `no scenario ${id}` };
  if (scenario.needs === 'zookeeper' && zookeeper === undefined) return { skipped: 'no ZooKeeper' };
  /** @type {World} */
  let own;
  try {
    own = new World(/** @type {Side} */ (side), otherSide, zookeeper);
  } catch (error) {
    return { thrown: `the library cannot be loaded: ${error}` };
  }
  world = own;
  /** @type {any} */
  const answer = {};
  try {
    answer.result = own.plain(await scenario.run(own));
  } catch (error) {
    answer.thrown = own.plain(error);
    if (isByHand) process.stderr.write(`${format(error)}\n`);
  }
  await own.end();
  if (own.uncaught.length > 0) answer.uncaught = own.uncaught;
  world = undefined;
  return answer;
}

/** Servers that name no host listen on 127.0.0.1 alone, and their ports get a name. */
function stayOnLoopback() {
  const { listen } = net.Server.prototype;
  /** @this {any} @param {any[]} args */
  function listenOnLoopback(...args) {
    this.once('listening', () => world?.mask.port(this.address().port));
    const [first, second] = args;
    if (typeof first === 'number' && typeof second !== 'string') args.splice(1, 0, '127.0.0.1');
    else if (first !== null && typeof first === 'object' && first.port !== undefined)
      args[0] = { ...first, host: '127.0.0.1' };
    return Reflect.apply(listen, this, args);
  }
  net.Server.prototype.listen = /** @type {any} */ (listenOnLoopback);
}
