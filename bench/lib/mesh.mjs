// What it costs that calls may go through a sidecar, and what it costs when they do. Interleaved.
import { spawnSync } from 'node:child_process';
import { buildSidecar } from '../../scripts/sidecar-build.mjs';
import { measurePairs } from './pairs.mjs';

/** By the names in peers/mesh.mjs. `over`: the case that it is held against. */
const cases = [
  { name: 'mode-direct', title: 'direct, mode direct' },
  { name: 'policy-off', title: 'direct, mode auto, a sidecar there, 0 % by policy', over: 'mode-direct' },
  { name: 'policy-on', title: 'direct, the policy on: 0.1 % through the sidecar', over: 'mode-direct' },
  { name: 'policy-guarded', title: 'the same with a guard', over: 'mode-direct' },
  {
    name: 'through-mosn',
    title: 'through MOSN (its own CPU not counted)',
    over: 'mode-direct',
    needsGo: true,
  },
];

/**
 * CPU microseconds a call, and the latency. The cases differ by less than the machine's moods: many short turns instead of
 * few long ones.
 */
export async function measureMesh({ rounds, ms, ...rest }) {
  const run = { ...rest, rounds: rounds * 8, ms: ms / 5 };
  const hasGo = spawnSync('go', ['version'], { stdio: 'ignore' }).error === undefined;
  if (hasGo) process.env.BENCH_SIDECAR = await buildSidecar(run.log);
  else run.log('MOSN was left out: it needs Go');
  return measurePairs(
    'mesh',
    cases.filter(({ needsGo }) => hasGo || !needsGo),
    run,
  );
}

/** What a case costs more than the one it is held against, as a part of that. */
export function meshOverhead(mesh, name) {
  const one = mesh?.find((other) => other.name === name);
  const base = mesh?.find((other) => other.name === one?.over);
  return base && one.cpuMicros / base.cpuMicros - 1;
}
