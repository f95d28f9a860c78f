// Which codecs are measured. A codec module exports `codec`: for each payload
// { encode(input) -> bytes, decode(bytes) -> value, prepare?(value) -> the input it takes,
//   encodeInPlace?(input) -> length: what is measured instead of encode }.
import { SELF } from '../lib/self.mjs';

export const codecs = {
  [SELF]: { title: 'sofa-mesh-sdk', load: () => import('./self.mjs') },
  'sofa-mesh-sdk-copied': {
    title: 'the same, copied out',
    encodeOnly: true,
    load: async () => ({ codec: (await import('./self.mjs')).copied }),
  },
  'hessian.js': { title: 'hessian.js 2.11', load: () => import('./hessian-js.mjs') },
  'sofa-hessian-node': { title: 'sofa-hessian-node 2.2', load: () => import('./sofa-hessian-node.mjs') },
  JSON: { title: 'JSON, to and from bytes', load: () => import('./json.mjs') },
  protobufjs: { title: 'protobufjs 8.8', load: () => import('./protobufjs.mjs') },
};
