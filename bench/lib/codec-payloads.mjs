// What the codecs are given, and how every decoded value is read. At least 1,000 distinct values each.
import { blocks, DISTINCT, orders, sum, texts } from './payloads.mjs';

const LIST = 100;
const sumOf = (list) => {
  let all = 0;
  for (let i = 0; i < list.length; i++) all += sum(list[i]) + list[i].total;
  return all;
};

/** `warm`: operations before anything is measured. `read` answers whether the value is the one with this index. */
export const codecPayloads = {
  pojo: {
    title: 'ten-field POJO',
    warm: 15_000,
    make() {
      const values = orders();
      const expected = Float64Array.from(values, (order) => sum(order) + order.total);
      return { values, read: (value, index) => sum(value) + value.total === expected[index] };
    },
  },
  list: {
    title: 'list of 100 POJOs',
    warm: 2000,
    make() {
      const all = orders(DISTINCT + LIST);
      const values = Array.from({ length: DISTINCT }, (_, i) => all.slice(i, i + LIST));
      const expected = Float64Array.from(values, sumOf);
      return { values, read: (value, index) => value.length === LIST && sumOf(value) === expected[index] };
    },
  },
  ascii: { title: '10 KB ASCII string', warm: 4000, make: () => text(texts(10 * 1024)) },
  // Three bytes a character: 10 KB as well.
  cjk: { title: '10 KB CJK string', warm: 4000, make: () => text(texts(3413, { cjk: true })) },
  bytes: {
    title: '10 KB byte[]',
    warm: 4000,
    make() {
      const values = blocks(10 * 1024);
      return { values, read: (value, index) => Buffer.compare(value, values[index]) === 0 };
    },
  },
};

const text = (values) => ({ values, read: (value, index) => value === values[index] });
