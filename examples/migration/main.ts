/**
 * An application on its way from the framework to the mesh, in the five steps of the README, with the policy files that
 * its operators would roll out. Run: npx tsx examples/migration/main.ts
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Sidecar } from 'sofa-mesh-sdk';
import { DevRegistry, DevSidecar } from 'sofa-mesh-sdk/testing';
import { startConsumer } from './consumer.js';
import { Stock } from './contract.js';
import { startProvider } from './provider.js';

// The surroundings, with Node alone: in your network a registry such as ZooKeeper, and a real sidecar beside each process.
const registry = new DevRegistry();
const besideConsumer = await DevSidecar.start({ registry });
await besideConsumer.kill(); // not there yet
const folder = mkdtempSync(join(tmpdir(), 'migration-'));
const policy = join(folder, 'mesh-policy.json');

title('1. The library, direct', 'Rollback: the framework that was there before; both speak the same bytes.');
copyFileSync(policyFile('1-direct.json'), policy);
let provider = await startProvider({ registry, mode: 'direct' });
const { api, egress } = besideConsumer;
const { mesh, close } = startConsumer({ registry, api, egress, policy });
const stock = mesh.service(Stock);
await calls(20);

title('2. A sidecar is there, and gets no calls', 'Rollback: stop the sidecar, or 1-direct.json.');
await besideConsumer.start();
await edit('2-sidecar.json');
await until(() => mesh.status().sidecar.share === 1);
await calls(20);
for (const reason of mesh.status().sidecar.reasons) console.log(`   found    ${reason}`);

title('3. One percent, compared and guarded', 'Rollback: 2-sidecar.json; the guard does it by itself.');
await edit('3-one-percent.json');
await calls(400);
const { comparison } = mesh.status().services[0];
console.log(`   compared ${comparison?.compared}: different ${comparison?.different}`);

title('4. A quarter, then all of them', 'Rollback: the file of the step before, in force within a second.');
await edit('4-quarter.json');
await calls(400);
await edit('4-all.json');
await calls(20);
console.log(`\n${mesh.status()}\n`);

title('5. The provider moves', 'Rollback: announce in the registry again; callers find it either way.');
// Instance by instance, as any deployment: the next one is there before the last one goes.
const pods = await Promise.all([DevSidecar.start({ registry }), DevSidecar.start({ registry })]);
const [first, second] = pods.map((pod) => new Sidecar({ app: 'stock', api: pod.api, egress: pod.egress }));
const both = await startProvider({ registry, announce: 'both', sidecar: first });
await provider.stop();
provider = both;
console.log(`   told     ${provider.health().mode}: the registry and the sidecar`);
await calls(20);
const atSidecar = await startProvider({ mode: 'mesh', sidecar: second });
await provider.stop();
provider = atSidecar;
console.log(`   told     ${provider.health().mode}: the sidecar alone`);
await edit('5-mesh.json'); // the consumer's registry is not needed any more, either
await calls(20);

await close();
await provider.stop();
await Promise.all([first.close(), second.close()]);
for (const sidecar of [besideConsumer, ...pods]) await sidecar.close();
rmSync(folder, { recursive: true });
console.log('\ndone');

/** Calls, and which way they went. */
async function calls(count: number): Promise<void> {
  const ways = { mesh: 0, direct: 0, fallback: 0 };
  let why = '';
  for (let call = 0; call < count; call++) {
    const { reply } =
      call % 10 === 9 ? await stock.reserve.withReply('pen', 1) : await stock.find.withReply('pen');
    ways[reply.path]++;
    why = reply.reason;
  }
  console.log(
    `   calls    ${ways.mesh} mesh, ${ways.direct} direct, ${ways.fallback} fallback; the last one: ${why}`,
  );
}

/** What an operator does: puts another file in the place of the last. Resolves when it is in force. */
async function edit(name: string): Promise<void> {
  const document = JSON.parse(readFileSync(policyFile(name), 'utf8'));
  console.log(`   policy   ${JSON.stringify(document)}`);
  copyFileSync(policyFile(name), policy);
  await until(() => isDeepStrictEqual(mesh.policy.document, document));
}

function policyFile(name: string): string {
  return fileURLToPath(new URL(`policies/${name}`, import.meta.url));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

function title(step: string, rollback: string): void {
  console.log(`\n${step}\n   ${rollback}`);
}
