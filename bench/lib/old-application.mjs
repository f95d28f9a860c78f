// An application as users of sofa-rpc-node write it: class maps on both sides, so that its compiled codec is used, nothing
// else on. It takes the library that it runs on.
import { classMap } from './class-map.mjs';
import { payloads, total } from './payloads.mjs';

const interfaceName = 'com.acme.bench.EchoService';

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };

/** @returns {{ serve(): Promise<{ port: number }>, connect(port: number, kind: string): Promise<object> }} a peer */
export function application({ client, RpcServer, serverOptions }) {
  return {
    async serve() {
      const rpc = new RpcServer({
        logger,
        port: 0,
        publishAddress: '127.0.0.1',
        classMap,
        ...serverOptions,
      });
      const methods = [{ name: 'order', returnType: 'com.acme.bench.Order' }];
      rpc.addService(
        { interfaceName, apiMeta: { methods, classMaps: classMap } },
        {
          async order(order) {
            return total(order);
          },
          async text(text) {
            return text;
          },
          async bytes(bytes) {
            return bytes;
          },
        },
      );
      await rpc.start();
      return { port: rpc.publishPort };
    },
    async connect(port, kind) {
      const { method, make } = payloads[kind];
      const { values, check } = make();
      // A class map that a consumer is given does not reach its connections.
      const rpc = new client.RpcClient({ logger, responseTimeout: 30_000, connectionOpts: { classMap } });
      const consumer = rpc.createConsumer({ interfaceName, serverHost: `127.0.0.1:${port}` });
      await consumer.ready();
      const args = values.map((value) => [
        kind === 'pojo' ? { $class: 'com.acme.bench.Order', $: value } : value,
      ]);
      return { call: (index) => consumer.invoke(method, args[index]), check };
    },
  };
}
