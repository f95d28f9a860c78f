// hessian.js writes the final grammar; it has no class maps, so an object is given its class by hand.
import { createRequire } from 'node:module';

const hessian = createRequire(import.meta.url)('hessian.js');

const typed = (order) => ({ $class: 'com.acme.bench.Order', $: order });
const plain = {
  encode: (value) => hessian.encode(value, '2.0'),
  decode: (bytes) => hessian.decode(bytes, '2.0'),
};

export const codec = {
  pojo: { ...plain, prepare: typed },
  list: { ...plain, prepare: (orders) => orders.map(typed) },
  ascii: plain,
  cjk: plain,
  bytes: plain,
};
