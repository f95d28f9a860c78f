// What is sent. Each kind has at least 1,000 distinct values which take turns, and a check that reads a whole
// answer: a template that cached an answer would be found out.

/** A power of two, so that `call & MASK` picks a value. */
export const DISTINCT = 1024;
export const MASK = DISTINCT - 1;

/** The same numbers in every process (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function text(random, length, first = 0x61, range = 26) {
  const units = new Uint16Array(length);
  for (let i = 0; i < length; i++) units[i] = first + Math.floor(random() * range);
  let result = '';
  for (let i = 0; i < length; i += 8192) result += String.fromCharCode(...units.subarray(i, i + 8192));
  // A number parse flattens the rope, so that no codec pays for it.
  Number(result);
  return result;
}

const edge = (value) => value.length + value.charCodeAt(0) + value.charCodeAt(value.length - 1);

/** Reads nine fields; the server writes the result into the tenth, `total`. */
export const sum = (order) =>
  order.id +
  order.customerId +
  edge(order.sku) +
  edge(order.title) +
  edge(order.city) +
  order.quantity +
  order.status +
  order.price +
  (order.paid ? 1 : 0);

/** What every server does with an order. */
export function total(order) {
  order.total = sum(order);
  return order;
}

function order(random, i) {
  return {
    id: 1e12 + Math.floor(random() * 1e12),
    customerId: Math.floor(random() * 2 ** 30),
    sku: `SKU-${text(random, 8)}`,
    title: text(random, 12 + (i % 20)),
    city: text(random, 4 + (i % 8)),
    quantity: Math.floor(random() * 1000),
    status: i % 7,
    price: Math.floor(random() * 1e6) / 100,
    paid: i % 2 === 0,
    total: random(),
  };
}

export function orders(count = DISTINCT) {
  const random = numbers(1);
  return Array.from({ length: count }, (_, i) => order(random, i));
}

/** `count` texts of `length` UTF-16 units: ASCII letters, or common Chinese characters. */
export function texts(length, { cjk = false, count = DISTINCT } = {}) {
  const random = numbers(2);
  return Array.from({ length: count }, () =>
    cjk ? text(random, length, 0x4e00, 0x51a5) : text(random, length),
  );
}

/** Views at different places of one random block: 1,000 distinct megabytes without a gigabyte of memory. */
export function blocks(length, count = DISTINCT) {
  const random = numbers(3);
  const source = Buffer.allocUnsafe(length + count * 64);
  for (let i = 0; i < source.length; i++) source[i] = random() * 256;
  return Array.from({ length: count }, (_, i) => source.subarray(i * 64, i * 64 + length));
}

const sameText = (values) => (result, index) => result === values[index];
const sameBytes = (values) => (result, index) =>
  result.length === values[index].length && Buffer.compare(result, values[index]) === 0;

/** The payloads of the calls. `warm`: calls before anything is measured. */
export const payloads = {
  pojo: {
    method: 'order',
    title: 'ten-field POJO',
    concurrency: [1, 16, 128, 1024],
    warm: 15_000,
    make() {
      const values = orders();
      const expected = Float64Array.from(values, sum);
      return {
        values,
        check: (result, index) => result.total === expected[index] && sum(result) === expected[index],
      };
    },
  },
  '10KB': {
    method: 'text',
    title: '10 KB ASCII string',
    concurrency: [16],
    warm: 4000,
    make() {
      const values = texts(10 * 1024);
      return { values, check: sameText(values) };
    },
  },
  '1MB': {
    method: 'bytes',
    title: '1 MB byte[]',
    concurrency: [4],
    warm: 200,
    make() {
      const values = blocks(1024 * 1024);
      return { values, check: sameBytes(values) };
    },
  },
};
