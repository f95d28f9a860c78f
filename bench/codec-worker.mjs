// One codec in a process of its own: `codec-worker.mjs <codec>`.
import { codecs } from './codecs/index.mjs';
import { codecPayloads } from './lib/codec-payloads.mjs';
import { MASK } from './lib/payloads.mjs';
import { serveCommands } from './lib/serve-commands.mjs';

const { codec } = await codecs[process.argv[2]].load();
let operations;

serveCommands({
  /** Makes the values and their bytes, and sees that each of them comes back. */
  prepare({ payload }) {
    const { encode, encodeInPlace, decode, prepare = (value) => value } = codec[payload];
    const { values, read } = codecPayloads[payload].make();
    const inputs = values.map(prepare);
    const bytes = inputs.map((input) => Buffer.from(encode(input)));
    bytes.forEach((encoded, index) => {
      if (!read(decode(encoded), index)) throw new Error(`${payload} ${index} does not come back as it was`);
    });
    operations = {
      encode(index) {
        if (encodeInPlace && index & 15) {
          if (encodeInPlace(inputs[index]) !== bytes[index].length)
            throw new Error(`encode: wrong length for ${payload} ${index}`);
          return;
        }
        const encoded = encode(inputs[index]);
        const right = index & 15 ? encoded.length === bytes[index].length : bytes[index].equals(encoded);
        if (!right) throw new Error(`encode: wrong bytes for ${payload} ${index}`);
      },
      decode(index) {
        if (!read(decode(bytes[index]), index))
          throw new Error(`decode: wrong value for ${payload} ${index}`);
      },
    };
  },
  warm({ operation, count, ms }) {
    const end = performance.now() + ms;
    for (let i = 0; i < count && performance.now() < end; i++) operations[operation](i & MASK);
  },
  run({ operation, ms }) {
    const operate = operations[operation];
    const end = performance.now() + ms;
    const before = process.cpuUsage();
    let count = 0;
    do {
      for (let i = 0; i < 32; i++) operate(count++ & MASK);
    } while (performance.now() < end);
    const { user, system } = process.cpuUsage(before);
    return { nanos: ((user + system) * 1000) / count };
  },
});
