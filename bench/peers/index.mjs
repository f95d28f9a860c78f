// Who is measured. A peer module has `serve()` -> { port } and `connect(port, kind)` -> { call, check? }.
import { SELF } from '../lib/self.mjs';

/** In the order of the tables. */
export const peers = {
  'raw-coalesced': {
    title: 'raw `net` echo, coalesced',
    load: async () => (await import('./raw.mjs')).coalesced,
  },
  'raw-one-write': {
    title: 'raw `net` echo, one write a frame',
    load: async () => (await import('./raw.mjs')).oneWrite,
  },
  [SELF]: { title: 'sofa-mesh-sdk, everything on', load: () => import('./self.mjs') },
  compat: { title: 'sofa-mesh-sdk/compat', load: () => import('./compat.mjs') },
  'sofa-rpc-node': { title: 'sofa-rpc-node 2.10', load: () => import('./sofa-rpc-node.mjs') },
  'grpc-js': { title: '@grpc/grpc-js 1.14', load: () => import('./grpc.mjs') },
  java: { title: 'Java SOFARPC 5.13 to itself', jvm: true },
};
