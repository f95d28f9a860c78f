const encode = (value) => Buffer.from(JSON.stringify(value));
const decode = (bytes) => JSON.parse(bytes.toString());
const plain = { encode, decode };

export const codec = {
  pojo: plain,
  list: plain,
  ascii: plain,
  cjk: plain,
  // JSON has no bytes: base64 is what its users write.
  bytes: {
    encode: (bytes) => encode(bytes.toString('base64')),
    decode: (bytes) => Buffer.from(decode(bytes), 'base64'),
  },
};
