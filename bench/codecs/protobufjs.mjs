// With types from a .proto file; int64 as number, as all the others here read a long.
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

protobuf.util.Long = null;
protobuf.configure();
const root = protobuf.loadSync(fileURLToPath(new URL('../peers/echo.proto', import.meta.url)));

function message(name, prepare, read) {
  const type = root.lookupType(`com.acme.bench.${name}`);
  const decode = (bytes) => type.decode(bytes);
  return {
    encode: (value) => type.encode(value).finish(),
    decode: read ? (bytes) => read(decode(bytes)) : decode,
    prepare,
  };
}

const value = (inner) => ({ value: inner });
const inner = (outer) => outer.value;

export const codec = {
  pojo: message('OrderMessage'),
  list: message(
    'OrderList',
    (orders) => ({ orders }),
    (outer) => outer.orders,
  ),
  ascii: message('TextMessage', value, inner),
  cjk: message('TextMessage', value, inner),
  bytes: message('BytesMessage', value, inner),
};
