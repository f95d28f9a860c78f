// A registry of ZooKeeper as the scenarios use it.
import { ECHO } from './services.mjs';

/** The registry of that library, ready, closed at the end. @param {import('./world.mjs').World} w @param {string} address
 * @param {any} [options] @param {any} [lib] */
export async function openRegistry(w, address, options, lib = w.lib) {
  const registry = new lib.registry.ZookeeperRegistry({ logger: w.logger, address, ...options });
  w.after(() => registry.close());
  await registry.ready();
  return registry;
}

/** Every list that a subscription hears. @param {any} registry @param {any} config */
export function heard(registry, config) {
  /** @type {string[][]} */
  const lists = [];
  registry.subscribe(config, (/** @type {string[]} */ list) => lists.push([...list].sort()));
  return lists;
}

/** @param {import('./world.mjs').World} w @param {string[][]} lists @param {number} size */
export const untilSize = (w, lists, size) =>
  w.until(() => lists.at(-1)?.length === size, `a list of ${size}, not ${JSON.stringify(lists)}`);

/** Waits until so many providers are there: register() resolves before. @param {import('./world.mjs').World} w
 * @param {string} address @param {number} count */
export const published = (w, address, count) =>
  w.until(async () => {
    const { length } = await (await w.zkAdmin(address)).children(`/${ECHO}/providers`);
    return length === count;
  }, `${count} providers`);

export const provider = (/** @type {number} */ index, query = '') =>
  `bolt://10.0.0.${index}:12200?version=1.0&group=SOFA&interface=${ECHO}${query}`;
export const config = { interfaceName: ECHO, version: '1.0', group: 'SOFA' };
