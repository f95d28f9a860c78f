/**
 * An application leaves sofa-rpc-node in three steps: the import, the mesh, the contract.
 * Run: npx tsx examples/migrate-from-sofa-rpc-node/main.mjs [1-import|2-mesh|3-contract]
 * The first one, 0-before, needs sofa-rpc-node.
 */
import { MemoryRegistry } from './common.mjs';

const steps = process.argv.length > 2 ? process.argv.slice(2) : ['1-import', '2-mesh', '3-contract'];
for (const step of steps) {
  console.log(step);
  const { startProvider, startShop, visit } = await import(`./${step}/shop.mjs`);
  const sidecar = step === '2-mesh' ? await startSidecar() : undefined;
  const registry = new MemoryRegistry();
  const provider = await startProvider(registry);
  const { shop, stock } = await startShop(registry);
  await visit({ stock });
  if (sidecar !== undefined) await move({ shop, sidecar, visit: () => visit({ stock }) });
  await shop.close();
  await provider.close();
}
console.log('done');

/** In a container it is there; here the environment says where. */
async function startSidecar() {
  const { DevSidecar } = await import('sofa-mesh-sdk/testing');
  const sidecar = await DevSidecar.start();
  process.env.SOFA_MESH_API = sidecar.api;
  process.env.SOFA_MESH_EGRESS = sidecar.egress;
  return sidecar;
}

/** What operators do to a running shop, and what a sidecar may do. */
async function move({ shop, sidecar, visit }) {
  console.log('   policy   { services: { "*": { mesh: 100 } } }');
  shop.mesh.policy.set({ services: { '*': { mesh: 100 } } });
  await visit();
  const noticed = new Promise((resolve) => {
    shop.mesh.on('degraded', resolve);
  });
  await sidecar.close();
  await noticed;
  console.log('   sidecar  is gone');
  await visit();
}
