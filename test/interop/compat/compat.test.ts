// sofa-rpc-node against sofa-mesh-sdk/compat, scenario by scenario (world/world.mjs says how to write one). Each runs in a
// process of the old library and in one of the new; the results must be the same, or differ as the scenario tells.
// COMPARE=old,old compares the old one with itself: what differs then is the scenario's own doing. With FRESH=1 as well, the
// second one runs each scenario in a new process: what differs is what scenarios leave behind.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../../scripts/project.mjs';
import { SofaRpcNodePeer } from '../zookeeper/sofa-rpc-node-peer.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { Side, type SideName } from './side.js';
import { loadScenarios } from './world/load.mjs';

const [before, now] = (process.env.COMPARE ?? 'old,new').split(',') as SideName[];
const isSameTwice = before === now;
const scenarios = await loadScenarios();
const hasZooKeeper = ['java', 'mvn'].every((tool) => !spawnSync(tool, ['-version']).error);
let sides: Side[] = [];
let zookeeper: ZooKeeper | undefined;
let dist: string | undefined;

beforeAll(async () => {
  await SofaRpcNodePeer.install();
  const env: Record<string, string> = {};
  if (hasZooKeeper) {
    zookeeper = await ZooKeeper.start();
    env.COMPAT_ZOOKEEPER = zookeeper.address;
  } else {
    const left = scenarios.filter(({ needs }) => needs === 'zookeeper').length;
    console.warn(`java and mvn are not on the PATH: ${left} scenarios that need ZooKeeper are skipped.`);
  }
  if (before === 'new' || now === 'new') env.COMPAT_DIST = build();
  sides = [new Side(before, now, env), new Side(now, before, env, process.env.FRESH !== undefined)];
}, 600_000);

afterAll(async () => {
  await Promise.all(sides.map((side) => side.stop()));
  await zookeeper?.stop();
  if (dist !== undefined) rmSync(dist, { recursive: true, force: true });
});

test.for(scenarios.map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  { timeout: 60_000 },
  async ([, scenario], { skip }) => {
    const { title, needs, differs, expectNew } = scenario;
    skip(needs === 'zookeeper' && !hasZooKeeper, 'needs java and mvn for ZooKeeper');
    const [old, young] = await Promise.all(sides.map((side) => side.run(scenario)));
    expect(old.thrown, title).toBeUndefined();
    expect(young.thrown, title).toBeUndefined();
    if (differs === undefined || isSameTwice) {
      expect(young, title).toEqual(old);
    } else {
      expect(young, `${title}: differs (${differs})`).not.toEqual(old);
      expectNew?.(young.result, old.result);
    }
  },
);

/** What would be published, without its types: a stale dist/ would be compared for nothing. */
function build(): string {
  mkdirSync(join(root, 'temp'), { recursive: true });
  dist = mkdtempSync(join(root, 'temp/compat-'));
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tsup, '--no-dts', '--silent', '--out-dir', relative(root, dist)],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
  return dist;
}
