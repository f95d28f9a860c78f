import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import manifest from '../../../../package.json' with { type: 'json' };
import { systemClock } from '../../../../src/core/clock.js';
import { systemRandom } from '../../../../src/core/random.js';
import { checkRegistry, lookUp } from './look-up.js';
import { NEW_PACKAGE, type Versions, ZOOKEEPER_PACKAGE } from './names.js';
import { planOf } from './plan.js';
import { readinessOf } from './readiness.js';
import { type Report, reportJson, reportLines } from './report.js';
import { writeChanges } from './write.js';

export interface MigrateOptions {
  /** Without it, the plan is told and nothing is written. */
  readonly write: boolean;
  /** One JSON object instead of text. */
  readonly json: boolean;
  /** Asks no registry. */
  readonly offline: boolean;
  /** The registry to ask, in the place of those of the code. */
  readonly registry?: string;
}

const VERSIONS: Versions = {
  [NEW_PACKAGE]: `^${manifest.version}`,
  [ZOOKEEPER_PACKAGE]: manifest.peerDependencies[ZOOKEEPER_PACKAGE],
};
/** How long the registries are asked. Longer than a first connection to ZooKeeper may take, whose failure says more. */
const LOOK_UP_MS = 4_000;

/**
 * Moves the app in a folder from sofa-rpc-node to compat. Returns the exit code: 0 where nothing is left for a person,
 * 1 where something is.
 * @throws Error for a folder that is none, or a registry URL that cannot be read: a wrong use.
 */
export async function migrate(
  directory: string,
  { write, json, offline, registry }: MigrateOptions,
  print: (line: string) => void,
): Promise<number> {
  const root = resolve(directory);
  const env = { clock: systemClock, random: systemRandom };
  if (!(await stat(root)).isDirectory()) throw new Error(`${directory} is not a folder`);
  if (registry !== undefined) checkRegistry(registry, env);

  const plan = await planOf(root, VERSIONS);
  const failed = write ? await writeChanges(root, plan.files) : [];
  const findings = [...failed, ...plan.findings];
  const services = await readinessOf({
    uses: plan.services,
    contracts: plan.contracts,
    registries: plan.registries,
    registry,
    lookUp: offline ? undefined : lookUp({ ...env, timeoutMs: LOOK_UP_MS }),
  });
  const exitCode = findings.length === 0 ? 0 : 1;
  const report: Report = { directory, written: write, plan, findings, services, exitCode };
  if (json) print(JSON.stringify(reportJson(report), null, 2));
  else for (const line of reportLines(report)) print(line);
  return exitCode;
}
