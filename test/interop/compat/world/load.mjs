import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** What may differ, and must be told with `why` and `expectNew`: each with what the new side does. */
export const DIFFERENCES = {
  scheduler: 'no scheduler and no circuit breaker that all clients of a process share',
  uncaught: 'no handlers of uncaught exceptions of the process',
  stack: 'no stack and no path of the server in its answers',
  'silent-ready': 'ready() of a registry that is down rejects',
  'unique-id': "a consumer's uniqueId is part of the service id",
  bind: 'the address that a server listens on is a choice',
  'heartbeat-ack': 'acks of heartbeats are waited for',
  'class-cast': 'the frame of a thrown error names the class that is in it',
};

const FOLDER = new URL('../scenarios/', import.meta.url);

/** All scenarios of scenarios/<group>-*.mjs, by file name and as written. @returns {Promise<import('./world.mjs').Scenario[]>} */
export async function loadScenarios() {
  const files = readdirSync(FOLDER)
    .filter((name) => /^[a-z]+-[\w-]+\.mjs$/.test(name))
    .sort();
  /** @type {import('./world.mjs').Scenario[]} */
  const scenarios = [];
  for (const file of files) {
    const { default: list } = await import(pathToFileURL(new URL(file, FOLDER).pathname).href);
    for (const scenario of list) scenarios.push(checked(scenario, file));
  }
  const ids = scenarios.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) throw new Error(`scenarios of the same id: ${twice.join(', ')}`);
  return scenarios;
}

/** @param {import('./world.mjs').Scenario} scenario @param {string} file */
function checked(scenario, file) {
  const { id, title, differs, why, expectNew } = scenario;
  const fault = (/** @type {string} */ text) => new Error(`${file}: ${id}: ${text}`);
  if (!/^[a-z]+\/[a-z0-9-]+$/.test(id)) throw fault('an id is <group>/<name>');
  if (!file.startsWith(`${id.split('/')[0]}-`)) throw fault('its file is <group>-*.mjs');
  if (!title) throw fault('no title');
  if ((differs !== undefined) !== (why !== undefined && expectNew !== undefined))
    throw fault('differs comes with why and expectNew');
  if (differs !== undefined && !(differs in DIFFERENCES)) throw fault(`no such difference: ${differs}`);
  return scenario;
}
