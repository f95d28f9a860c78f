/** What the providing application writes. Where it is announced is an option, or the environment's SOFA_MESH_MODE. */
import { MeshServer, type MeshServerOptions } from 'sofa-mesh-sdk';
import { Stock } from './contract.js';

export type Announced = Pick<MeshServerOptions, 'registry' | 'mode' | 'announce' | 'sidecar'>;

export async function startProvider(announced: Announced): Promise<MeshServer> {
  const server = new MeshServer({ app: 'stock', host: '127.0.0.1', port: 0, ...announced });
  let left = 100;
  server.add(Stock, {
    find: (name) => ({ name, left, askedAt: new Date() }),
    reserve: (_name, count) => {
      left -= count;
      return left;
    },
  });
  await server.start();
  return server;
}
