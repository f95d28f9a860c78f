// With class maps and the compiled decoder's cache, as sofa-rpc-node uses it.
import { createRequire } from 'node:module';
import { classMap } from '../lib/class-map.mjs';

const hessian = createRequire(import.meta.url)('sofa-hessian-node');

const classCache = new Map();
classCache.enableCompile = true;
const decode = (bytes) => hessian.decode(bytes, '2.0', { classCache });
const plain = { encode: (value) => hessian.encode(value, '2.0'), decode };
const mapped = (value) => hessian.encode(value, '2.0', classMap);

export const codec = {
  pojo: { encode: mapped, decode, prepare: (order) => ({ $class: 'com.acme.bench.Order', $: order }) },
  list: {
    encode: mapped,
    decode,
    prepare: (orders) => ({
      $class: 'java.util.ArrayList',
      generic: [{ type: 'com.acme.bench.Order' }],
      $: orders,
    }),
  },
  ascii: plain,
  cjk: plain,
  bytes: plain,
};
